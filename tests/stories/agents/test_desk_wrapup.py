"""At the desk: the end of a talk, promises, how it went, and what is seen meanwhile."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ivr.cli.demo.stage import Stage
from ivr.domain.records.agent_leg import LegState
from ivr.domain.records.contact import Outcome
from ivr.domain.records.customer import Customer
from ivr.domain.records.promise import PromiseKind
from ivr.usecases.desk import actions as desk_actions
from ivr.usecases.desk import view as desk_view
from ivr.usecases.desk import wrapup as desk_wrapup
from ivr.usecases.desk.guards import ActionNotPossible
from ivr.usecases.desk.wrapup import WrapUpForm
from tests.stories.agents.desk_playing import PATIENT, asked, shown, someone, talking
from tests.stories.people import (
    AT_DESK,
    DIANE,
    LORI,
    VICKI,
    contacts,
    promises,
    texts_to,
)
from tests.stories.watch import (
    hangs_up,
    live_legs,
    offered,
    play,
    presses,
    reach,
    to_the_end,
    together,
    was_told,
)


def test_done_the_caller_is_asked_and_the_agent_says_how_it_went(stage: Stage) -> None:
    talking(stage)
    desk_actions.finish_talk(stage.services, "diane")
    reach(stage, lambda s: was_told(s, LORI, "Is there anything else"), 30)
    reach(stage, lambda s: was_told(s, DIANE, "How did it end"), 30)
    hangs_up(stage, LORI)
    presses(stage, DIANE, "1")
    assert to_the_end(stage).outcome is Outcome.HELPED


def test_a_promise_made_at_the_desk_is_the_agents_from_that_moment(stage: Stage) -> None:
    talking(stage)
    made = desk_actions.promise_callback(stage.services, "diane", 2)
    assert (made.kind, made.owner) == (PromiseKind.FOLLOW_UP, "diane")
    assert [p.id for p in promises(stage)] == [made.id]
    assert together(DIANE, LORI)(stage)


@pytest.mark.parametrize(
    "click",
    [
        desk_actions.hold,
        desk_actions.return_to_caller,
        desk_actions.introduce,
        desk_actions.complete_transfer,
        desk_actions.finish_talk,
    ],
    ids=lambda f: f.__name__,
)
def test_without_a_call_every_click_says_so(stage: Stage, click: Callable[..., None]) -> None:
    stage.add_agent("Diane", DIANE, AT_DESK)
    with pytest.raises(ActionNotPossible, match="not in a call"):
        click(stage.services, "diane")


def test_how_it_went_can_be_said_at_the_desk_while_the_phone_asks(stage: Stage) -> None:
    talking(stage)
    hangs_up(stage, LORI)
    reach(stage, lambda s: was_told(s, DIANE, "How did it end"), 30)
    said = WrapUpForm(
        disposition="helped",
        note="Her suitcase is in Denver",
        next_steps="It comes tomorrow",
        customer_name="Lori Hall",
        callback_hours=2,
    )
    desk_wrapup.save_wrapup(stage.services, "diane", said)
    assert to_the_end(stage).outcome is Outcome.HELPED
    reach(stage, lambda s: not live_legs(s, DIANE), 10)
    (kept,) = promises(stage)
    assert (kept.owner, kept.kind) == ("diane", PromiseKind.FOLLOW_UP)
    customer = stage.services.store.get(Customer, LORI)
    assert customer is not None
    assert (customer.name, customer.last_note) == ("Lori Hall", "Her suitcase is in Denver")
    reach(stage, lambda s: any("Denver" in body for body in texts_to(s, LORI)), 20)
    with pytest.raises(ActionNotPossible, match="nothing to finish"):
        desk_wrapup.save_wrapup(stage.services, "diane", said)


def test_who_hung_up_says_it_at_the_desk_and_is_not_rung_for_it(stage: Stage) -> None:
    talking(stage)
    hangs_up(stage, DIANE)
    reach(stage, lambda s: was_told(s, LORI, "Is there anything else"), 30)
    hangs_up(stage, LORI)
    play(stage, 2)
    desk_wrapup.save_wrapup(stage.services, "diane", WrapUpForm(disposition="helped"))
    assert to_the_end(stage).outcome is Outcome.HELPED
    assert [e["kind"] for e in stage.read_emulator_log() if e["kind"] == "dialled" and e["to"] == DIANE] == [
        "dialled"
    ]


def test_what_makes_no_sense_is_refused_and_nothing_is_said(stage: Stage) -> None:
    talking(stage)
    desk_actions.finish_talk(stage.services, "diane")
    for said, why in [
        (WrapUpForm(), "Say how it ended"),
        (WrapUpForm(disposition="wonderful"), "no way to end"),
        (WrapUpForm(disposition="helped", callback_hours=5000), "336 hours"),
    ]:
        with pytest.raises(ActionNotPossible, match=why):
            desk_wrapup.save_wrapup(stage.services, "diane", said)
    assert contacts(stage)[0].disposition == ""


def stage_of(stage: Stage, who: str = "diane") -> desk_view.TalkPhase:
    talk = shown(stage, who).talk
    assert talk is not None
    return talk.phase


def test_the_desk_shows_the_brief_then_the_talk_then_the_wrap_up(stage: Stage) -> None:
    stage.add_agent("Diane", DIANE, AT_DESK)
    assert not any((shown(stage).offer, shown(stage).talk, shown(stage).wrap_up))
    stage.call_line(LORI, PATIENT)
    reach(stage, offered("Diane", LegState.RINGING))
    leg = shown(stage).offer
    assert leg is not None
    assert (leg.queue, leg.brief["ending"]) == ("support", "155")
    desk_actions.accept(stage.services, "diane", leg.leg)
    leg = shown(stage).offer
    assert leg is not None
    assert leg.pre_accepted
    reach(stage, together(DIANE, LORI))
    assert stage_of(stage) is desk_view.TalkPhase.TALKING
    desk_actions.save_note_draft(stage.services, "diane", "She is at the airport")
    desk_actions.hold(stage.services, "diane")
    talk = shown(stage).talk
    assert talk is not None
    assert (talk.phase, talk.note) == (desk_view.TalkPhase.ON_HOLD, "She is at the airport")
    desk_actions.return_to_caller(stage.services, "diane")
    reach(stage, together(DIANE, LORI), 5)
    desk_actions.finish_talk(stage.services, "diane")
    wrap = shown(stage).wrap_up
    assert wrap is not None
    assert wrap.owes_disposition
    assert "She is at the airport." in wrap.summary_text
    assert desk_view.get_desk(stage.services, "nobody") is None


def test_the_stages_of_a_consult_are_seen_from_both_sides(stage: Stage) -> None:
    talking(stage, "Vicki")
    desk_actions.consult(stage.services, "diane", someone("vicki"))
    assert stage_of(stage) is desk_view.TalkPhase.CALLING_COLLEAGUE
    assert [c.name for c in desk_view.list_colleagues(stage.services, "diane")] == ["Vicki"]
    reach(stage, offered("Vicki", LegState.BRIEFING))
    desk_actions.accept(stage.services, "vicki", asked(stage, "vicki"))
    reach(stage, together(DIANE, VICKI))
    assert (stage_of(stage), stage_of(stage, "vicki")) == (
        desk_view.TalkPhase.CONSULTING,
        desk_view.TalkPhase.HELPING,
    )
    desk_actions.introduce(stage.services, "diane")
    reach(stage, together(DIANE, VICKI, LORI), 5)
    assert (stage_of(stage), stage_of(stage, "vicki")) == (
        desk_view.TalkPhase.THREE_WAY,
        desk_view.TalkPhase.HELPING,
    )
