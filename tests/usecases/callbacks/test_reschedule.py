"""What is changed of a promise is changed in one way, whoever asks and whatever is under way."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ivr.domain.records.agent import Agent, AgentState
from ivr.domain.records.agent_leg import Offer, OfferKind, OfferState
from ivr.domain.records.contact import Contact, ContactState, Where
from ivr.domain.records.promise import Dialled, Promise, PromiseKind, PromiseState
from ivr.services import Services
from ivr.store import keys
from ivr.store.change import Change
from ivr.usecases.callbacks import reschedule
from ivr.usecases.callbacks.reschedule import (
    Asked,
    AtOnce,
    Decline,
    Done,
    Move,
    Refused,
    Ring,
    Soonest,
    Via,
    WhyNot,
)
from ivr.usecases.promises import deadlines
from ivr.usecases.promises.lifecycle import Wanted
from tests.stories.people import LORI
from tests.usecases.promises.promised import (
    OTHER,
    customer,
    is_looked_after,
    journal,
    now,
    owe,
    set_clock,
    texts,
    told,
)

S = PromiseState
PAGE = Asked(via=Via.PAGE)
HOUR = 3600.0


def put(s: Services, promise: Promise, **fields: object) -> Promise:
    change = Change(now=s.clock.now())
    new = change.put(promise, replace(promise, **fields))  # type: ignore[arg-type]  # fields of Promise
    change.wake(new, change.now + HOUR)
    assert s.store.commit(change)
    return new


def under_way(s: Services, promise: Promise, state: PromiseState) -> Promise:
    """An agent is asked for it, or waits in the room while the customer's phone rings."""
    change = Change(now=s.clock.now())
    kind = OfferKind.PROMISE
    offer_state = OfferState.BRIEFING if state is S.RINGING else OfferState.ACCEPTED
    change.put(
        None,
        Offer(
            id="o1", kind=kind, state=offer_state, agent="diane", promise=promise.id, contact=promise.contact
        ),
    )
    change.put(
        None, Agent(id="diane", name="Diane", phone="+12025550111", state=AgentState.RESERVED, offer="o1")
    )
    if state is S.DIALLING:
        contact = s.store.get(Contact, promise.contact)
        assert contact is not None
        calling = replace(
            contact, state=ContactState.CALLING, agent=Where.ROOM, caller=Where.COMING, offer="o1"
        )
        change.put(contact, calling)
        change.put(
            None, Dialled(id=promise.number, promise=promise.id, fence=promise.fence, since=change.now)
        )
    assert s.store.commit(change)
    return put(s, promise, state=state, offer="o1", intent_at=change.now if state is S.DIALLING else 0.0)


def a_window(s: Services, promise: Promise, n: int = 3) -> tuple[float, float]:
    return reschedule.windows(s, promise, s.clock.now())[n]


@pytest.mark.parametrize("state", [S.MADE, S.DUE, S.RINGING, S.DIALLING, S.ESCALATED])
def test_whatever_is_under_way_is_called_off_and_the_promise_waits_for_its_new_time(
    still: Services, state: PromiseState
) -> None:
    promise = owe(still)
    if state in (S.RINGING, S.DIALLING):
        promise = under_way(still, promise, state)
    elif state is not S.MADE:
        promise = put(still, promise, state=state, attempt=2, kind=PromiseKind.CALLBACK)
    since, until = a_window(still, promise)
    came = reschedule.rearrange(still, promise.id, Move(since=since, until=until), PAGE)
    assert isinstance(came, Done)
    moved = now(still, promise)
    assert (moved.state, moved.since, moved.until) == (S.MADE, since, until)
    assert moved.fence == promise.fence + 1
    assert moved.attempt == 0
    assert not moved.offer
    assert is_looked_after(still, moved)
    assert told(still, "moved. We will call you by")
    assert journal(still, "promise moved")[0]["via"] == "page"
    offer, agent = still.store.get(Offer, "o1"), still.store.get(Agent, "diane")
    if state is S.RINGING:
        assert offer is not None
        assert agent is not None
        assert (offer.state, offer.fetch) == (OfferState.OVER, True)
        assert agent.state is AgentState.AVAILABLE
    if state is S.DIALLING:
        assert offer is not None
        assert offer.fetch  # the agent in the room is sent for and told
        contact = still.store.get(Contact, promise.contact)
        assert contact is not None
        assert contact.state is ContactState.ENDED
        assert (
            still.store.redis.zscore(keys.WAKE, f"number_lock:{LORI}") == still.clock.now()
        )  # the ringing is ended


