"""The network is late, loses things, and says them twice."""

from __future__ import annotations

import pytest

from ivr.cli.demo.stage import Stage
from ivr.domain.records.agent import AgentState
from ivr.domain.records.agent_leg import LegState
from ivr.domain.records.contact import ContactState, Outcome
from tests.stories.calls.hanging_up import PATIENT
from tests.stories.people import (
    BRIDGED,
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
    available,
    contact_is,
    fault,
    hangs_up,
    offered,
    play,
    presses,
    reach,
    state_of,
    talking,
    to_the_end,
    together,
)


@pytest.mark.parametrize("what", ["drop", "error", "lose_response", "rate_limit"])
def test_a_caller_whose_push_was_lost_is_in_the_room_within_ten_seconds(stage: Stage, what: str) -> None:
    """The wait comes back to us at least every 10 s, and there the caller is sent to the room."""
    stage.add_agent("Diane", DIANE, [*TAKES_IT, *wraps_up()])
    stage.call_line(LORI, PATIENT)
    reach(stage, offered("Diane", LegState.BRIEFING))
    fault(stage, "rest", what, "Calls/CA", times=3 if what != "lose_response" else 1)
    reach(stage, contact_is(ContactState.TALKING))
    begun = stage.now
    reach(stage, together(LORI, DIANE), 15)
    assert stage.now - begun <= 10
    hangs_up(stage, LORI)
    assert to_the_end(stage).outcome is Outcome.HELPED


@pytest.mark.parametrize("what", ["drop", "late", "twice", "reorder"])
def test_a_talk_ends_well_whatever_happens_to_the_rooms_events(stage: Stage, what: str) -> None:
    stage.add_agent("Diane", DIANE, [*TAKES_IT, *wraps_up()])
    fault(stage, "callback", what, "/voice/conference-events/", times=-1, seconds=3)
    stage.call_line(LORI, [BRIDGED, pause(30), HANG_UP])
    contact = to_the_end(stage)
    assert (contact.outcome, contact.disposition) == (Outcome.HELPED, "helped"), state_of(stage)
    assert available(stage, "Diane")


@pytest.mark.parametrize("what", ["drop", "late", "twice", "reorder"])
def test_a_caller_whose_agent_left_is_asked_whatever_happens_to_the_events(stage: Stage, what: str) -> None:
    stage.add_agent("Diane", DIANE, [*TAKES_IT, pause(10), HANG_UP])
    fault(stage, "callback", what, "/voice/", times=-1, seconds=8)
    stage.call_line(LORI, [BRIDGED, listen("Is there anything else"), press("1"), BRIDGED, pause(5), HANG_UP])
    reach(stage, together(LORI, DIANE))
    stage.set_agent_state("Diane", AgentState.AWAY)
    stage.add_agent("Vicki", VICKI, [*TAKES_IT, *wraps_up()])
    assert to_the_end(stage).outcome is Outcome.HELPED


def test_late_statuses_of_a_finished_ring_change_nothing_in_the_talk(stage: Stage) -> None:
    stage.add_agent("Diane", DIANE, [*TAKES_IT, *wraps_up()])
    fault(stage, "callback", "late", "/voice/agent-status/", times=3, seconds=20)
    fault(stage, "callback", "twice", "/voice/agent-status/", times=-1)
    stage.call_line(LORI, [BRIDGED, pause(40), HANG_UP])
    reach(stage, talking)
    play(stage, 25)
    assert together(LORI, DIANE)(stage)
    assert to_the_end(stage).outcome is Outcome.HELPED


def test_an_agents_key_that_comes_too_late_changes_nothing(stage: Stage) -> None:
    stage.add_agent("Diane", DIANE, [*TAKES_IT, *wraps_up()])
    stage.call_line(LORI, [BRIDGED, pause(20), HANG_UP])
    reach(stage, talking)
    presses(stage, DIANE, "2")
    play(stage, 3)
    assert together(LORI, DIANE)(stage)
    assert to_the_end(stage).outcome is Outcome.HELPED
