"""At the desk: a colleague is consulted, or the caller is handed on."""

from __future__ import annotations

import pytest

from ivr.cli.demo.stage import Stage
from ivr.domain.records.agent import AgentState
from ivr.domain.records.agent_leg import LegState
from ivr.domain.records.contact import ContactState
from ivr.domain.records.customer import Customer
from ivr.usecases.customers import case_thread
from ivr.usecases.desk import actions as desk_actions
from ivr.usecases.desk.guards import ActionNotPossible
from ivr.usecases.desk.targets import Target, TargetKind
from tests.stories.agents.desk_playing import asked, shown, someone, talking
from tests.stories.people import (
    AT_DESK,
    DANIELLE,
    DIANE,
    LORI,
    TAKES_IT,
    VICKI,
    contacts,
    pause,
)
from tests.stories.watch import (
    agent,
    hangs_up,
    live_legs,
    offered,
    play,
    presses,
    reach,
    together,
    was_told,
)

SUPERVISOR = Target(kind=TargetKind.SUPERVISOR)


def consulting(stage: Stage) -> None:
    """Diane is with Vicki, Lori is held."""
    talking(stage, "Vicki")
    desk_actions.consult(stage.services, "diane", someone("vicki"), "She needs a refund")
    reach(stage, offered("Vicki", LegState.RINGING))
    desk_actions.accept(stage.services, "vicki", asked(stage, "vicki"))
    reach(stage, together(DIANE, VICKI))
    assert contacts(stage)[0].state is ContactState.ON_HOLD


def test_a_colleague_is_asked_introduced_and_left_with_the_caller(stage: Stage) -> None:
    consulting(stage)
    desk_actions.introduce(stage.services, "diane")
    reach(stage, together(DIANE, VICKI, LORI), 5)
    desk_actions.complete_transfer(stage.services, "diane")
    reach(stage, together(VICKI, LORI), 5)
    play(stage, 3)
    hangs_up(stage, VICKI)
    reach(stage, lambda s: was_told(s, LORI, "Is there anything else"), 30)


def test_a_colleague_can_be_left_with_the_caller_without_a_talk_of_three(stage: Stage) -> None:
    consulting(stage)
    desk_actions.complete_transfer(stage.services, "diane")
    reach(stage, together(VICKI, LORI), 10)
    assert contacts(stage)[0].transfers == 1


def test_a_consult_is_called_off_and_the_caller_is_back(stage: Stage) -> None:
    consulting(stage)
    desk_actions.return_to_caller(stage.services, "diane")
    reach(stage, together(DIANE, LORI), 5)
    reach(stage, lambda s: not live_legs(s, VICKI), 10)
    assert agent(stage, "Vicki").state is AgentState.AVAILABLE


def test_the_colleague_reads_and_hears_who_asks_and_why(stage: Stage) -> None:
    talking(stage, "Vicki")
    desk_actions.save_note_draft(stage.services, "diane", "Her suitcase is in Denver")
    desk_actions.consult(stage.services, "diane", someone("vicki"), "She needs a refund")
    reach(stage, lambda s: was_told(s, VICKI, "to hear it"))
    presses(stage, VICKI, "1")
    reach(stage, lambda s: was_told(s, VICKI, "She needs a refund"), 20)


def test_with_nobody_free_the_caller_is_not_disturbed(stage: Stage) -> None:
    talking(stage)
    with pytest.raises(ActionNotPossible, match="free"):
        desk_actions.consult(stage.services, "diane", SUPERVISOR)
    assert together(DIANE, LORI)(stage)
    assert contacts(stage)[0].state is ContactState.TALKING


def test_a_colleague_who_passes_leaves_the_first_with_the_caller(stage: Stage) -> None:
    talking(stage, "Vicki")
    desk_actions.consult(stage.services, "diane", someone("vicki"))
    reach(stage, offered("Vicki", LegState.BRIEFING))
    desk_actions.decline(stage.services, "vicki", asked(stage, "vicki"))
    reach(stage, together(DIANE, LORI), 15)