@pytest.mark.parametrize("state", [S.TALKING, S.MERGED])
@pytest.mark.parametrize("wish", [Soonest(), AtOnce(), Ring(number=OTHER), Decline()])
def test_while_they_are_on_the_line_about_it_nothing_is_changed_from_elsewhere(
    still: Services, state: PromiseState, wish: reschedule.Wish
) -> None:
    promise = put(still, owe(still), state=state, merged="c2")
    came = reschedule.rearrange(still, promise.id, wish, PAGE)
    assert isinstance(came, Refused)
    assert came.why is WhyNot.ON_LINE
    assert now(still, promise) == promise


@pytest.mark.parametrize("state", [S.KEPT, S.DECLINED, S.OWNED])
def test_what_has_ended_is_not_changed_any_more(still: Services, state: PromiseState) -> None:
    promise = put(still, owe(still), state=state)
    came = reschedule.rearrange(still, promise.id, Decline(), PAGE)
    assert came == Refused(why=WhyNot.ENDED, promise=promise)
    assert reschedule.rearrange(still, "nobodys", Decline(), PAGE) == Refused(why=WhyNot.UNKNOWN)


def test_a_time_that_is_not_offered_or_over_is_refused_and_what_was_promised_stands(still: Services) -> None:
    promise = owe(still)
    since, until = a_window(still, promise, 0)
    odd = reschedule.rearrange(still, promise.id, Move(since=since + 60, until=until), PAGE)
    assert isinstance(odd, Refused)
    assert odd.why is WhyNot.TIME_GONE
    set_clock(still, since + 1)
    late = reschedule.rearrange(still, promise.id, Move(since=since, until=until), PAGE)
    assert isinstance(late, Refused)
    assert late.why is WhyNot.TIME_GONE
    assert now(still, promise) == promise


def test_every_time_that_is_shown_can_be_chosen_for_a_while(still: Services) -> None:
    promise = owe(still)
    start = still.clock.now()
    for minute in range(0, 70, 7):
        set_clock(still, start + 60 * minute)
        shown = reschedule.windows(still, now(still, promise), still.clock.now())
        set_clock(still, start + 60 * minute + 300)
        for since, until in shown[:2]:
            came = reschedule.rearrange(
                still, promise.id, Move(since=since, until=until), Asked(via=Via.STAFF)
            )
            assert isinstance(came, Done), (minute, came)


def test_an_hour_that_is_full_with_this_call_alone_can_be_kept(still: Services) -> None:
    promise = owe(still)
    since, until = a_window(still, promise)
    change = Change(now=still.clock.now())
    for n in range(9):  # one agent, six minutes each: ten an hour
        change.op("ZADD", keys.booked("support"), since, f"other{n}")
    assert still.store.commit(change)
    assert isinstance(reschedule.rearrange(still, promise.id, Move(since=since, until=until), PAGE), Done)
    assert (since, until) in reschedule.windows(still, now(still, promise), still.clock.now())
    another = owe(still, name="c9")
    assert (since, until) not in reschedule.windows(still, another, still.clock.now())


def test_as_soon_as_possible_keeps_the_place_and_the_time_that_was_said(still: Services) -> None:
    first = owe(still)
    chosen = owe(still, Wanted(since=still.clock.now() + 20 * HOUR, until=still.clock.now() + 21 * HOUR))
    came = reschedule.rearrange(still, chosen.id, Soonest(), PAGE)
    assert isinstance(came, Done)
    assert came.promise.since == still.clock.now()
    assert came.promise.arrived == still.clock.now()
    assert came.promise.until < still.clock.now() + HOUR
    set_clock(still, still.clock.now() + 600)
    again = reschedule.rearrange(still, first.id, Soonest(), PAGE)
    assert isinstance(again, Done)
    assert (again.promise.arrived, again.promise.until) == (first.arrived, first.until)


def test_sooner_than_ringing_is_not_possible(still: Services) -> None:
    promise = under_way(still, owe(still), S.RINGING)
    for wish in (Soonest(), AtOnce()):
        came = reschedule.rearrange(still, promise.id, wish, PAGE)
        assert isinstance(came, Refused)
        assert came.why is WhyNot.UNDER_WAY


