"""Whoever hangs up, at whatever instant: the caller is with a person, at the front of the line, being asked, or promised (I5)."""

from __future__ import annotations

import pytest

from ivr.cli.demo.stage import Stage
from ivr.domain.records.agent import AgentState
from ivr.domain.records.agent_leg import LegResult, LegState
from ivr.domain.records.contact import ContactState, Outcome
from ivr.domain.records.promise import PromiseKind
from tests.stories.calls.hanging_up import PATIENT, in_the_middle_of
from tests.stories.people import (
    BRIDGED,
    DIANE,
    HANG_UP,
    LORI,
    TAKES_IT,
    VICKI,
    contacts,
    listen,
    pause,
    press,
    promises,
    texts_to,
    wraps_up,
)
from tests.stories.watch import (
    Seen,
    agent,
    available,
    contact_is,
    fault,
    hangs_up,
    live_legs,
    offered,
    offers,
    play,
    reach,
    state_of,
    to_the_end,
    together,
    was_told,
)

KEPT_WAITING = "we could not answer in time"


def test_a_caller_who_leaves_in_the_menu_left_early_and_nothing_is_owed(stage: Stage) -> None:
    stage.call_line(LORI, PATIENT)
    reach(stage, in_the_middle_of("For bookings", LORI))
    hangs_up(stage, LORI)
    assert to_the_end(stage).outcome is Outcome.LEFT_EARLY
    assert promises(stage) == []
    assert texts_to(stage, LORI) == []


def test_a_caller_who_leaves_while_waiting_is_owed_a_call_and_told_so_by_text(stage: Stage) -> None:
    stage.call_line(LORI, PATIENT)
    reach(stage, contact_is(ContactState.WAITING))
    play(stage, 20)
    hangs_up(stage, LORI)
    assert to_the_end(stage).outcome is Outcome.PROMISED
    (owed,) = promises(stage)
    assert (owed.kind, owed.number) == (PromiseKind.CALLBACK, LORI)
    (text,) = texts_to(stage, LORI)
    assert KEPT_WAITING in text


@pytest.mark.parametrize(
    "moment",
    [
        offered("Diane", LegState.RINGING),
        in_the_middle_of("Press 1 to hear it", DIANE),
        in_the_middle_of("Press 1 to take it", DIANE),
    ],
    ids=["while the agent's phone rings", "at the knock", "during the brief"],
)
def test_a_caller_who_leaves_while_an_agent_is_asked_is_owed_a_call_and_the_agent_is_not_kept(
    stage: Stage, moment: Seen
) -> None:
    stage.add_agent("Diane", DIANE, [listen("to hear it"), pause(2), press("1"), pause(60)])
    stage.call_line(LORI, PATIENT)
    reach(stage, moment)
    stage.set_agent_state("Diane", AgentState.AWAY)  # or she would be rung for the callback at once
    hangs_up(stage, LORI)
    play(stage, 20)
    assert contacts(stage)[0].outcome is Outcome.PROMISED, state_of(stage)
    assert offers(stage)[0].result is LegResult.CANCELLED
    assert live_legs(stage, DIANE) == [], state_of(stage)
    assert KEPT_WAITING in texts_to(stage, LORI)[0]


def test_an_agent_who_accepts_a_caller_gone_that_instant_is_told_and_freed(stage: Stage) -> None:
    """The redirect of an ended call is 21220: the caller is already gone, a fact and not a crash."""
    stage.add_agent("Diane", DIANE, [*TAKES_IT])
    stage.call_line(LORI, PATIENT)
    reach(stage, in_the_middle_of("Press 1 to take it", DIANE))
    stage.set_agent_state("Diane", AgentState.AWAY)
    fault(stage, "callback", "late", "/voice/(status|left)", seconds=20)
    hangs_up(stage, LORI)
    play(stage, 30)
    contact = contacts(stage)[0]
    assert contact.outcome is Outcome.PROMISED, state_of(stage)
    reach(
        stage, lambda s: was_told(s, DIANE, "caller has just left"), 10
    )  # she is free in the record before it is said
    assert agent(stage, "Diane").state is AgentState.AWAY
    assert len(promises(stage)) == 1


def test_a_caller_who_leaves_on_the_way_to_the_room_is_owed_a_call(stage: Stage) -> None:
    stage.add_agent("Diane", DIANE, [*TAKES_IT])
    stage.call_line(LORI, PATIENT)
    reach(stage, in_the_middle_of("Press 1 to take it", DIANE))
    fault(stage, "webhook", "hang_up", "/voice/resume/")
    contact = to_the_end(stage, 60)
    assert contact.outcome is Outcome.PROMISED, state_of(stage)
    reach(
        stage, lambda s: was_told(s, DIANE, "caller has just left"), 10
    )  # she is free in the record before it is said
    assert KEPT_WAITING in texts_to(stage, LORI)[0]


