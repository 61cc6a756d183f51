"""The desk: every click does what the phone's key would have done, and the phone goes on from there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from ivr.cli.demo.stage import Stage
from ivr.domain.records.agent import AgentState
from ivr.domain.records.agent_leg import LegKind, LegResult, LegState
from ivr.domain.records.contact import ContactState, Outcome
from ivr.domain.records.contact_parts import PartyLocation
from ivr.domain.records.customer import Customer
from ivr.domain.records.promise import PromiseKind
from ivr.services import Services
from ivr.store.change import Change
from ivr.telephony.reply import Redirect
from ivr.usecases.agents.ringing import accept as say_yes
from ivr.usecases.customers import case_thread
from ivr.usecases.desk import actions as desk_actions
from ivr.usecases.desk import view as desk_view
from ivr.usecases.desk import wrapup as desk_wrapup
from ivr.usecases.desk.guards import ActionNotPossible, redirect_now
from ivr.usecases.desk.targets import Target, TargetKind
from ivr.usecases.desk.wrapup import WrapUpForm
from ivr.usecases.scheduler import dispatch
from tests.known_leg import known_leg
from tests.stories.people import (
    AT_DESK,
    DANIELLE,
    DIANE,
    LORI,
    TAKES_IT,
    VICKI,
    Script,
    contacts,
    listen,
    pause,
    press,
    promises,
    texts_to,
    wraps_up,
)
from tests.stories.watch import (
    agent,
    fault,
    hangs_up,
    live_legs,
    offered,
    offers,
    play,
    presses,
    reach,
    to_the_end,
    together,
    was_told,
)

PATIENT: Script = [pause(3000)]
SUPERVISOR = Target(kind=TargetKind.SUPERVISOR)


def someone(name: str) -> Target:
    return Target(kind=TargetKind.AGENT, name=name)


def asked(stage: Stage, name: str) -> str:
    """The offer that this agent is being asked with."""
    leg = next(o for o in offers(stage) if o.agent == name)
    return leg.id


def talking(stage: Stage, *others: str) -> None:
    """Lori and Diane talk; the others are free."""
    stage.add_agent("Diane", DIANE, AT_DESK)
    for name, phone in zip(others, (VICKI, DANIELLE), strict=False):
        stage.add_agent(name, phone, AT_DESK, supervisor=name == "Danielle")
        stage.set_agent_state(name, AgentState.AWAY)
    stage.call_line(LORI, PATIENT)
    reach(stage, offered("Diane", LegState.RINGING))
    desk_actions.accept(stage.services, "diane", asked(stage, "diane"))
    reach(stage, together(DIANE, LORI))
    reach(stage, lambda s: contacts(s)[0].talked, 10)  # and the record knows
    stage.set_agent_state("Diane", AgentState.AWAY)  # nobody after this one
    for name in others:
        stage.set_agent_state(name)


# ---- being asked


def test_accepted_before_the_phone_is_picked_up_they_are_joined_as_it_is(stage: Stage) -> None:
    talking(stage)
    assert not was_told(stage, DIANE, "to hear it")
    hangs_up(stage, LORI)
    reach(stage, lambda s: was_told(s, DIANE, "How did it end"), 30)
    presses(stage, DIANE, "1")
    assert to_the_end(stage).outcome is Outcome.HELPED


def test_a_voicemail_that_picks_up_after_they_accepted_presses_nothing_and_does_not_get_the_caller(
    stage: Stage,
) -> None:
    stage.add_agent("Diane", DIANE, [pause(3000)])
    stage.call_line(LORI, PATIENT)
    reach(stage, offered("Diane", LegState.RINGING))
    desk_actions.accept(stage.services, "diane", asked(stage, "diane"))
    stage.add_agent("Vicki", VICKI, [*TAKES_IT, pause(5), *wraps_up()])
    reach(stage, lambda s: was_told(s, DIANE, "Press 1, and you are with the caller"), 30)
    reach(stage, together(VICKI, LORI), 120)
    assert not was_told(stage, DIANE, "Lori")


def test_accepted_while_the_phone_tells_the_brief_they_are_joined_at_once(stage: Stage) -> None:
    stage.add_agent("Diane", DIANE, AT_DESK)
    stage.call_line(LORI, PATIENT)
    reach(stage, lambda s: was_told(s, DIANE, "to hear it"))
    desk_actions.accept(stage.services, "diane", asked(stage, "diane"))
    reach(stage, together(DIANE, LORI), 3)
    with pytest.raises(ActionNotPossible, match="not being asked"):
        desk_actions.accept(stage.services, "diane", asked(stage, "diane"))


def test_a_key_and_a_click_in_the_same_instant_are_one_yes(stage: Stage) -> None:
    stage.add_agent("Diane", DIANE, AT_DESK)
    stage.call_line(LORI, PATIENT)
    reach(stage, lambda s: was_told(s, DIANE, "Press 1 to take it"))
    as_read = known_leg(
        stage.services, offers(stage)[0].id
    )  # by the webhook of the key, before the click was written
    desk_actions.accept(stage.services, "diane", as_read.leg.id)
    assert isinstance(say_yes(stage.services, as_read).verb, Redirect)
    reach(stage, together(DIANE, LORI), 10)


@pytest.mark.parametrize("when", [LegState.RINGING, LegState.BRIEFING])
def test_declined_the_phone_is_left_alone_and_the_next_is_asked(stage: Stage, when: LegState) -> None:
    stage.add_agent("Diane", DIANE, AT_DESK)
    stage.call_line(LORI, PATIENT)
    reach(stage, offered("Diane", when))
    stage.add_agent("Vicki", VICKI, [*TAKES_IT, pause(5), *wraps_up()])
    desk_actions.decline(stage.services, "diane", asked(stage, "diane"))
    reach(stage, together(VICKI, LORI), 60)
    assert not live_legs(stage, DIANE)
    assert {o.result for o in offers(stage) if o.agent == "diane"} == {LegResult.DECLINED}
    with pytest.raises(ActionNotPossible):
        desk_actions.decline(stage.services, "diane", asked(stage, "diane"))


def test_a_caller_who_has_left_is_not_accepted(stage: Stage) -> None:
    stage.add_agent("Diane", DIANE, AT_DESK)
    stage.call_line(LORI, PATIENT)
    reach(stage, lambda s: was_told(s, DIANE, "to hear it"))
    hangs_up(stage, LORI)
    play(stage, 2)
    with pytest.raises(ActionNotPossible):
        desk_actions.accept(stage.services, "diane", asked(stage, "diane"))


# ---- hold


def test_held_and_taken_back(stage: Stage) -> None:
    talking(stage)
    desk_actions.hold(stage.services, "diane")
    reach(stage, lambda s: was_told(s, LORI, "hold"), 15)
    reach(stage, lambda s: was_told(s, DIANE, "5 if you are done"), 30)
    desk_actions.return_to_caller(stage.services, "diane")
    reach(stage, together(DIANE, LORI), 5)
    with pytest.raises(ActionNotPossible, match="not on hold"):
        desk_actions.return_to_caller(stage.services, "diane")


def test_a_leg_is_sent_for_once_however_many_look(stage: Stage) -> None:
    """A second redirect would take it out of where the first has led it."""
    talking(stage)
    offer = asked(stage, "diane")
    (leg,) = live_legs(stage, DIANE)
    fault(stage, "webhook", "late", f"/voice/agent/{offer}/", seconds=2)  # it is on its way
    desk_actions.hold(stage.services, "diane")
    for _ in range(4):
        dispatch.process_due(stage.services, f"agent_leg:{offer}")
    stage.settle()
    redirects = [
        e
        for e in stage.read_emulator_log()
        if e["kind"] == "rest" and e["path"].endswith(f"/Calls/{leg['sid']}.json")
    ]
    assert len([e for e in redirects if e["method"] == "POST"]) == 1


def test_a_leg_that_came_by_itself_is_not_sent_for_once_more(stage: Stage) -> None:
    """Two clicks upon each other: the leg, on its way because of the first, comes to what the second has made of it."""
    talking(stage)
    offer = asked(stage, "diane")
    (leg,) = live_legs(stage, DIANE)
    fault(stage, "webhook", "late", f"/voice/agent/{offer}/", seconds=1)
    desk_actions.hold(stage.services, "diane")
    stage.settle()
    desk_actions.return_to_caller(stage.services, "diane")
    reach(stage, together(DIANE, LORI), 5)
    play(stage, 15)
    assert together(DIANE, LORI)(stage)
    redirects = [
        e
        for e in stage.read_emulator_log()
        if e["kind"] == "rest" and e["path"].endswith(f"/Calls/{leg['sid']}.json")
    ]
    assert len([e for e in redirects if e["method"] == "POST"]) == 1


# ---- consult


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


# ---- without a word


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


# ---- the end, and promises


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


# ---- how it went, and what is seen


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


def shown(stage: Stage, who: str = "diane") -> desk_view.DeskView:
    found = desk_view.get_desk(stage.services, who)
    assert found is not None
    return found


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


# ---- somebody who is none of ours

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
        redirect_now(services, leg_id)
        reach(
            stage,
            lambda s: any(o.kind is LegKind.CONSULT and o.state is LegState.ENDED for o in offers(s)),
            90,
        )

    monkeypatch.setattr(desk_actions, "redirect_now", until_it_is_over)
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
