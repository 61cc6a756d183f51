"""Agent to agent by phone keys: the caller is never handed to nobody, and nobody's leaving strands them."""

from __future__ import annotations

import pytest

from ivr.cli.demo.stage import Stage
from ivr.domain.records.agent import AgentState
from ivr.domain.records.agent_leg import LegState
from ivr.domain.records.contact import ContactState, Outcome
from ivr.usecases.customers import case_thread
from tests.stories.agents.two_agents import ASKS_VICKI, ONLY_A_NOTE, two_agents
from tests.stories.people import (
    BRIDGED,
    DIANE,
    HANG_UP,
    LORI,
    TAKES_IT,
    VICKI,
    Script,
    contacts,
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
    live_legs,
    offered,
    play,
    presses,
    reach,
    state_of,
    to_the_end,
    together,
    was_told,
)


@pytest.mark.parametrize("leaver", [LORI, VICKI], ids=["the caller", "the colleague"])
def test_after_the_introduction_two_remain_and_whoever_leaves_ends_the_room(
    stage: Stage, leaver: str
) -> None:
    first = [*ASKS_VICKI, BRIDGED, pause(3), press("*"), listen("1 to introduce"), press("1")]
    two_agents(stage, [*first, BRIDGED, pause(10), press("*"), *ONLY_A_NOTE], [*TAKES_IT, *wraps_up()])
    reach(stage, together(DIANE, VICKI, LORI))
    reach(stage, together(VICKI, LORI))
    play(stage, 5)
    hangs_up(stage, leaver)
    if leaver == LORI:
        reach(stage, lambda s: was_told(s, VICKI, "How did it end"), 4)
    else:
        stage.set_phone(VICKI, name="Vicki", script=[listen("Press 1 to tell"), press("1"), *wraps_up()])
        reach(stage, lambda s: was_told(s, LORI, "Is there anything else"), 10)
        hangs_up(stage, LORI)
    assert to_the_end(stage).outcome is Outcome.HELPED
    assert contacts(stage)[0].disposition == "helped"
    assert available(stage, "Vicki")


def test_a_first_agent_who_hangs_up_in_the_three_way_leaves_the_two_talking(stage: Stage) -> None:
    first = [*ASKS_VICKI, BRIDGED, pause(3), press("*"), listen("1 to introduce"), press("1")]
    two_agents(stage, first, [*TAKES_IT, *wraps_up()])
    reach(stage, together(DIANE, VICKI, LORI))
    hangs_up(stage, DIANE)
    reach(stage, together(VICKI, LORI), 5)
    play(stage, 65)
    assert together(VICKI, LORI)(stage)
    hangs_up(stage, LORI)
    assert to_the_end(stage).outcome is Outcome.HELPED
    assert agent(stage, "Diane").state is AgentState.AWAY, "she owes no word: the call went on"


def test_a_colleague_who_hangs_up_in_the_three_way_leaves_the_first_with_the_caller(stage: Stage) -> None:
    first = [*ASKS_VICKI, BRIDGED, pause(3), press("*"), listen("1 to introduce"), press("1")]
    two_agents(stage, [*first, *wraps_up()], TAKES_IT)
    reach(stage, together(DIANE, VICKI, LORI))
    hangs_up(stage, VICKI)
    reach(stage, together(DIANE, LORI), 5)
    play(stage, 5)
    hangs_up(stage, LORI)
    assert to_the_end(stage).outcome is Outcome.HELPED
    assert available(stage, "Vicki")


def test_the_notes_of_the_first_are_in_the_case_and_the_caller_is_asked_after_the_second(
    stage: Stage,
) -> None:
    first = [*ASKS_VICKI, BRIDGED, pause(3), press("*"), listen("3 to leave"), press("3"), *ONLY_A_NOTE]
    two_agents(stage, first, [*TAKES_IT, BRIDGED, pause(60), *wraps_up("She flies on Friday")])
    reach(stage, together(VICKI, LORI))
    play(stage, 30)
    hangs_up(stage, LORI)
    contact = to_the_end(stage)
    assert contact.outcome is Outcome.HELPED
    words = [line.get("words") for line in case_thread.get_thread(stage.services, contact.case)]
    assert "Her suitcase is in Denver" in words
    assert "She flies on Friday" in words


def test_star_right_after_being_left_together_holds_the_caller_with_a_word(stage: Stage) -> None:
    """The room does not end yet when one of the last two leaves it; the caller is sent for."""
    first = [*ASKS_VICKI, BRIDGED, pause(3), press("*"), listen("3 to leave"), press("3"), *ONLY_A_NOTE]
    two_agents(stage, first, [*TAKES_IT, pause(60)])
    reach(stage, together(VICKI, LORI))
    presses(stage, VICKI, "*")
    reach(stage, contact_is(ContactState.ON_HOLD), 6)
    reach(stage, lambda s: was_told(s, VICKI, "5 if you are done"), 20)
    presses(stage, VICKI, "4")
    reach(stage, together(VICKI, LORI), 10)
    hangs_up(stage, LORI)
    to_the_end(stage)


