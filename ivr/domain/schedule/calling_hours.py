"""Hours at which nobody is rung, by the customer's own clock. A call that falls into them is deferred, never dropped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

# Far enough to see a whole week, near enough to cost nothing.
_SEARCH_AHEAD = timedelta(days=8)
_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True, order=True)
class TimeSpan:
    """From `since` up to, not including, `until`; aware."""

    since: datetime
    until: datetime

    @property
    def duration(self) -> timedelta:
        """As it passes: the difference of two times of one zone is that of their clocks, which are put back once a year."""
        return self.until.astimezone(UTC) - self.since.astimezone(UTC)


@dataclass(frozen=True, kw_only=True)
class QuietHours:
    """Quiet from `since` until `until`, wall clock, over midnight if `since` is the later one; equal = never quiet.

    The default is the law for calls in the United States, which are allowed from 8 to 21 at the called party's location
    (47 CFR 64.1200(c)(1)).
    """

    since: time = time(21)
    until: time = time(8)


def intersect(one: Iterable[TimeSpan], other: Iterable[TimeSpan]) -> tuple[TimeSpan, ...]:
    """The time that both have."""
    found = (
        TimeSpan(since=max(a.since, b.since), until=min(a.until, b.until)) for a in one for b in tuple(other)
    )
    return tuple(sorted(span for span in found if span.since < span.until))


def list_allowed_spans(
    at: datetime, zones: Sequence[str], quiet_hours: QuietHours, search_ahead: timedelta = _SEARCH_AHEAD
) -> tuple[TimeSpan, ...]:
    """When a customer who may be in any of `zones` may be rung, from `at` on; in UTC, soonest first.

    Every candidate zone must be awake. No zones, or zones so far apart that they are never awake together, tell nothing:
    then the zone of `at` counts, the line's own.
    """
    start = at.astimezone(UTC)
    whole = (TimeSpan(since=start, until=start + search_ahead),)
    if quiet_hours.since == quiet_hours.until:
        return whole
    awake: tuple[TimeSpan, ...] = whole
    for name in zones:
        awake = intersect(awake, _list_awake_spans(whole[0], ZoneInfo(name), quiet_hours))
    if zones and awake:
        return awake
    return intersect(whole, _list_awake_spans(whole[0], at.tzinfo or UTC, quiet_hours))


def _list_awake_spans(whole: TimeSpan, zone: tzinfo, quiet_hours: QuietHours) -> tuple[TimeSpan, ...]:
    day = whole.since.astimezone(zone).date() - _DAY
    last = whole.until.astimezone(zone).date()
    spans = []
    while day <= last:
        next_day = day + _DAY if quiet_hours.since < quiet_hours.until else day
        since = datetime.combine(day, quiet_hours.until, tzinfo=zone).astimezone(UTC)
        until = datetime.combine(next_day, quiet_hours.since, tzinfo=zone).astimezone(UTC)
        spans.append(TimeSpan(since=since, until=until))
        day += _DAY
    return tuple(spans)


def get_next_allowed_time(at: datetime, zones: Sequence[str], quiet_hours: QuietHours) -> datetime:
    """`at` itself, or the first moment after it at which the customer may be rung. In the zone of `at`."""
    spans = list_allowed_spans(at, zones, quiet_hours)
    return spans[0].since.astimezone(at.tzinfo) if spans else at
