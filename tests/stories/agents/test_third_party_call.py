"""Calls to others about a case: the agent's phone first, then theirs; the thread tells that it was so."""

from __future__ import annotations

import pytest

from ivr.cli.demo.stage import Stage
from ivr.domain.actor import Actor, Channel
from ivr.domain.errors import CalorError
from ivr.domain.records.agent import AgentState
from ivr.usecases.agents import persistent_leg, third_party_call
from ivr.usecases.cases import edit as case_edit
from ivr.usecases.customers import case_thread
from tests.stories.people import DIANE, LORI, listen, pause, press
from tests.stories.watch import agent, hangs_up, live_legs, play, presses, reach, was_told

AIRPORT = "+12025550177"
BY_DIANE = Actor(id="diane", channel=Channel.PAGE)


@pytest.fixture
def case(stage: Stage) -> str:
    stage.add_agent("Diane", DIANE, [listen("Press 1"), press("1"), pause(3000)])
    return case_edit.open_case(stage.services, LORI, "A lost suitcase", actor=BY_DIANE).id


def told_of(stage: Stage, case: str) -> list[tuple[str, str]]:
    thread = case_thread.get_thread(stage.services, case)
    return [(e["kind"], e.get("how", "")) for e in thread if e["kind"].startswith("third")]


def talks(stage: Stage) -> bool:
    return any(leg["to"] == AIRPORT and leg["status"] == "in-progress" for leg in live_legs(stage))


def test_the_other_is_rung_and_the_thread_tells_of_it(stage: Stage, case: str) -> None:
    stage.set_phone(AIRPORT, script=[pause(3000)])
    third_party_call.start(stage.services, case, AIRPORT, BY_DIANE)
    reach(stage, talks, 40)
    assert was_told(stage, DIANE, "Your call to 2 0 2, 5 5 5, 0 1 7 7")
    assert agent(stage, "Diane").state is AgentState.ON_CALL
    play(stage, 20)
    hangs_up(stage, DIANE)
    reach(stage, lambda s: agent(s, "Diane").state is AgentState.AVAILABLE, 20)
    assert told_of(stage, case)[0] == ("third", "")
    assert len(told_of(stage, case)) == 2


def test_nobody_answers_and_the_agent_hears_so_and_is_free(stage: Stage, case: str) -> None:
    stage.set_phone(AIRPORT, answers=False)
    third_party_call.start(stage.services, case, AIRPORT, BY_DIANE)
    reach(stage, lambda s: was_told(s, DIANE, "They did not answer"), 120)
    reach(stage, lambda s: agent(s, "Diane").state is AgentState.AVAILABLE, 20)
    assert told_of(stage, case) == [("third", ""), ("third-over", "no answer")]


def test_over_the_leg_that_stays_on_the_line(stage: Stage, case: str) -> None:
    stage.set_phone(AIRPORT, script=[pause(3000)])
    persistent_leg.start(stage.services, "diane", BY_DIANE)
    reach(stage, lambda s: was_told(s, DIANE, "You are on the line"), 30)
    third_party_call.start(stage.services, case, AIRPORT, BY_DIANE)
    reach(stage, talks, 10)
    presses(stage, DIANE, "*")
    reach(stage, lambda s: agent(s, "Diane").state is AgentState.AVAILABLE, 20)
    assert len(live_legs(stage, DIANE)) == 1
    assert told_of(stage, case) == [("third", ""), ("third-over", "completed")]


@pytest.mark.parametrize("number", ["", "911", "1234", "+1900555", "<script>"])
def test_what_may_not_be_rung_is_refused_with_words(stage: Stage, case: str, number: str) -> None:
    with pytest.raises(CalorError):
        third_party_call.start(stage.services, case, number, BY_DIANE)
    assert agent(stage, "Diane").state is AgentState.AVAILABLE


def test_not_in_a_call(stage: Stage, case: str) -> None:
    stage.set_phone(AIRPORT, script=[pause(3000)])
    third_party_call.start(stage.services, case, AIRPORT, BY_DIANE)
    with pytest.raises(CalorError, match="Finish your call"):
        third_party_call.start(stage.services, case, AIRPORT, BY_DIANE)
