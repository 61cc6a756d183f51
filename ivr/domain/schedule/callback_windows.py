"""Times at which a callback can be promised: only what people, opening hours and the customer's night allow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from ivr.domain.schedule.calling_hours import (
    QuietHours,
    TimeSpan,
    get_next_allowed_time,
    intersect,
    list_allowed_spans,
)

_HOUR = timedelta(hours=1)
_MIN_WINDOW = timedelta(minutes=30)
_LEAD_TIME = timedelta(minutes=15)  # a window that begins at once is no choice
_STEP_SECONDS = 300  # times are promised in whole five minutes
_MIN_DELAY = timedelta(minutes=20)

# After a busy line or no answer: most people who missed a call are back within minutes or after work.
RETRY_DELAYS = (timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2))


@dataclass(frozen=True, kw_only=True)
class Capacity:
    """What the people expected can handle beside each other."""

    agents: int
    handle_minutes: float
    booked: Mapping[datetime, int] = field(
        default_factory=dict
    )  # promises already in the hour that begins then

    def count_free(self, window: TimeSpan, hour: datetime) -> int:
        share = window.duration / _HOUR
        return int(self.agents * 60 * share / self.handle_minutes) - self.booked.get(hour, 0)


def find_windows(
    now: datetime,
    zones: Sequence[str],
    opening_spans: Sequence[TimeSpan],
    quiet_hours: QuietHours,
    capacity: Capacity,
    count: int = 3,
) -> tuple[TimeSpan, ...]:
    """The next `count` windows that can be promised, soonest first, in the zone of `now` (the line's).

    A window lies within one hour of the line's clock, lasts that hour or at least half of it, is open to its end, and is
    awake in every zone the customer may be in. Full hours are passed over. Fewer, or none, come back when there are no more.
    """
    awake = list_allowed_spans(now + _LEAD_TIME, zones, quiet_hours)
    found: list[TimeSpan] = []
    for span in intersect(opening_spans, awake):
        hour = get_capacity_hour(span.since, now)
        while hour < span.until and len(found) < count:
            window = TimeSpan(
                since=_round_up_to_half_hour(max(hour, span.since), hour), until=min(hour + _HOUR, span.until)
            )
            if window.duration >= _MIN_WINDOW and capacity.count_free(window, hour) > 0:
                found.append(_to_zone_of(window, now))
            hour += _HOUR
    return tuple(found)


def get_capacity_hour(at: datetime, now: datetime) -> datetime:
    """The key under which a promise for `at` counts in `Capacity.booked`: its hour by the line's clock, in UTC."""
    # by the minutes of the wall clock, because some zones are half an hour off; then in UTC, where an hour is an hour
    local = at.astimezone(now.tzinfo)
    return at.astimezone(UTC) - timedelta(
        minutes=local.minute, seconds=local.second, microseconds=local.microsecond
    )


def _round_up_to_half_hour(at: datetime, hour: datetime) -> datetime:
    halves = -((hour - at) // _MIN_WINDOW)
    return hour + halves * _MIN_WINDOW


def _to_zone_of(window: TimeSpan, now: datetime) -> TimeSpan:
    return TimeSpan(since=window.since.astimezone(now.tzinfo), until=window.until.astimezone(now.tzinfo))


def get_earliest_due_by(now: datetime, estimate_seconds: float) -> datetime:
    """By when a caller who keeps their place can honestly be told to expect us.

    Half as long again as the estimate and five minutes for what it could not know, at least 20 minutes, up to the next
    full five minutes. The caller of this function defers it past closing and quiet hours.
    """
    margin = timedelta(seconds=estimate_seconds * 1.5) + timedelta(minutes=5)
    by = (now + max(_MIN_DELAY, margin)).timestamp()
    return datetime.fromtimestamp(-(-by // _STEP_SECONDS) * _STEP_SECONDS, tz=now.tzinfo)


def get_next_attempt_time(
    attempt: int,
    now: datetime,
    zones: Sequence[str],
    quiet_hours: QuietHours,
    retry_delays: Sequence[timedelta] = RETRY_DELAYS,
) -> datetime | None:
    """When to try again after `attempt` finished tries (1 = the first one failed); None = no more: escalate."""
    if attempt > len(retry_delays):
        return None
    return get_next_allowed_time(now + retry_delays[max(attempt, 1) - 1], zones, quiet_hours)
