"""What is changed of an open promise: another time, another number, or no call at all.

One way for keys in a call, words in a text, the page and a colleague's terminal, so that none of them can loosen what
another holds: the fence goes up, whatever is under way is called off, the place is kept, and a text says the new time.
Who may ask is for the one who asks to know: another number has been confirmed before it comes here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ivr.domain.actor import STAFF_CHANNELS
from ivr.domain.records.contact_parts import QueuePlace
from ivr.domain.records.customer import Customer
from ivr.domain.records.promise import (
    ENDED,
    QUEUED,
    UNDER_WAY,
    Promise,
    PromiseState,
    WaitReason,
    rescheduled,
)
from ivr.domain.rules import priority
from ivr.services import Services
from ivr.store.change import Change
from ivr.usecases.callbacks import dial as callback_dial
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
    RescheduleRequest,
    RescheduleResult,
)
from ivr.usecases.customers import case_thread, open_promises
from ivr.usecases.dialing import permissions
from ivr.usecases.promises import lifecycle as promise_lifecycle
from ivr.usecases.promises import limits as promise_limits
from ivr.usecases.promises import time_windows
from ivr.usecases.texting import send as texting_send

CHOICE_VALID_SECONDS = 600.0  # seconds in which a time that was read out or shown can still be chosen


def apply(
    services: Services, promise_id: str, request: RescheduleRequest, origin: RequestOrigin
) -> RescheduleResult:
    """In a change of its own. Nothing was changed when it is refused. Raises Unavailable."""
    for change in services.store.transact():
        held = services.store.get(Promise, promise_id)
        if held is None:
            return RescheduleRefused(why=RefusalReason.UNKNOWN)
        result = apply_in_change(services, held, request, origin, change)
        if isinstance(result, RescheduleRefused):
            return result
    return result


def apply_in_change(
    services: Services, promise: Promise, request: RescheduleRequest, origin: RequestOrigin, change: Change
) -> RescheduleResult:
    """As part of the caller's change; nothing is written when it is refused."""
    if promise.state in ENDED:
        return RescheduleRefused(why=RefusalReason.ENDED, promise=promise)
    carried = origin.contact is not None and origin.contact.id == promise.merged_into
    if promise.state is PromiseState.TALKING or (promise.state is PromiseState.MERGED and not carried):
        return RescheduleRefused(why=RefusalReason.ON_LINE, promise=promise)
    if (
        origin.shown_until
        and round(origin.shown_until) != round(promise.due_by)
        and not _is_already_so(promise, request)
    ):
        return RescheduleRefused(why=RefusalReason.CHANGED, promise=promise)
    change.needs_replicas = True  # they are told
    done: RescheduleResult = _HANDLERS[type(request)](services, promise, request, origin, change)
    return done


def list_windows(
    services: Services,
    promise: Promise,
    now: float,
    *,
    number: str = "",
    max_count: int = time_windows.MAX_CHOICES,
) -> list[tuple[float, float]]:
    """Times to which it can be moved, soonest first, epoch seconds."""
    found = time_windows.find_windows(
        services,
        promise.queue,
        number or promise.number,
        now,
        max_count=max_count,
        excluded_promise=promise.id,
    )
    return [(w.since.timestamp(), w.until.timestamp()) for w in found]


def _is_already_so(promise: Promise, request: RescheduleRequest) -> bool:
    """Asked twice: the second finds it done."""
    match request:
        case MoveToWindow():
            return (promise.not_before, promise.due_by) == (
                request.since,
                request.until,
            ) and request.number in ("", promise.number)
        case ChangeNumber():
            return request.number == promise.number
        case _:
            return isinstance(request, Decline)


def _decline(
    services: Services, promise: Promise, request: Decline, origin: RequestOrigin, change: Change
) -> RescheduleResult:
    callback_dial.cancel_attempt(services, promise, change)
    ended = promise_lifecycle.decline_promise(
        promise, change, channel=origin.channel.value, actor_id=origin.by
    )
    if request.why:
        case_thread.add_entry(
            promise.case, "declined", change, promise=promise.id, by=origin.by, words=request.why[:500]
        )
    for number in sorted({promise.number, promise.customer} - {"", origin.informed_number}):
        texting_send.create_promise_text(services, ended, "text.cancelled", change, to=number)
    return Rescheduled(promise=ended)


def _move(
    services: Services, promise: Promise, request: MoveToWindow, origin: RequestOrigin, change: Change
) -> RescheduleResult:
    if not may_call(services, request.number or promise.number):
        return RescheduleRefused(why=RefusalReason.NOT_DIALABLE, promise=promise)
    if _is_already_so(promise, request) and promise.state is PromiseState.MADE:
        return Rescheduled(promise=promise)
    if not _is_offered(services, promise, request, change.now):
        return RescheduleRefused(why=RefusalReason.TIME_GONE, promise=promise)
    wanted = promise_lifecycle.PromiseRequest(number=request.number, since=request.since, until=request.until)
    return _move_to(services, promise, wanted, origin, change)