def test_cancelling_a_consult_brings_the_first_agent_back_alone(stage: Stage) -> None:
    first = [*ASKS_VICKI, BRIDGED, pause(3), press("*"), listen("2 to go back"), press("2"), *wraps_up()]
    two_agents(stage, first, TAKES_IT)
    reach(stage, together(DIANE, VICKI))
    reach(stage, together(DIANE, LORI))
    assert was_told(stage, DIANE, "You are back with the caller")
    play(stage, 10)
    assert live_legs(stage, VICKI) == []
    assert available(stage, "Vicki")
    hangs_up(stage, LORI)
    assert to_the_end(stage).outcome is Outcome.HELPED


@pytest.mark.parametrize(
    "vicki",
    [
        {"script": [listen("to hear it"), press("1"), listen("2 to pass"), press("2")]},
        {"script": [], "answers": False},
        {"script": [listen("to hear it"), HANG_UP]},
        {"script": [listen("to hear it"), press("1"), listen("Press 1 to take it"), HANG_UP]},
        {"script": [], "busy": True},
    ],
    ids=["declines", "does not answer", "hangs up at the knock", "hangs up in the brief", "busy"],
)
def test_a_target_who_does_not_come_leaves_the_caller_with_the_first_agent(
    stage: Stage, vicki: dict[str, object]
) -> None:
    told_so: Script = [listen("cannot take it"), BRIDGED, pause(10), *wraps_up()]
    script = vicki.pop("script")
    assert isinstance(script, list)
    two_agents(stage, [*ASKS_VICKI, *told_so], script, **vicki)
    reach(stage, contact_is(ContactState.ON_HOLD))
    reach(stage, together(DIANE, LORI))
    assert was_told(stage, DIANE, "Vicki cannot take it now"), state_of(stage)
    play(stage, 15)
    hangs_up(stage, LORI)
    assert to_the_end(stage).outcome is Outcome.HELPED


def test_a_target_who_hangs_up_in_the_consult_sends_the_first_agent_to_the_menu(stage: Stage) -> None:
    two_agents(stage, [*ASKS_VICKI, BRIDGED, listen("5 if you are done"), press("4"), *wraps_up()], TAKES_IT)
    reach(stage, together(DIANE, VICKI))
    hangs_up(stage, VICKI)
    reach(stage, together(DIANE, LORI), 20)
    hangs_up(stage, LORI)
    assert to_the_end(stage).outcome is Outcome.HELPED
    assert available(stage, "Vicki")


def test_a_target_who_accepts_as_the_first_agent_leaves_has_the_caller_or_is_told(stage: Stage) -> None:
    two_agents(stage, ASKS_VICKI, [*TAKES_IT, *wraps_up()])
    reach(stage, offered("Vicki", LegState.BRIEFING))
    fault(stage, "callback", "late", "/voice/agent-status/", seconds=3)
    fault(stage, "webhook", "late", "/voice/agent-left/", seconds=3)
    reach(stage, lambda s: any("to take it" in leg["hears"]["detail"] for leg in live_legs(s, VICKI)))
    hangs_up(stage, DIANE)
    reach(stage, together(VICKI, LORI), 60)
    hangs_up(stage, LORI)
    assert to_the_end(stage).outcome is Outcome.HELPED


@pytest.mark.parametrize("what", ["error", "drop", "lose_response", "rate_limit"])
def test_a_warm_transfer_survives_a_rest_request_that_fails_in_the_middle(stage: Stage, what: str) -> None:
    first = [*ASKS_VICKI, BRIDGED, pause(3), press("*"), listen("1 to introduce"), press("1")]
    two_agents(stage, [*first, BRIDGED, pause(10), press("*"), *ONLY_A_NOTE], [*TAKES_IT, *wraps_up()])
    reach(stage, contact_is(ContactState.ON_HOLD))
    fault(stage, "rest", what, "Participants|Calls/CA", times=2)
    reach(stage, together(DIANE, VICKI, LORI))
    reach(stage, together(VICKI, LORI))
    fault(stage, "rest", what, "Participants|Calls/CA", times=2)
    play(stage, 15)
    hangs_up(stage, LORI)
    assert to_the_end(stage).outcome is Outcome.HELPED


@pytest.mark.parametrize("what", ["drop", "late", "twice", "reorder"])
def test_a_warm_transfer_survives_events_that_are_lost_late_doubled_or_out_of_order(
    stage: Stage, what: str
) -> None:
    first = [*ASKS_VICKI, BRIDGED, pause(3), press("*"), listen("1 to introduce"), press("1")]
    two_agents(stage, [*first, BRIDGED, pause(10), press("*"), *ONLY_A_NOTE], [*TAKES_IT, *wraps_up()])
    fault(stage, "callback", what, "/voice/", times=-1, seconds=4)
    reach(stage, together(DIANE, VICKI, LORI))
    reach(stage, together(VICKI, LORI))
    play(stage, 10)
    hangs_up(stage, LORI)
    assert to_the_end(stage).outcome is Outcome.HELPED
