"""When a callback can be promised: opening hours, the customer's night, and the people there are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from ivr.domain import phone_numbers
from ivr.domain.records.agent import Agent
from ivr.domain.schedule import callback_windows, opening_hours
from ivr.domain.schedule.calling_hours import QuietHours, TimeSpan, get_next_allowed_time
from ivr.services import RedisServices, Services
from ivr.store.queries import promises, queues
from ivr.usecases.queueing import capacity

BOOKING_HORIZON = timedelta(days=7)
MAX_CHOICES = 12
ALL_WINDOWS = 24 * BOOKING_HORIZON.days
MAX_SEARCH_ROUNDS = 8  # opening hours and nights that seldom meet: give up looking for both


def get_calling_hours(s: RedisServices) -> QuietHours:
    return QuietHours(since=s.settings.calling_hours_end, until=s.settings.calling_hours_start)


def _to_local_time(s: RedisServices, now: float) -> datetime:
    return datetime.fromtimestamp(now, ZoneInfo(s.settings.default_time_zone))


def find_windows(
    services: Services,
    queue: str,
    number: str,
    now: float,
    *,
    max_count: int = MAX_CHOICES,
    excluded_promise: str = "",
) -> tuple[TimeSpan, ...]:
    """Times that can still be promised, soonest first. `excluded_promise`: a promise that takes no place, as it is to be moved."""
    at = _to_local_time(services, now)
    opening = services.library.get_hours(queue)
    spans = (
        tuple(
            TimeSpan(since=a, until=b)
            for a, b in opening_hours.list_open_spans(opening, at, at + BOOKING_HORIZON)
        )
        if opening
        else (TimeSpan(since=at, until=at + BOOKING_HORIZON),)
    )
    capacity = callback_windows.Capacity(
        agents=_count_agents(services, queue),
        handle_minutes=services.library.get_queue(queue).handle_minutes,
        booked=_count_booked(services, queue, at, excluded_promise),
    )
    return callback_windows.find_windows(
        at, phone_numbers.time_zones(number), spans, get_calling_hours(services), capacity, max_count
    )


def _count_agents(services: Services, queue: str) -> int:
    """Who can be expected: everybody who can serve the queue, at least one."""
    need = capacity.required_skills(services, queue)
    return max(1, sum(1 for a in services.store.list_all(Agent) if need <= set(a.skills)))


def _count_booked(services: Services, queue: str, at: datetime, excluded_promise: str) -> dict[datetime, int]:
    counts: dict[datetime, int] = {}
    for promise, since in services.store.read(promises.list_scheduled_from(queue, at.timestamp())):
        if promise == excluded_promise:
            continue
        hour = callback_windows.get_capacity_hour(datetime.fromtimestamp(since, UTC), at)
        counts[hour] = counts.get(hour, 0) + 1
    return counts


def find_soonest(services: Services, queue: str, number: str, key: str, now: float) -> tuple[float, float]:
    """(not before, by when) for whoever keeps their place: now if anybody may ring, else when people and customer are up."""
    start = next_open_and_callable_time(services, queue, number, now)
    pulse = queues.get_status(services.store, {queue: capacity.required_skills(services, queue)}, key)
    ahead = pulse.position.get(queue, pulse.waiting[queue])
    wait = capacity.estimate_wait_seconds(services, pulse, queue, ahead) or 0
    return start, callback_windows.get_earliest_due_by(_to_local_time(services, start), wait).timestamp()


def next_open_and_callable_time(services: Services, queue: str, number: str, now: float) -> float:
    """`now`, or the next time at which the queue's people are there and the customer is not to be left asleep."""
    at = _to_local_time(services, now)
    for _ in range(MAX_SEARCH_ROUNDS):
        opens = services.library.next_opening(queue, at) or at
        awake = get_next_allowed_time(opens, phone_numbers.time_zones(number), get_calling_hours(services))
        if awake <= at:
            break
        at = awake
    return max(now, at.timestamp())


def next_callable_time(s: RedisServices, number: str, now: float) -> float:
    """`now`, or the next time at which this number may be rung at all."""
    return max(
        now,
        get_next_allowed_time(
            _to_local_time(s, now), phone_numbers.time_zones(number), get_calling_hours(s)
        ).timestamp(),
    )


def next_attempt_time(
    services: Services, queue: str, number: str, attempt: int, now: float, *, repeat_last: bool = False
) -> float | None:
    """When to ring again after `attempt` tries, epoch; None when enough has been tried. `repeat_last`: the last pause repeats."""
    schedule = [timedelta(minutes=m) for m in services.library.get_queue(queue).attempts]
    nth = min(attempt, len(schedule)) if repeat_last else attempt
    at = callback_windows.get_next_attempt_time(
        nth,
        _to_local_time(services, now),
        phone_numbers.time_zones(number),
        get_calling_hours(services),
        schedule,
    )
    return None if at is None else next_open_and_callable_time(services, queue, number, at.timestamp())