def _move_to_soonest(
    services: Services, promise: Promise, request: MoveToSoonest, origin: RequestOrigin, change: Change
) -> RescheduleResult:
    if not may_call(services, request.number or promise.number):
        return RescheduleRefused(why=RefusalReason.NOT_DIALABLE, promise=promise)
    same = request.number in ("", promise.number)
    if same and promise.state in UNDER_WAY:
        return RescheduleRefused(why=RefusalReason.UNDER_WAY, promise=promise)
    if same and promise.state in QUEUED:
        return Rescheduled(promise=promise)  # they stand in the queue already
    return _move_to(
        services,
        promise,
        promise_lifecycle.PromiseRequest(number=request.number, since=request.since),
        origin,
        change,
    )


def _call_now(
    services: Services, promise: Promise, request: CallNow, origin: RequestOrigin, change: Change
) -> RescheduleResult:
    del request
    if promise.state in UNDER_WAY:
        return RescheduleRefused(why=RefusalReason.UNDER_WAY, promise=promise)
    awake = time_windows.next_callable_time(services, promise.number, change.now)
    if awake > change.now:
        return RescheduleRefused(why=RefusalReason.OUTSIDE_CALLING_HOURS, promise=promise, callable_at=awake)
    front = priority.move_callback_to_front(promise, change.now)
    _, until = time_windows.find_soonest(services, promise.queue, promise.number, promise.key, change.now)
    return _store(services, promise, front, (change.now, min(until, promise.due_by)), origin, change)


def _change_number(
    services: Services, promise: Promise, request: ChangeNumber, origin: RequestOrigin, change: Change
) -> RescheduleResult:
    if not may_call(services, request.number):
        return RescheduleRefused(why=RefusalReason.NOT_DIALABLE, promise=promise)
    if request.number == promise.number:
        return Rescheduled(promise=promise)
    since = time_windows.next_callable_time(services, request.number, max(change.now, promise.not_before))
    later = max(0.0, since - max(change.now, promise.not_before))
    return _store(
        services,
        promise,
        replace(promise, number=request.number),
        (since, promise.due_by + later),
        origin,
        change,
    )


def may_call(services: Services, number: str) -> bool:
    reader = services.store.get(Customer, number)
    return permissions.is_dialable(services, number) and not (reader is not None and reader.no_calls)


def _is_offered(services: Services, promise: Promise, request: MoveToWindow, now: float) -> bool:
    """Times were read out a while ago: what was free then counts, unless it has begun."""
    if request.since <= now:
        return False
    chosen = (request.since, request.until)
    shown = (
        list_windows(services, promise, at, number=request.number, max_count=time_windows.ALL_WINDOWS)
        for at in (now, now - CHOICE_VALID_SECONDS)
    )
    return any(chosen in free for free in shown)


def _move_to(
    services: Services,
    promise: Promise,
    wanted: promise_lifecycle.PromiseRequest,
    origin: RequestOrigin,
    change: Change,
) -> RescheduleResult:
    number = wanted.number or promise.number
    member = (origin.contact or promise).key
    since, until = promise_lifecycle.compute_times(
        services, wanted, promise.queue, number, member, change.now
    )
    if (
        not wanted.until
        and change.now + promise_lifecycle.WARN_CUSTOMER_BEFORE_SECONDS < promise.due_by < until
    ):
        until = promise.due_by  # we keep to what was said
    place = origin.contact.queue_place if origin.contact else QueuePlace()
    moved = priority.move_callback(promise, place, wanted.chosen_since, change.now)
    placed = replace(moved, number=number)
    return _store(services, promise, placed, (since, until), origin, change)


def _limit_request(promise: Promise, number: str) -> promise_limits.LimitRequest:
    """Every new time is told by text, and every other number costs a call: both are counted as promises are."""
    return promise_limits.LimitRequest(
        requester_id=promise.id,
        our_number=promise.our_number,
        caller=promise.number,
        number=number,
        is_known=True,
    )


def _store(
    services: Services,
    promise: Promise,
    new: Promise,
    times: tuple[float, float],
    origin: RequestOrigin,
    change: Change,
) -> RescheduleResult:
    if origin.channel not in STAFF_CHANNELS and promise_limits.check_and_count(
        services, _limit_request(promise, new.number), change
    ):
        return RescheduleRefused(why=RefusalReason.TOO_OFTEN, promise=promise)
    callback_dial.cancel_attempt(services, promise, change, declined=False)
    fresh = new.number != promise.number
    moved = rescheduled(
        new,
        not_before=times[0],
        due_by=times[1],
        zone=promise_lifecycle.find_zone(new.number, change.now),
        why=promise.why if promise.is_manual and not fresh else WaitReason.RESCHEDULED,
    )
    if fresh:
        open_promises.remove_from_customers(promise, {promise.number} - {promise.customer}, change)
    moved = promise_lifecycle.store_open(services, promise, moved, change)
    open_promises.add_to_customers(moved, change)
    contact = origin.contact.id if origin.contact else ""
    change.log_event("promise moved", promise=moved.id, via=origin.channel, by=origin.by, contact=contact)
    texting_send.create_promise_text(services, moved, origin.phrase_key, change)
    if fresh:
        for number in sorted({promise.number, promise.customer} - {"", moved.number}):
            texting_send.create_promise_text(services, moved, "text.elsewhere", change, to=number)
    return Rescheduled(promise=moved)


_HANDLERS: dict[type, Callable[[Services, Promise, Any, RequestOrigin, Change], RescheduleResult]] = {
    MoveToWindow: _move,
    MoveToSoonest: _move_to_soonest,
    CallNow: _call_now,
    ChangeNumber: _change_number,
    Decline: _decline,
}
