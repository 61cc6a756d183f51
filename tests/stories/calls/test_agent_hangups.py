"""The agent leaves: while rung, in the brief, in the talk, in the menu and in a consult."""

from __future__ import annotations

import pytest

from ivr.cli.demo.stage import Stage
from ivr.domain.records.agent import AgentState
from ivr.domain.records.agent_leg import LegResult, LegState
from ivr.domain.records.contact import ContactState, Outcome
from tests.stories.calls.hanging_up import PATIENT, in_the_middle_of
from tests.stories.people import (
    BRIDGED,
    DANIELLE,
    DIANE,
    HANG_UP,
    LORI,
    TAKES_IT,
    VICKI,
    listen,
    pause,
    press,
    wraps_up,
)
from tests.stories.watch import (
    agent,
    available,
    contact_is,
    fault,
    hangs_up,
    offered,
    offers,
    play,
    reach,
    state_of,
    talking,
    to_the_end,
    together,
    was_told,
)


def test_an_agent_who_lets_it_ring_is_passed_over_and_away_after_two(stage: Stage) -> None:
    stage.add_agent("Diane", DIANE, [])
    stage.set_phone(DIANE, name="Diane", answers=False)
    stage.call_line(LORI, PATIENT)
    reach(stage, offered("Diane", LegState.RINGING))
    stage.add_agent("Vicki", VICKI, [*TAKES_IT, *wraps_up()])
    reach(stage, together(LORI, VICKI))
    assert offers(stage)[0].result is LegResult.UNANSWERED
    assert agent(stage, "Diane").unanswered == 1
    hangs_up(stage, LORI)
    to_the_end(stage)
    stage.set_agent_state("Vicki", AgentState.AWAY)
    stage.call_line("+12025550156", PATIENT)
    reach(stage, lambda s: agent(s, "Diane").state is AgentState.AWAY)


def test_an_agent_who_declines_is_thanked_and_the_next_is_asked(stage: Stage) -> None:
    stage.add_agent("Diane", DIANE, [listen("to hear it"), press("1"), listen("2 to pass"), press("2")])
    stage.call_line(LORI, [BRIDGED, pause(5), HANG_UP])
    reach(stage, offered("Diane", LegState.BRIEFING))
    stage.add_agent("Vicki", VICKI, [*TAKES_IT, *wraps_up()])
    assert to_the_end(stage).outcome is Outcome.HELPED
    assert [o.result for o in offers(stage)] == [LegResult.DECLINED, LegResult.ACCEPTED]
    assert was_told(stage, DIANE, "I pass it on")


@pytest.mark.parametrize("words", ["Press 1 to hear it", "Press 1 to take it"], ids=["knock", "brief"])
def test_an_agent_who_hangs_up_during_the_brief_is_replaced_by_the_next(stage: Stage, words: str) -> None:
    stage.add_agent("Diane", DIANE, [listen("to hear it"), pause(1), press("1"), pause(60)])
    stage.call_line(LORI, [BRIDGED, pause(5), HANG_UP])
    reach(stage, in_the_middle_of(words, DIANE))
    stage.add_agent("Vicki", VICKI, [*TAKES_IT, *wraps_up()])
    hangs_up(stage, DIANE)
    assert to_the_end(stage).outcome is Outcome.HELPED
    assert offers(stage)[0].result is not LegResult.ACCEPTED
    assert offers(stage)[-1].agent == "vicki"


def test_an_agent_lost_before_the_caller_came_sends_the_caller_to_the_front_with_a_word(stage: Stage) -> None:
    stage.add_agent("Diane", DIANE, [*TAKES_IT])
    stage.call_line(LORI, [BRIDGED, pause(5), HANG_UP])
    reach(stage, in_the_middle_of("Press 1 to take it", DIANE))
    stage.set_agent_state("Diane", AgentState.AWAY)
    fault(stage, "webhook", "hang_up", "/voice/agent/[^/]*/2")
    fault(stage, "callback", "late", "/voice/agent-status", seconds=1)  # her yes is heard before that
    reach(stage, offered("Diane", LegState.ACCEPTED, LegState.ENDED))
    stage.add_agent("Vicki", VICKI, [*TAKES_IT, *wraps_up()])
    assert to_the_end(stage).outcome is Outcome.HELPED, state_of(stage)
    assert was_told(stage, LORI, "The connection to my colleague broke"), state_of(stage)
    assert offers(stage)[-1].agent == "vicki"


