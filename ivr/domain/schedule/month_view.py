"""A month of opening hours as a calendar shows it: week by week, each day with when it is open, and why."""

from __future__ import annotations

from calendar import Calendar
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from ivr.domain.errors import CalorError
from ivr.domain.schedule.opening_hours import Hours, Why, open_spans, rule_on

FIRST, LAST = 2000, 2100  # years of which calendars are shown


class NoSuchMonth(CalorError):
    """There is no calendar of this month."""


@dataclass(frozen=True, kw_only=True)
class Open:
    """In the zone, within one day of it: the end of one that goes on after midnight is 0:00 of the next day."""

    opens: datetime
    closes: datetime
    past_midnight: bool = False  # it began the day before, under that day's rule


@dataclass(frozen=True, kw_only=True)
class Day:
    date: date
    open: tuple[Open, ...]
    why: Why  # of the hours that begin on this day
    holiday: str = ""


Week = tuple[Day | None, ...]  # Monday first; None = a day of another month


def month(hours: Hours, year: int, number: int) -> tuple[Week, ...]:
    """`number`: 1 for January. Raises NoSuchMonth."""
    if not (FIRST <= year <= LAST and 1 <= number <= 12):
        raise NoSuchMonth(f'"{year}-{number:02}" should be a month from {FIRST}-01 to {LAST}-12.')
    weeks = Calendar().monthdatescalendar(year, number)
    return tuple(tuple(_day(hours, day) if day.month == number else None for day in week) for week in weeks)


def _day(hours: Hours, day: date) -> Day:
    rule = rule_on(hours, day)
    zone = ZoneInfo(hours.zone)
    start, end = (datetime.combine(one, time(), tzinfo=zone) for one in (day, day + timedelta(days=1)))
    own = any(span.start == 0 for span in rule.spans)
    return Day(
        date=day,
        open=tuple(
            Open(opens=opens, closes=closes, past_midnight=opens == start and not own)
            for opens, closes in open_spans(hours, start, end)
        ),
        why=rule.why,
        holiday=rule.holiday,
    )