def test_only_the_first_agent_steers(stage: Stage) -> None:
    consulting(stage)
    for click in (
        desk_actions.hold,
        desk_actions.return_to_caller,
        desk_actions.introduce,
        desk_actions.complete_transfer,
        desk_actions.finish_talk,
    ):
        with pytest.raises(ActionNotPossible, match="colleague's to steer"):
            click(stage.services, "vicki")


def test_handed_on_to_a_line_the_next_person_takes_the_caller_first(stage: Stage) -> None:
    talking(stage, "Vicki")
    desk_actions.blind_transfer(
        stage.services, "diane", Target(kind=TargetKind.QUEUE, name="bookings"), "She wants another flight"
    )
    reach(stage, lambda s: was_told(s, VICKI, "to hear it"), 20)
    assert contacts(stage)[0].queue_place.name == "bookings"
    desk_actions.accept(stage.services, "vicki", asked(stage, "vicki"))
    reach(stage, together(VICKI, LORI), 10)
    reach(stage, lambda s: was_told(s, DIANE, "Say what you understood"), 30)


def test_handed_on_to_a_colleague_who_passes_the_caller_stands_in_front(stage: Stage) -> None:
    talking(stage, "Vicki")
    desk_actions.blind_transfer(stage.services, "diane", someone("vicki"))
    reach(stage, offered("Vicki", LegState.RINGING))
    stage.add_agent("Danielle", DANIELLE, [*TAKES_IT, pause(300)])
    desk_actions.decline(stage.services, "vicki", asked(stage, "vicki"))
    reach(stage, together(DANIELLE, LORI), 30)


def test_handed_on_to_somebody_who_is_not_free_is_refused_and_nothing_happens(stage: Stage) -> None:
    talking(stage)
    stage.add_agent("Vicki", VICKI, AT_DESK)
    stage.set_agent_state("Vicki", AgentState.AWAY)
    with pytest.raises(ActionNotPossible, match="not free"):
        desk_actions.blind_transfer(stage.services, "diane", someone("vicki"))
    assert together(DIANE, LORI)(stage)


def test_handed_on_to_the_supervisors(stage: Stage) -> None:
    talking(stage, "Vicki", "Danielle")
    desk_actions.blind_transfer(stage.services, "diane", SUPERVISOR)
    reach(stage, offered("Danielle", LegState.RINGING))
    assert not live_legs(stage, VICKI)


def test_a_note_typed_in_the_talk_is_kept_whatever_ends_it(stage: Stage) -> None:
    talking(stage)
    desk_actions.save_note_draft(stage.services, "diane", "Her suitcase is in Denver")
    hangs_up(stage, LORI)
    reach(stage, lambda s: was_told(s, DIANE, "How did it end"), 30)
    hangs_up(stage, DIANE)  # no note by phone, nothing more at the desk
    play(stage, 2)
    assert kept_note(stage) == "Her suitcase is in Denver"


def test_a_note_is_kept_when_the_agents_phone_dies_in_the_talk(stage: Stage) -> None:
    talking(stage)
    desk_actions.save_note_draft(stage.services, "diane", "Her suitcase is in Denver")
    hangs_up(stage, DIANE)
    play(stage, 2)
    assert kept_note(stage) == "Her suitcase is in Denver"


def test_handed_on_the_next_person_is_told_why_and_what_was_typed(stage: Stage) -> None:
    talking(stage, "Vicki")
    desk_actions.save_note_draft(stage.services, "diane", "Her suitcase is in Denver")
    desk_actions.blind_transfer(
        stage.services, "diane", Target(kind=TargetKind.QUEUE, name="bookings"), "She wants another flight"
    )
    reach(stage, offered("Vicki", LegState.RINGING))
    brief = shown(stage, "vicki").offer
    assert brief is not None
    assert brief.brief["last"]["note"] == "She wants another flight. Her suitcase is in Denver"
    assert [e["words"] for e in case_thread.get_thread(stage.services, contacts(stage)[0].case)] == [
        kept_note(stage)
    ]


def kept_note(stage: Stage) -> str:
    customer = stage.services.store.get(Customer, LORI)
    return customer.last_note if customer else ""