def test_at_once_goes_before_everybody_but_not_into_their_night(still: Services) -> None:
    staff = Asked(via=Via.STAFF, by="Vicki")
    promise = owe(still, Wanted(since=still.clock.now() + 20 * HOUR, until=still.clock.now() + 21 * HOUR))
    came = reschedule.rearrange(still, promise.id, AtOnce(), staff)
    assert isinstance(came, Done)
    assert came.promise.since == still.clock.now()
    assert came.promise.arrived < still.clock.now() - 80000
    assert journal(still, "promise moved")[0]["by"] == "Vicki"
    set_clock(still, still.clock.now() + 9 * HOUR)  # eleven in the evening
    night = reschedule.rearrange(still, promise.id, AtOnce(), staff)
    assert isinstance(night, Refused)
    assert night.why is WhyNot.NIGHT
    assert night.at == still.clock.now() + 9 * HOUR


def test_another_number_rings_that_one_and_both_phones_hear_of_it(still: Services) -> None:
    promise = put(still, owe(still), why="unusable", state=S.ESCALATED)
    came = reschedule.rearrange(still, promise.id, Ring(number=OTHER), PAGE)
    assert isinstance(came, Done)
    moved = now(still, promise)
    assert (moved.number, moved.customer, moved.until, moved.arrived) == (
        OTHER,
        LORI,
        promise.until,
        promise.arrived,
    )
    assert moved.why == "moved"  # a number that reaches nobody does not stand for this one
    assert customer(still, OTHER).promises == customer(still).promises == (promise.id,)
    assert told(still, "moved. We will call you by", OTHER)
    assert told(still, "at the number ending 177")
    back = reschedule.rearrange(still, promise.id, Ring(number=LORI), PAGE)
    assert isinstance(back, Done)
    assert customer(still, OTHER).promises == ()
    assert customer(still).promises == (promise.id,)


@pytest.mark.parametrize("number", ["+19005550123", "+442079460000", "+18765550123", "nonsense", ""])
def test_a_number_that_may_not_be_rung_is_refused(still: Services, number: str) -> None:
    promise = owe(still)
    came = reschedule.rearrange(still, promise.id, Ring(number=number), PAGE)
    assert isinstance(came, Refused)
    assert came.why is WhyNot.NUMBER
    assert now(still, promise) == promise


def test_whoever_was_shown_something_else_is_told_and_who_asks_twice_finds_it_done(still: Services) -> None:
    promise = owe(still)
    shown = replace(PAGE, seen=promise.until)
    since, until = a_window(still, promise)
    wish = Move(since=since, until=until)
    assert isinstance(reschedule.rearrange(still, promise.id, wish, shown), Done)
    told = len(texts(still))
    assert isinstance(reschedule.rearrange(still, promise.id, wish, shown), Done)
    assert len(texts(still)) == told
    other = reschedule.rearrange(still, promise.id, Soonest(), shown)
    assert isinstance(other, Refused)
    assert other.why is WhyNot.CHANGED


def test_declined_by_a_colleague_for_them_says_who_and_why_and_tells_them(still: Services) -> None:
    promise = owe(still)
    asked = Asked(via=Via.STAFF, by="Vicki")
    came = reschedule.rearrange(still, promise.id, Decline(why="She found it"), asked)
    assert isinstance(came, Done)
    assert came.promise.state is S.DECLINED
    assert (
        journal(still, "decline requested")[0] | {"via": "staff", "by": "Vicki"}
        == journal(still, "decline requested")[0]
    )
    assert "She found it" in str(still.store.redis.lrange(f"case:{promise.case}:thread", 0, -1))
    assert told(still, "we will not call you")
    assert not is_looked_after(still, promise)


def test_neither_of_her_telephones_is_rung_while_she_is_on_the_line_with_the_other_one(
    still: Services,
) -> None:
    promise = put(still, owe(still), number=OTHER)
    change = Change(now=still.clock.now())
    change.put(customer(still), replace(customer(still), live="c7"))
    assert still.store.commit(change)
    deadlines.fall_due(still, promise)
    assert now(still, promise).state is S.MADE
    assert is_looked_after(still, promise)
    change = Change(now=still.clock.now())
    change.put(customer(still), replace(customer(still), live=""))
    assert still.store.commit(change)
    deadlines.fall_due(still, now(still, promise))
    assert now(still, promise).state is S.DUE
