"""At the desk: somebody who is none of ours is asked, and clicks that lose to a write of the line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from ivr.cli.demo.stage import Stage
from ivr.domain.records.agent_leg import LegKind, LegState
from ivr.domain.records.contact import ContactState, Outcome
from ivr.domain.records.contact_parts import PartyLocation
from ivr.services import Services
from ivr.store.change import Change
from ivr.usecases.desk import actions as desk_actions
from ivr.usecases.desk.guards import ActionNotPossible, schedule_redirect
from ivr.usecases.desk.targets import Target, TargetKind
from tests.stories.agents.desk_playing import PATIENT, asked, someone, talking
from tests.stories.people import (
    AT_DESK,
    DIANE,
    LORI,
    VICKI,
    contacts,
    listen,
    pause,
    press,
)
from tests.stories.watch import (
    hangs_up,
    live_legs,
    offered,
    offers,
    play,
    reach,
    to_the_end,
    together,
    was_told,
)

CARRIER = "+12025550191"


def with_carrier(stage: Stage) -> None:
    """Diane has the carrier on the line, Lori is held."""
    talking(stage)
    stage.set_phone(CARRIER, name="Carrier", script=[listen("Press 1 to take it"), press("1"), pause(600)])
    desk_actions.consult(stage.services, "diane", Target(kind=TargetKind.EXTERNAL, name=CARRIER))
    reach(stage, together(DIANE, CARRIER))


def test_an_outside_number_is_asked_and_hears_nothing_about_the_caller_before_they_are_there(
    stage: Stage,
) -> None:
    with_carrier(stage)
    said = [e["words"] for e in stage.read_emulator_log() if e["kind"] == "said" and e["who"] == "Carrier"]
    assert said == ["Diane asks you to speak with a caller. Press 1 to take it.", "Putting you through."]
    desk_actions.introduce(stage.services, "diane")
    reach(stage, together(DIANE, CARRIER, LORI), 5)
    desk_actions.complete_transfer(stage.services, "diane")
    reach(stage, together(CARRIER, LORI), 5)
    reach(stage, lambda s: was_told(s, DIANE, "Say what you understood"), 30)
    hangs_up(stage, DIANE)
    play(stage, 3)
    hangs_up(stage, CARRIER)
    reach(stage, lambda s: was_told(s, LORI, "Is there anything else"), 30)
    hangs_up(stage, LORI)
    assert to_the_end(stage).outcome is Outcome.HELPED


@pytest.mark.parametrize(
    "how", [{"answers": False}, {"busy": True}, {"machine": {"greeting": "Leave a message"}}]
)
def test_an_outside_number_that_no_person_takes_leaves_the_two_together(
    stage: Stage, how: dict[str, object]
) -> None:
    talking(stage)
    stage.set_phone(CARRIER, name="Carrier", **how)
    desk_actions.consult(stage.services, "diane", Target(kind=TargetKind.EXTERNAL, name=CARRIER))
    reach(stage, offers_over(CARRIER), 90)
    reach(stage, together(DIANE, LORI), 20)


@pytest.mark.parametrize("number", [CARRIER, VICKI], ids=["somebody outside", "a colleague"])
def test_who_is_busy_at_once_was_asked_all_the_same(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, number: str
) -> None:
    """The click did what it should: nobody is told that something else happened."""
    talking(stage, "Vicki")
    stage.set_phone(number, name="Busy", busy=True)

    def until_it_is_over(services: Services, leg_id: str) -> None:
        schedule_redirect(services, leg_id)
        reach(
            stage,
            lambda s: any(o.kind is LegKind.CONSULT and o.state is LegState.ENDED for o in offers(s)),
            90,
        )

    monkeypatch.setattr(desk_actions, "schedule_redirect", until_it_is_over)
    target = someone("vicki") if number == VICKI else Target(kind=TargetKind.EXTERNAL, name=CARRIER)
    desk_actions.consult(stage.services, "diane", target)
    reach(stage, together(DIANE, LORI), 20)


def offers_over(number: str) -> Callable[[Stage], bool]:
    return lambda stage: any(
        o.consult.external_number == number and o.state is LegState.ENDED for o in offers(stage)
    )


def test_a_caller_who_hangs_up_frees_agent_and_outsider(stage: Stage) -> None:
    with_carrier(stage)
    hangs_up(stage, LORI)
    reach(stage, lambda s: not live_legs(s, CARRIER), 30)
    reach(stage, lambda s: was_told(s, DIANE, "How did it end"), 30)


@pytest.mark.parametrize("number", ["+19005550100", "112", "+4401632960001"])
def test_a_number_that_may_not_be_rung_is_refused(stage: Stage, number: str) -> None:
    talking(stage)
    with pytest.raises(ActionNotPossible, match="cannot be rung"):
        desk_actions.consult(stage.services, "diane", Target(kind=TargetKind.EXTERNAL, name=number))
    assert together(DIANE, LORI)(stage)


def test_a_click_that_loses_to_a_write_of_the_line_is_done_all_the_same(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.add_agent("Diane", DIANE, AT_DESK)
    stage.call_line(LORI, PATIENT)
    reach(stage, offered("Diane", LegState.RINGING))
    desk_actions.accept(stage.services, "diane", asked(stage, "diane"))
    reach(stage, together(DIANE, LORI))
    desk_actions.hold(stage.services, "diane")
    store = stage.services.store
    commit = store.commit
    beaten: list[object] = []

    def second(change: Change) -> bool:
        """A worker notes first that it has sent for her leg."""
        if not beaten:
            (leg,) = offers(stage)
            other = Change(now=change.now)
            beaten.append(other.put(leg, replace(leg, prompt=replace(leg.prompt, tries=leg.prompt.tries))))
            commit(other)  # refused when the line itself has just noted it: then that came between
        return commit(change)

    monkeypatch.setattr(store, "commit", second)
    desk_actions.return_to_caller(stage.services, "diane")
    assert beaten
    reach(stage, together(DIANE, LORI), 5)


def test_a_colleague_who_is_free_is_asked_though_the_caller_is_just_on_the_way_out_of_the_room(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    talking(stage, "Vicki")
    store = stage.services.store
    commit = store.commit
    beaten: list[object] = []

    def second(change: Change) -> bool:
        """That the caller's leg has come is noted between the hold and the asking."""
        (contact,) = contacts(stage)
        if contact.state is ContactState.ON_HOLD and not beaten:
            other = Change(now=change.now)
            beaten.append(
                other.put(
                    contact,
                    replace(
                        contact,
                        conference=replace(contact.conference, caller_location=PartyLocation.LEFT_CONFERENCE),
                    ),
                )
            )
            commit(other)  # refused when the line itself has just noted it: then that came between
        return commit(change)

    monkeypatch.setattr(store, "commit", second)
    desk_actions.consult(stage.services, "diane", someone("vicki"), "Could you take her?")
    assert beaten
    reach(stage, offered("Vicki", LegState.RINGING), 20)
    assert not was_told(stage, DIANE, "Nobody who could take it")
