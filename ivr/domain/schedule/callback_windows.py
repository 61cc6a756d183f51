"""Times at which a callback can be promised: only what people, opening hours and the customer's night allow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from ivr.domain.schedule.calling_hours import Quiet, Span, allowed, common, next_allowed

_HOUR = timedelta(hours=1)
_SHORTEST = timedelta(minutes=30)
_LEAD = timedelta(minutes=15)  # a window that begins at once is no choice
_STEP = 300  # times are promised in whole five minutes
_LEAST = timedelta(minutes=20)

# After a busy line or no answer: most people who missed a call are back within minutes or after work.
SCHEDULE = (timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2))


@dataclass(frozen=True, kw_only=True)
class Capacity:
    """What the people expected can handle beside each other."""

    people: int
    handle_minutes: float
    booked: Mapping[datetime, int] = field(
        default_factory=dict
    )  # promises already in the hour that begins then

    def free(self, window: Span, hour: datetime) -> int:
        share = window.length / _HOUR
        return int(self.people * 60 * share / self.handle_minutes) - self.booked.get(hour, 0)


def find(
    now: datetime,
    zones: Sequence[str],
    opening: Sequence[Span],
    quiet: Quiet,
    capacity: Capacity,
    count: int = 3,
) -> tuple[Span, ...]:
    """The next `count` windows that can be promised, soonest first, in the zone of `now` (the line's).

    A window lies within one hour of the line's clock, lasts that hour or at least half of it, is open to its end, and is
    awake in every zone the customer may be in. Full hours are passed over. Fewer, or none, come back when there are no more.
    """
    awake = allowed(now + _LEAD, zones, quiet)
    found: list[Span] = []
    for span in common(opening, awake):
        hour = hour_of(span.since, now)
        while hour < span.until and len(found) < count:
            window = Span(since=_half_up(max(hour, span.since), hour), until=min(hour + _HOUR, span.until))
            if window.length >= _SHORTEST and capacity.free(window, hour) > 0:
                found.append(_local(window, now))
            hour += _HOUR
    return tuple(found)


def hour_of(at: datetime, now: datetime) -> datetime:
    """The key under which a promise for `at` counts in `Capacity.booked`: its hour by the line's clock, in UTC."""
    # by the minutes of the wall clock, because some zones are half an hour off; then in UTC, where an hour is an hour
    local = at.astimezone(now.tzinfo)
    return at.astimezone(UTC) - timedelta(
        minutes=local.minute, seconds=local.second, microseconds=local.microsecond
    )


def _half_up(at: datetime, hour: datetime) -> datetime:
    halves = -((hour - at) // _SHORTEST)
    return hour + halves * _SHORTEST


def _local(window: Span, now: datetime) -> Span:
    return Span(since=window.since.astimezone(now.tzinfo), until=window.until.astimezone(now.tzinfo))


def due_soonest(now: datetime, estimate_seconds: float) -> datetime:
    """By when a caller who keeps their place can honestly be told to expect us.

    Half as long again as the estimate and five minutes for what it could not know, at least 20 minutes, up to the next
    full five minutes. The caller of this function defers it past closing and quiet hours.
    """
    margin = timedelta(seconds=estimate_seconds * 1.5) + timedelta(minutes=5)
    by = (now + max(_LEAST, margin)).timestamp()
    return datetime.fromtimestamp(-(-by // _STEP) * _STEP, tz=now.tzinfo)


def next_attempt(
    attempt: int, now: datetime, zones: Sequence[str], quiet: Quiet, schedule: Sequence[timedelta] = SCHEDULE
) -> datetime | None:
    """When to try again after `attempt` finished tries (1 = the first one failed); None = no more: escalate."""
    if attempt > len(schedule):
        return None
    return next_allowed(now + schedule[max(attempt, 1) - 1], zones, quiet)