def test_a_caller_who_leaves_in_the_talk_is_what_the_agent_says_they_were(stage: Stage) -> None:
    stage.add_agent("Diane", DIANE, [*TAKES_IT, *wraps_up()])
    stage.call_line(LORI, [BRIDGED, pause(20), HANG_UP])
    assert to_the_end(stage).outcome is Outcome.HELPED
    assert available(stage, "Diane")


def test_a_caller_who_leaves_on_hold_is_asked_about_and_not_forgotten(stage: Stage) -> None:
    stage.add_agent("Diane", DIANE, [*TAKES_IT, pause(5), press("*"), *wraps_up(word="4")])
    stage.call_line(LORI, PATIENT)
    reach(stage, contact_is(ContactState.ON_HOLD))
    stage.set_agent_state("Diane", AgentState.AWAY)
    play(stage, 3)
    hangs_up(stage, LORI)
    contact = to_the_end(stage)
    assert (contact.outcome, contact.disposition) == (Outcome.PROMISED, "more")
    assert KEPT_WAITING in texts_to(stage, LORI)[0] or promises(stage)


def test_a_caller_who_leaves_in_the_consult_sets_both_agents_free(stage: Stage) -> None:
    stage.add_agent(
        "Diane",
        DIANE,
        [
            *TAKES_IT,
            pause(5),
            press("*"),
            listen("2 for a colleague"),
            press("2"),
            listen("extension"),
            press("102#"),
            *wraps_up(),
        ],
    )
    stage.add_agent("Vicki", VICKI, [*TAKES_IT, listen("Say what you understood", 300), press("1")])
    stage.set_agent_state("Vicki", AgentState.AWAY)
    stage.call_line(LORI, PATIENT)
    reach(stage, contact_is(ContactState.TALKING))
    stage.set_agent_state("Vicki")
    reach(stage, together(DIANE, VICKI))
    hangs_up(stage, LORI)
    play(stage, 6)
    assert was_told(stage, DIANE, "How did it end"), state_of(stage)
    assert to_the_end(stage).outcome is Outcome.HELPED
    assert available(stage, "Diane", "Vicki")


def test_a_caller_who_leaves_while_a_colleague_rings_stops_that_ringing(stage: Stage) -> None:
    stage.add_agent(
        "Diane",
        DIANE,
        [
            *TAKES_IT,
            pause(5),
            press("*"),
            listen("2 for a colleague"),
            press("2"),
            listen("extension"),
            press("102#"),
            *wraps_up(),
        ],
    )
    stage.add_agent("Vicki", VICKI, [])
    stage.set_phone(VICKI, name="Vicki", answers=False)
    stage.set_agent_state("Vicki", AgentState.AWAY)
    stage.call_line(LORI, PATIENT)
    reach(stage, contact_is(ContactState.TALKING))
    stage.set_agent_state("Vicki")
    reach(stage, offered("Vicki", LegState.RINGING))
    hangs_up(stage, LORI)
    play(stage, 6)
    assert live_legs(stage, VICKI) == []
    assert available(stage, "Vicki")
    assert to_the_end(stage).outcome is Outcome.HELPED


def test_a_caller_who_leaves_the_three_way_ends_it_for_both_agents(stage: Stage) -> None:
    stage.add_agent(
        "Diane",
        DIANE,
        [
            *TAKES_IT,
            pause(5),
            press("*"),
            listen("2 for a colleague"),
            press("2"),
            listen("extension"),
            press("102#"),
            BRIDGED,
            pause(3),
            press("*"),
            listen("1 to introduce"),
            press("1"),
            *wraps_up(),
        ],
    )
    stage.add_agent("Vicki", VICKI, [*TAKES_IT, listen("Say what you understood", 300), press("1")])
    stage.set_agent_state("Vicki", AgentState.AWAY)
    stage.call_line(LORI, PATIENT)
    reach(stage, contact_is(ContactState.TALKING))
    stage.set_agent_state("Vicki")
    reach(stage, together(DIANE, VICKI, LORI))
    hangs_up(stage, LORI)
    play(stage, 6)
    assert was_told(stage, DIANE, "How did it end"), state_of(stage)
    assert to_the_end(stage).outcome is Outcome.HELPED
    assert available(stage, "Diane", "Vicki")
