"""What is changed of a promise is changed in one way, whoever asks and whatever is under way."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ivr.domain.actor import RequestChannel
from ivr.domain.records.agent import Agent, AgentState
from ivr.domain.records.agent_leg import AgentLeg, LegKind, LegState
from ivr.domain.records.contact import Contact, ContactState
from ivr.domain.records.contact_parts import PartyLocation, QueuePlace
from ivr.domain.records.promise import NumberLock, Promise, PromiseKind, PromiseState
from ivr.services import Services
from ivr.store import keys
from ivr.usecases.callbacks import reschedule, reschedule_request
from ivr.usecases.callbacks.reschedule_request import (
    CallNow,
    ChangeNumber,
    Decline,
    MoveToSoonest,
    MoveToWindow,
    RefusalReason,
    RequestOrigin,
    Rescheduled,
    RescheduleRefused,
)
from ivr.usecases.promises.lifecycle import PromiseRequest
from tests.stories.people import LORI
from tests.usecases.callbacks.moving import HOUR, PAGE, S, a_window, put
from tests.usecases.promises.promised import (
    OTHER,
    is_looked_after,
    journal,
    now,
    owe,
    set_clock,
    was_texted,
)


def under_way(services: Services, promise: Promise, state: PromiseState) -> Promise:
    """An agent is asked for it, or waits in the room while the customer's phone rings."""
    change = services.store.begin()
    kind = LegKind.PROMISE
    offer_state = LegState.BRIEFING if state is S.RINGING else LegState.ACCEPTED
    change.put(
        None,
        AgentLeg(
            id="o1", kind=kind, state=offer_state, agent="diane", promise=promise.id, contact=promise.contact
        ),
    )
    change.put(
        None, Agent(id="diane", name="Diane", phone="+12025550111", state=AgentState.RESERVED, leg="o1")
    )
    if state is S.DIALING:
        contact = services.store.get(Contact, promise.contact)
        assert contact is not None
        calling = replace(
            contact,
            state=ContactState.CALLING,
            leg="o1",
            conference=replace(
                contact.conference,
                agent_location=PartyLocation.IN_CONFERENCE,
                caller_location=PartyLocation.JOINING,
            ),
        )
        change.put(contact, calling)
        change.put(
            None, NumberLock(id=promise.number, promise=promise.id, fence=promise.fence, intent_at=change.now)
        )
    assert services.store.commit(change)
    return put(services, promise, state=state, leg="o1", intent_at=change.now if state is S.DIALING else 0.0)


@pytest.mark.parametrize("state", [S.MADE, S.DUE, S.RINGING, S.DIALING, S.ESCALATED])
def test_whatever_is_under_way_is_called_off_and_the_promise_waits_for_its_new_time(
    still: Services, state: PromiseState
) -> None:
    promise = owe(still)
    if state in (S.RINGING, S.DIALING):
        promise = under_way(still, promise, state)
    elif state is not S.MADE:
        promise = put(still, promise, state=state, attempts=2, kind=PromiseKind.CALLBACK)
    since, until = a_window(still, promise)
    came = reschedule.apply(still, promise.id, MoveToWindow(since=since, until=until), PAGE)
    assert isinstance(came, Rescheduled)
    moved = now(still, promise)
    assert (moved.state, moved.not_before, moved.due_by) == (S.MADE, since, until)
    assert moved.fence == promise.fence + 1
    assert moved.attempts == 0
    assert not moved.leg
    assert is_looked_after(still, moved)
    assert was_texted(still, "moved. We will call you by")
    assert journal(still, "promise moved")[0]["via"] == "page"
    leg, agent = still.store.get(AgentLeg, "o1"), still.store.get(Agent, "diane")
    if state is S.RINGING:
        assert leg is not None
        assert agent is not None
        assert (leg.state, leg.redirect.pending) == (LegState.ENDED, True)
        assert agent.state is AgentState.AVAILABLE
    if state is S.DIALING:
        assert leg is not None
        assert leg.redirect.pending  # the agent in the room is sent for and told
        contact = still.store.get(Contact, promise.contact)
        assert contact is not None
        assert contact.state is ContactState.ENDED
        assert (
            still.store.redis.zscore(keys.DUE, f"number_lock:{LORI}") == still.clock.now()
        )  # the ringing is ended


@pytest.mark.parametrize("state", [S.TALKING, S.MERGED])
@pytest.mark.parametrize("wish", [MoveToSoonest(), CallNow(), ChangeNumber(number=OTHER), Decline()])
def test_while_they_are_on_the_line_about_it_nothing_is_changed_from_elsewhere(
    still: Services, state: PromiseState, wish: reschedule_request.RescheduleRequest
) -> None:
    promise = put(still, owe(still), state=state, merged_into="c2")
    came = reschedule.apply(still, promise.id, wish, PAGE)
    assert isinstance(came, RescheduleRefused)
    assert came.why is RefusalReason.ON_LINE
    assert now(still, promise) == promise


@pytest.mark.parametrize("state", [S.KEPT, S.DECLINED, S.OWNED])
def test_what_has_ended_is_not_changed_any_more(still: Services, state: PromiseState) -> None:
    promise = put(still, owe(still), state=state)
    came = reschedule.apply(still, promise.id, Decline(), PAGE)
    assert came == RescheduleRefused(why=RefusalReason.ENDED, promise=promise)
    assert reschedule.apply(still, "nobodys", Decline(), PAGE) == RescheduleRefused(why=RefusalReason.UNKNOWN)


