"""When a callback can be promised: opening hours, the customer's night, and the people there are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from ivr.domain import phone_numbers
from ivr.domain.records.agent import Agent
from ivr.domain.schedule import callback_windows, opening_hours
from ivr.domain.schedule.calling_hours import Quiet, Span, next_allowed
from ivr.services import RedisServices, Services
from ivr.store import keys
from ivr.store.queries import queues
from ivr.usecases.customers import caller_context

AHEAD = timedelta(days=7)
CHOICES = 12
ALL = 24 * AHEAD.days
TURNS = 8  # opening hours and nights that seldom meet: give up looking for both


def quiet(s: RedisServices) -> Quiet:
    return Quiet(since=s.settings.quiet_from, until=s.settings.quiet_until)


def _now(s: RedisServices, now: float) -> datetime:
    return datetime.fromtimestamp(now, ZoneInfo(s.settings.default_zone))


def windows_for(
    s: Services, queue: str, number: str, now: float, *, most: int = CHOICES, without: str = ""
) -> tuple[Span, ...]:
    """Times that can still be promised, soonest first. `without`: a promise that takes no place, as it is to be moved."""
    at = _now(s, now)
    opening = s.library.opening(queue)
    spans = (
        tuple(Span(since=a, until=b) for a, b in opening_hours.open_spans(opening, at, at + AHEAD))
        if opening
        else (Span(since=at, until=at + AHEAD),)
    )
    capacity = callback_windows.Capacity(
        people=_people(s, queue),
        handle_minutes=s.library.queue(queue).handle_minutes,
        booked=_booked(s, queue, at, without),
    )
    return callback_windows.find(at, phone_numbers.zones(number), spans, quiet(s), capacity, most)


def _people(s: Services, queue: str) -> int:
    """Who can be expected: everybody who can serve the queue, at least one."""
    need = caller_context.required(s, queue)
    return max(1, sum(1 for a in s.store.everyone(Agent) if need <= set(a.skills)))


def _booked(s: Services, queue: str, at: datetime, without: str) -> dict[datetime, int]:
    (found,) = s.store.read([("ZRANGE", keys.booked(queue), at.timestamp(), "+inf", "BYSCORE", "WITHSCORES")])
    counts: dict[datetime, int] = {}
    for promise, since in queues.pairs(found):
        if promise == without:
            continue
        hour = callback_windows.hour_of(datetime.fromtimestamp(since, UTC), at)
        counts[hour] = counts.get(hour, 0) + 1
    return counts


def soonest(s: Services, queue: str, number: str, member: str, now: float) -> tuple[float, float]:
    """(not before, by when) for whoever keeps their place: now if anybody may ring, else when people and customer are up."""
    start = open_and_awake(s, queue, number, now)
    pulse = queues.pulse(s.store, {queue: caller_context.required(s, queue)}, member)
    ahead = pulse.position.get(queue, pulse.waiting[queue])
    wait = caller_context.estimate(s, pulse, queue, ahead) or 0
    return start, callback_windows.due_soonest(_now(s, start), wait).timestamp()


def open_and_awake(s: Services, queue: str, number: str, now: float) -> float:
    """`now`, or the next time at which the queue's people are there and the customer is not to be left asleep."""
    at = _now(s, now)
    for _ in range(TURNS):
        opens = s.library.next_opening(queue, at) or at
        awake = next_allowed(opens, phone_numbers.zones(number), quiet(s))
        if awake <= at:
            break
        at = awake
    return max(now, at.timestamp())


def awake(s: RedisServices, number: str, now: float) -> float:
    """`now`, or the next time at which this number may be rung at all."""
    return max(now, next_allowed(_now(s, now), phone_numbers.zones(number), quiet(s)).timestamp())


def next_try(
    s: Services, queue: str, number: str, attempt: int, now: float, *, again: bool = False
) -> float | None:
    """When to ring again after `attempt` tries, epoch; None when enough has been tried. `again`: the last pause repeats."""
    schedule = [timedelta(minutes=m) for m in s.library.queue(queue).attempts]
    nth = min(attempt, len(schedule)) if again else attempt
    at = callback_windows.next_attempt(nth, _now(s, now), phone_numbers.zones(number), quiet(s), schedule)
    return None if at is None else open_and_awake(s, queue, number, at.timestamp())
