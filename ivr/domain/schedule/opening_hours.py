"""When a line is open: weekly hours in a zone, public holidays, own dates and exceptions.

Times of day are wall-clock times of the zone, so "8:00-20:00" stays that on the days the clocks change.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

MINUTES_PER_DAY = 24 * 60
# A line that is never open again has no next opening; two years find every weekly pattern and yearly exception.
SEARCH_AHEAD_DAYS = 732


@dataclass(frozen=True, kw_only=True)
class MinuteSpan:
    """Minutes since midnight, from < until; `until` may pass midnight: 20:00-02:00 is (1200, 1560)."""

    start: int
    until: int


WeeklyHours = tuple[tuple[MinuteSpan, ...], ...]  # Monday first


@dataclass(frozen=True, kw_only=True)
class Hours:
    name: str
    zone: str  # IANA
    week: WeeklyHours
    country: str = ""  # ISO 3166, whose public holidays are closed days; "" = none
    subdivision: str = ""
    closed: frozenset[date] = frozenset()  # own days off
    exceptions: Mapping[date, tuple[MinuteSpan, ...]] = field(
        default_factory=dict
    )  # these hours on this day, whatever it is


class HoursSource(StrEnum):
    """What decides when a day is open."""

    WEEKLY = "weekly"
    HOLIDAY = "holiday"  # a public one
    DAY_OFF = "day off"  # one of their own
    EXCEPTION = "exception"


@dataclass(frozen=True, kw_only=True)
class DayRule:
    """The opening spans that begin on a day of the zone's calendar, and why it is these."""

    spans: tuple[MinuteSpan, ...]
    source: HoursSource = HoursSource.WEEKLY
    holiday: str = ""  # its name in English, where that is known


@lru_cache(maxsize=256)
def _holidays(country: str, subdivision: str, year: int) -> Mapping[date, str]:
    return dict(holidays.country_holidays(country, subdiv=subdivision or None, years=year, language="en_US"))


def get_day_rule(hours: Hours, day: date) -> DayRule:
    if day in hours.exceptions:
        return DayRule(spans=hours.exceptions[day], source=HoursSource.EXCEPTION)
    if day in hours.closed:
        return DayRule(spans=(), source=HoursSource.DAY_OFF)
    if hours.country and (holiday := _holidays(hours.country, hours.subdivision, day.year).get(day)):
        return DayRule(spans=(), source=HoursSource.HOLIDAY, holiday=holiday)
    return DayRule(spans=hours.week[day.weekday()])


def list_open_spans(hours: Hours, start: datetime, until: datetime) -> tuple[tuple[datetime, datetime], ...]:
    """Every time between two instants at which the line is open, in the zone, joined where they touch, cut to the bounds."""
    found: list[tuple[datetime, datetime]] = []
    for opens, closes in _list_spans(hours, start, until):
        begin, end = max(opens, start.astimezone(UTC)), min(closes, until.astimezone(UTC))
        if begin >= end:
            continue
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((begin, end))
    zone = ZoneInfo(hours.zone)
    return tuple((begin.astimezone(zone), end.astimezone(zone)) for begin, end in found)


def is_open(hours: Hours, at: datetime) -> bool:
    return any(opens <= at < closes for opens, closes in _list_spans(hours, at, at))


def get_next_opening(hours: Hours, at: datetime) -> datetime | None:
    """The first instant from `at` on at which the line is open, in its zone: `at` itself when it is open now."""
    zone = ZoneInfo(hours.zone)
    for opens, closes in _list_spans(hours, at, at + timedelta(days=SEARCH_AHEAD_DAYS)):
        if at < closes:
            return max(opens, at.astimezone(UTC)).astimezone(zone)
    return None


def _list_spans(hours: Hours, start: datetime, until: datetime) -> Iterator[tuple[datetime, datetime]]:
    """In UTC, in order of opening. A day early, because last night's span may still be open."""
    zone = ZoneInfo(hours.zone)
    day = start.astimezone(zone).date() - timedelta(days=1)
    last = until.astimezone(zone).date()
    while day <= last:
        for span in get_day_rule(hours, day).spans:
            opens, closes = _to_instant(zone, day, span.start), _to_instant(zone, day, span.until)
            if opens < closes:
                yield opens, closes
        day += timedelta(days=1)


def _to_instant(zone: ZoneInfo, day: date, minutes: int) -> datetime:
    days, rest = divmod(minutes, MINUTES_PER_DAY)
    wall = datetime.combine(day + timedelta(days=days), time(rest // 60, rest % 60), tzinfo=zone)
    return wall.astimezone(UTC)