def test_a_time_that_is_not_offered_or_over_is_refused_and_what_was_promised_stands(still: Services) -> None:
    promise = owe(still)
    since, until = a_window(still, promise, 0)
    odd = reschedule.apply(still, promise.id, MoveToWindow(since=since + 60, until=until), PAGE)
    assert isinstance(odd, RescheduleRefused)
    assert odd.why is RefusalReason.TIME_GONE
    set_clock(still, since + 1)
    late = reschedule.apply(still, promise.id, MoveToWindow(since=since, until=until), PAGE)
    assert isinstance(late, RescheduleRefused)
    assert late.why is RefusalReason.TIME_GONE
    assert now(still, promise) == promise


def test_every_time_that_is_shown_can_be_chosen_for_a_while(still: Services) -> None:
    promise = owe(still)
    start = still.clock.now()
    for minute in range(0, 70, 7):
        set_clock(still, start + 60 * minute)
        shown = reschedule.list_windows(still, now(still, promise), still.clock.now())
        set_clock(still, start + 60 * minute + 300)
        for since, until in shown[:2]:
            came = reschedule.apply(
                still,
                promise.id,
                MoveToWindow(since=since, until=until),
                RequestOrigin(channel=RequestChannel.TERMINAL),
            )
            assert isinstance(came, Rescheduled), (minute, came)


def test_an_hour_that_is_full_with_this_call_alone_can_be_kept(still: Services) -> None:
    promise = owe(still)
    since, until = a_window(still, promise)
    change = still.store.begin()
    for n in range(9):  # one agent, six minutes each: ten an hour
        change.append_command("ZADD", keys.scheduled_promises("support"), since, f"other{n}")
    assert still.store.commit(change)
    assert isinstance(
        reschedule.apply(still, promise.id, MoveToWindow(since=since, until=until), PAGE), Rescheduled
    )
    assert (since, until) in reschedule.list_windows(still, now(still, promise), still.clock.now())
    another = owe(still, name="c9")
    assert (since, until) not in reschedule.list_windows(still, another, still.clock.now())


def test_as_soon_as_possible_keeps_the_place_and_the_time_that_was_said(still: Services) -> None:
    first = owe(still)
    chosen = owe(
        still, PromiseRequest(since=still.clock.now() + 20 * HOUR, until=still.clock.now() + 21 * HOUR)
    )
    came = reschedule.apply(still, chosen.id, MoveToSoonest(), PAGE)
    assert isinstance(came, Rescheduled)
    assert came.promise.not_before == still.clock.now()
    assert came.promise.queued_at == still.clock.now()
    assert came.promise.due_by < still.clock.now() + HOUR
    set_clock(still, still.clock.now() + 600)
    again = reschedule.apply(still, first.id, MoveToSoonest(), PAGE)
    assert isinstance(again, Rescheduled)
    assert (again.promise.queued_at, again.promise.due_by) == (first.queued_at, first.due_by)


def test_as_soon_as_possible_asked_for_in_a_call_keeps_the_place_of_the_call(still: Services) -> None:
    chosen = owe(
        still, PromiseRequest(since=still.clock.now() + 20 * HOUR, until=still.clock.now() + 21 * HOUR)
    )
    place = QueuePlace(queued_at=still.clock.now())
    set_clock(still, still.clock.now() + 600)
    caller = Contact(id="c2", queue_place=place)
    origin = RequestOrigin(channel=RequestChannel.KEY, contact=caller)
    came = reschedule.apply(still, chosen.id, MoveToSoonest(), origin)
    assert isinstance(came, Rescheduled)
    assert came.promise.queued_at == place.queued_at


def test_sooner_than_ringing_is_not_possible(still: Services) -> None:
    promise = under_way(still, owe(still), S.RINGING)
    for wish in (MoveToSoonest(), CallNow()):
        came = reschedule.apply(still, promise.id, wish, PAGE)
        assert isinstance(came, RescheduleRefused)
        assert came.why is RefusalReason.UNDER_WAY


def test_at_once_goes_before_everybody_but_not_into_their_night(still: Services) -> None:
    staff = RequestOrigin(channel=RequestChannel.TERMINAL, by="Vicki")
    promise = owe(
        still, PromiseRequest(since=still.clock.now() + 20 * HOUR, until=still.clock.now() + 21 * HOUR)
    )
    came = reschedule.apply(still, promise.id, CallNow(), staff)
    assert isinstance(came, Rescheduled)
    assert came.promise.not_before == still.clock.now()
    assert came.promise.queued_at < still.clock.now() - 80000
    assert journal(still, "promise moved")[0]["by"] == "Vicki"
    set_clock(still, still.clock.now() + 9 * HOUR)  # eleven in the evening
    night = reschedule.apply(still, promise.id, CallNow(), staff)
    assert isinstance(night, RescheduleRefused)
    assert night.why is RefusalReason.OUTSIDE_CALLING_HOURS
    assert night.callable_at == still.clock.now() + 9 * HOUR