def test_an_agent_who_hangs_up_in_the_talk_leaves_the_caller_asked_and_one_leads_to_the_front(
    stage: Stage,
) -> None:
    stage.add_agent("Diane", DIANE, [*TAKES_IT, pause(10), HANG_UP])
    stage.call_line(LORI, [BRIDGED, listen("Is there anything else"), press("1"), BRIDGED, pause(5), HANG_UP])
    reach(stage, talking)
    stage.set_agent_state("Diane", AgentState.AWAY)
    stage.add_agent("Vicki", VICKI, [*TAKES_IT, *wraps_up()])
    stage.set_agent_state("Vicki", AgentState.AWAY)
    reach(stage, contact_is(ContactState.WAITING))
    stage.set_agent_state("Vicki")
    contact = to_the_end(stage)
    assert (contact.outcome, contact.disposition) == (Outcome.HELPED, "helped")
    assert agent(stage, "Diane").state is AgentState.AWAY, (
        "she is not kept in the wrap-up of a call that went on"
    )
    assert offers(stage)[-1].agent == "vicki"


def test_a_caller_whose_agent_left_may_stay_and_says_goodbye_first(stage: Stage) -> None:
    stage.add_agent("Diane", DIANE, [*TAKES_IT, pause(10), HANG_UP])
    stage.call_line(LORI, [BRIDGED, listen("How was it"), press("5"), pause(60)])
    reach(stage, talking)
    stage.set_phone(DIANE, name="Diane", script=[listen("Press 1 to tell me"), press("1"), *wraps_up()])
    contact = to_the_end(stage)
    assert (contact.outcome, contact.after_call.rating) == (Outcome.HELPED, 5)
    assert was_told(stage, LORI, "All the best, and goodbye")
    assert available(stage, "Diane")


def test_an_agent_who_hangs_up_in_the_star_menu_sends_the_caller_to_the_front(stage: Stage) -> None:
    stage.add_agent("Diane", DIANE, [*TAKES_IT, pause(5), press("*"), listen("3 for the next"), HANG_UP])
    stage.call_line(LORI, [BRIDGED, listen("Please hold"), BRIDGED, pause(5), HANG_UP])
    reach(stage, contact_is(ContactState.ON_HOLD))
    stage.set_agent_state("Diane", AgentState.AWAY)
    stage.add_agent("Vicki", VICKI, [*TAKES_IT, *wraps_up()])
    assert to_the_end(stage).outcome is Outcome.HELPED
    assert was_told(stage, LORI, "The connection to my colleague broke"), state_of(stage)


@pytest.mark.parametrize("accepted", [True, False], ids=["who accepted", "whose phone rings"])
def test_an_agent_who_hangs_up_in_a_consult_leaves_the_caller_to_the_colleague_or_the_front(
    stage: Stage, accepted: bool
) -> None:
    consults = [press("*"), listen("2 for a colleague"), press("2"), listen("extension"), press("102#")]
    stage.add_agent("Diane", DIANE, [*TAKES_IT, pause(5), *consults])
    stage.add_agent("Vicki", VICKI, [*TAKES_IT, *wraps_up()])
    stage.set_agent_state("Vicki", AgentState.AWAY)
    stage.call_line(LORI, PATIENT)
    reach(stage, talking)
    stage.set_agent_state("Vicki")
    stage.set_agent_state("Diane", AgentState.AWAY)
    reach(stage, together(DIANE, VICKI) if accepted else offered("Vicki", LegState.RINGING))
    hangs_up(stage, DIANE)
    reach(stage, together(LORI, VICKI), 60)
    play(stage, 20)
    assert together(LORI, VICKI)(stage)
    hangs_up(stage, LORI)
    assert to_the_end(stage).outcome is Outcome.HELPED
    assert len(offers(stage)) == (2 if accepted else 3)


def test_two_agents_lost_one_after_the_other_lose_no_caller(stage: Stage) -> None:
    stage.add_agent("Diane", DIANE, [*TAKES_IT, pause(3), HANG_UP])
    stage.call_line(
        LORI, [*([BRIDGED, listen("Is there anything else"), press("1")] * 2), BRIDGED, pause(5), HANG_UP]
    )
    reach(stage, talking)
    stage.set_agent_state("Diane", AgentState.AWAY)
    stage.add_agent("Vicki", VICKI, [*TAKES_IT, pause(3), HANG_UP])
    reach(stage, together(LORI, VICKI))
    stage.set_agent_state("Vicki", AgentState.AWAY)
    stage.add_agent("Danielle", DANIELLE, [*TAKES_IT, *wraps_up()])
    assert to_the_end(stage).outcome is Outcome.HELPED
