"""A month of opening hours as a calendar shows it: week by week, each day with when it is open, and why."""

from __future__ import annotations

from calendar import Calendar
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from ivr.domain.errors import CalorError
from ivr.domain.schedule.opening_hours import Hours, HoursSource, get_day_rule, list_open_spans

FIRST_YEAR, LAST_YEAR = 2000, 2100  # years of which calendars are shown


class NoSuchMonth(CalorError):
    """There is no calendar of this month."""


@dataclass(frozen=True, kw_only=True)
class OpenSpan:
    """In the zone, within one day of it: the end of one that goes on after midnight is 0:00 of the next day."""

    opens: datetime
    closes: datetime
    past_midnight: bool = False  # it began the day before, under that day's rule


@dataclass(frozen=True, kw_only=True)
class CalendarDay:
    date: date
    open_spans: tuple[OpenSpan, ...]
    hours_source: HoursSource  # of the hours that begin on this day
    holiday: str = ""


CalendarWeek = tuple[CalendarDay | None, ...]  # Monday first; None = a day of another month


def build_month(hours: Hours, year: int, month: int) -> tuple[CalendarWeek, ...]:
    """`month`: 1 for January. Raises NoSuchMonth."""
    if not (FIRST_YEAR <= year <= LAST_YEAR and 1 <= month <= 12):
        raise NoSuchMonth(f'"{year}-{month:02}" should be a month from {FIRST_YEAR}-01 to {LAST_YEAR}-12.')
    weeks = Calendar().monthdatescalendar(year, month)
    return tuple(
        tuple(_build_day(hours, day) if day.month == month else None for day in week) for week in weeks
    )


def _build_day(hours: Hours, day: date) -> CalendarDay:
    rule = get_day_rule(hours, day)
    zone = ZoneInfo(hours.zone)
    start, end = (datetime.combine(one, time(), tzinfo=zone) for one in (day, day + timedelta(days=1)))
    own = any(span.start == 0 for span in rule.spans)
    return CalendarDay(
        date=day,
        open_spans=tuple(
            OpenSpan(opens=opens, closes=closes, past_midnight=opens == start and not own)
            for opens, closes in list_open_spans(hours, start, end)
        ),
        hours_source=rule.source,
        holiday=rule.holiday,
    )
