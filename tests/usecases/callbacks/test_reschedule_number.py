"""Another number, a refusal, and what was shown before."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ivr.domain.actor import RequestChannel
from ivr.services import Services
from ivr.usecases.callbacks import reschedule
from ivr.usecases.callbacks.reschedule_request import (
    ChangeNumber,
    Decline,
    MoveToSoonest,
    MoveToWindow,
    RefusalReason,
    RequestOrigin,
    Rescheduled,
    RescheduleRefused,
)
from ivr.usecases.promises import deadlines
from tests.stories.people import LORI
from tests.usecases.callbacks.moving import PAGE, S, a_window, put
from tests.usecases.promises.promised import (
    OTHER,
    customer,
    is_looked_after,
    journal,
    now,
    owe,
    texts,
    was_texted,
)


def test_another_number_rings_that_one_and_both_phones_hear_of_it(still: Services) -> None:
    promise = put(still, owe(still), why="unusable", state=S.ESCALATED)
    came = reschedule.apply(still, promise.id, ChangeNumber(number=OTHER), PAGE)
    assert isinstance(came, Rescheduled)
    moved = now(still, promise)
    assert (moved.number, moved.customer, moved.due_by, moved.queued_at) == (
        OTHER,
        LORI,
        promise.due_by,
        promise.queued_at,
    )
    assert moved.why == "moved"  # a number that reaches nobody does not stand for this one
    assert customer(still, OTHER).open_promises == customer(still).open_promises == (promise.id,)
    assert was_texted(still, "moved. We will call you by", OTHER)
    assert was_texted(still, "at the number ending 177")
    back = reschedule.apply(still, promise.id, ChangeNumber(number=LORI), PAGE)
    assert isinstance(back, Rescheduled)
    assert customer(still, OTHER).open_promises == ()
    assert customer(still).open_promises == (promise.id,)


@pytest.mark.parametrize("number", ["+19005550123", "+442079460000", "+18765550123", "nonsense", ""])
def test_a_number_that_may_not_be_rung_is_refused(still: Services, number: str) -> None:
    promise = owe(still)
    came = reschedule.apply(still, promise.id, ChangeNumber(number=number), PAGE)
    assert isinstance(came, RescheduleRefused)
    assert came.why is RefusalReason.NOT_DIALABLE
    assert now(still, promise) == promise


def test_whoever_was_shown_something_else_is_told_and_who_asks_twice_finds_it_done(still: Services) -> None:
    promise = owe(still)
    shown = replace(PAGE, shown_until=promise.due_by)
    since, until = a_window(still, promise)
    wish = MoveToWindow(since=since, until=until)
    assert isinstance(reschedule.apply(still, promise.id, wish, shown), Rescheduled)
    told = len(texts(still))
    assert isinstance(reschedule.apply(still, promise.id, wish, shown), Rescheduled)
    assert len(texts(still)) == told
    other = reschedule.apply(still, promise.id, MoveToSoonest(), shown)
    assert isinstance(other, RescheduleRefused)
    assert other.why is RefusalReason.CHANGED


def test_declined_by_a_colleague_for_them_says_who_and_why_and_tells_them(still: Services) -> None:
    promise = owe(still)
    asked = RequestOrigin(channel=RequestChannel.TERMINAL, by="Vicki")
    came = reschedule.apply(still, promise.id, Decline(why="She found it"), asked)
    assert isinstance(came, Rescheduled)
    assert came.promise.state is S.DECLINED
    assert (
        journal(still, "decline requested")[0] | {"via": "staff", "by": "Vicki"}
        == journal(still, "decline requested")[0]
    )
    assert "She found it" in str(still.store.redis.lrange(f"case:{promise.case}:thread", 0, -1))
    assert was_texted(still, "we will not call you")
    assert not is_looked_after(still, promise)


def test_neither_of_her_telephones_is_rung_while_she_is_on_the_line_with_the_other_one(
    still: Services,
) -> None:
    promise = put(still, owe(still), number=OTHER)
    change = still.store.begin()
    change.put(customer(still), replace(customer(still), live_contact="c7"))
    assert still.store.commit(change)
    deadlines.queue_or_defer(still, promise)
    assert now(still, promise).state is S.MADE
    assert is_looked_after(still, promise)
    change = still.store.begin()
    change.put(customer(still), replace(customer(still), live_contact=""))
    assert still.store.commit(change)
    deadlines.queue_or_defer(still, now(still, promise))
    assert now(still, promise).state is S.DUE
