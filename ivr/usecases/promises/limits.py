"""What is asked too often. Before a promise is acknowledged it is refused, with the reason and a person; one that nobody has
heard of yet, and a call that is to be made, wait. Nothing that was acknowledged is taken back (I2).

Callers whom we know, or whose number is attested, are not held to the bound of the line: whoever makes up numbers by the
thousand must not keep them from being promised a call.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import structlog
from prometheus_client import Counter

from ivr.domain.phone_numbers import TrustLevel
from ivr.domain.records.contact import Contact
from ivr.domain.records.customer import Customer
from ivr.domain.records.one_time_code import MAX_PER_NUMBER_PER_DAY
from ivr.domain.rules import priority
from ivr.domain.rules.rate_limit import RateLimit, next_allowed_at
from ivr.services import Services
from ivr.store.change import Change
from ivr.store.queries import recent_counts
from ivr.usecases.promises import lifecycle as promise_lifecycle

log = structlog.get_logger()

HOUR_SECONDS, DAY_SECONDS = 3600.0, 86400.0
NUMBER_LIMIT, OTHER_NUMBER_LIMIT, STRANGER_LIMIT = "number", "other", "line"
REFUSED_COUNT_KEY = "refused"  # counted: how often a bound of the line was reached

REFUSED_METRIC = Counter(
    "calor_rate_limited_promises", "Promises refused or put off because of a bound", ["bound"]
)


@dataclass(frozen=True, kw_only=True)
class LimitRequest:
    """`requester_id`: for the event log. `caller`: their own number, "" when hidden. `number`: to be rung. `is_known`: no stranger."""

    requester_id: str
    our_number: str
    caller: str
    number: str
    is_known: bool


def build_request(contact: Contact, number: str, change: Change) -> LimitRequest:
    """A caller who asks for a call to `number`."""
    customer = change.get(Customer, contact.caller.number)
    talked = customer is not None and bool(customer.last_at or customer.name)
    return LimitRequest(
        requester_id=contact.id,
        our_number=contact.caller.called_number,
        caller=contact.caller.number,
        number=number,
        is_known=talked or contact.caller.trust_level >= TrustLevel.ATTESTED,
    )


def check_and_count(services: Services, request: LimitRequest, change: Change) -> str:
    """Which bound forbids it; "" = none, and it counts from now on. One round trip."""
    bounds = _list_bounds(services, request)
    for bound, at in zip(bounds, _list_free_times(services, bounds, change.now), strict=True):
        if at > change.now:
            _record_refusal(bound, request.requester_id, request.our_number, change)
            return bound.name
    _count_request(bounds, request, change.now, change)
    return ""


def build_unrequested_promise(
    services: Services, contact: Contact, text_key: str, change: Change
) -> tuple[Contact, promise_lifecycle.PromiseRequest]:
    """A promise to whoever hung up, or left a message: it is made in any case, and waits when there are too many such.

    Then nobody is told by text, and its place in the queue is from when on it may be kept: made-up callers, of whom there can be
    thousands, stand behind everybody who is on the telephone.
    """
    at = _earliest_allowed_time(services, build_request(contact, contact.caller.number, change), change)
    if at <= change.now:
        return contact, promise_lifecycle.PromiseRequest(text_key=text_key)
    queued_at = priority.arrive_not_before(contact.queue_place.queued_at, at)
    return replace(
        contact, queue_place=replace(contact.queue_place, queued_at=queued_at)
    ), promise_lifecycle.PromiseRequest(text_key="", since=at)


def _earliest_allowed_time(services: Services, request: LimitRequest, change: Change) -> float:
    """From when on it may be kept, now or later. It counts for then."""
    bounds = _list_bounds(services, request)
    free = _list_free_times(services, bounds, change.now)
    for bound, at in zip(bounds, free, strict=True):
        if at > change.now:
            _record_refusal(bound, request.requester_id, request.our_number, change)
    at = max(free)
    _count_request(bounds, request, at, change)
    return at


def next_call_time(services: Services, number: str, now: float) -> float:
    """When this number may be rung once more, whatever is owed there: now, or later."""
    (at,) = _list_free_times(services, [_call_bound(services, number)], now)
    return at


def count_call(number: str, change: Change) -> None:
    """It is being rung."""
    recent_counts.add_occurrence(
        change, f"rung:{number}", change.now, source=number, window_seconds=HOUR_SECONDS
    )


def check_and_count_code(
    services: Services, *, number: str, our_number: str, requester_id: str, change: Change
) -> bool:
    """Whether no code may be texted to this number now; else it counts. One telephone is not to be filled with our texts, nor
    many by one who enters number after number.
    """
    bounds = [
        RateLimit(
            name=NUMBER_LIMIT,
            counted=f"codes:{number}",
            max_count=MAX_PER_NUMBER_PER_DAY,
            window_seconds=DAY_SECONDS,
        ),
        RateLimit(
            name=OTHER_NUMBER_LIMIT,
            counted=f"codes on:{our_number}",
            max_count=services.settings.other_numbers_per_hour,
            window_seconds=HOUR_SECONDS,
        ),
    ]
    for bound, at in zip(bounds, _list_free_times(services, bounds, change.now), strict=True):
        if at > change.now:
            _record_refusal(bound, requester_id, our_number, change)
            return True
    for bound in bounds:
        recent_counts.add_occurrence(
            change, bound.counted, change.now, source=requester_id, window_seconds=bound.window_seconds
        )
    return False


def was_reached_recently(services: Services, now: float) -> bool:
    """Whether somebody was refused or put off in the last hour because of a bound of a whole line."""
    (latest,) = services.store.read(
        recent_counts.list_nth_latest(
            [
                RateLimit(
                    name=REFUSED_COUNT_KEY,
                    counted=REFUSED_COUNT_KEY,
                    max_count=1,
                    window_seconds=HOUR_SECONDS,
                )
            ],
        )
    )
    return latest is not None and now - latest < HOUR_SECONDS


def _list_bounds(services: Services, request: LimitRequest) -> list[RateLimit]:
    config = services.settings
    promised = f"promised:{request.number}"
    found = [
        RateLimit(
            name=NUMBER_LIMIT,
            counted=promised,
            max_count=config.callbacks_per_number_hour,
            window_seconds=HOUR_SECONDS,
        ),
        RateLimit(
            name=NUMBER_LIMIT,
            counted=promised,
            max_count=config.callbacks_per_number_day,
            window_seconds=DAY_SECONDS,
        ),
    ]
    if request.number != request.caller:
        found.append(
            RateLimit(
                name=OTHER_NUMBER_LIMIT,
                counted=f"others:{request.our_number}",
                max_count=config.other_numbers_per_hour,
                window_seconds=HOUR_SECONDS,
            )
        )
    if not request.is_known:
        found.append(
            RateLimit(
                name=STRANGER_LIMIT,
                counted=f"strangers:{request.our_number}",
                max_count=config.unverified_callbacks_per_hour,
                window_seconds=HOUR_SECONDS,
            )
        )
    return found


def _call_bound(services: Services, number: str) -> RateLimit:
    return RateLimit(
        name=NUMBER_LIMIT,
        counted=f"rung:{number}",
        max_count=services.settings.calls_per_number_hour,
        window_seconds=HOUR_SECONDS,
    )


def _list_free_times(services: Services, bounds: Sequence[RateLimit], now: float) -> list[float]:
    nth = services.store.read(recent_counts.list_nth_latest(bounds))
    return [next_allowed_at(bound, at, now) for bound, at in zip(bounds, nth, strict=True)]


def _count_request(bounds: Sequence[RateLimit], request: LimitRequest, at: float, change: Change) -> None:
    longest = {
        bound.counted: bound.window_seconds for bound in sorted(bounds, key=lambda b: b.window_seconds)
    }
    for of, seconds in longest.items():
        recent_counts.add_occurrence(change, of, at, source=request.requester_id, window_seconds=seconds)


def _record_refusal(bound: RateLimit, requester_id: str, our_number: str, change: Change) -> None:
    REFUSED_METRIC.labels(bound.name).inc()
    log.warning("rate_limit_reached", bound=bound.name, who=requester_id, line=our_number)
    change.log_event("rate limit reached", bound=bound.name, who=requester_id)
    if bound.name != NUMBER_LIMIT:
        recent_counts.add_occurrence(
            change, REFUSED_COUNT_KEY, change.now, source=requester_id, window_seconds=HOUR_SECONDS
        )
