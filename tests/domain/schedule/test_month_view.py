from __future__ import annotations

import json
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from ivr.cli.flows.command import flows
from ivr.domain.schedule.month_view import CalendarDay, NoSuchMonth, build_month
from ivr.domain.schedule.opening_hours import Hours, HoursSource, MinuteSpan, is_open
from tests.flow.caller import SHIPPED

BERLIN = ZoneInfo("Europe/Berlin")
NIGHT = (MinuteSpan(start=20 * 60, until=26 * 60),)
HOURS = Hours(
    name="h",
    zone="Europe/Berlin",
    week=((MinuteSpan(start=8 * 60, until=20 * 60),),) * 5 + (NIGHT, ()),
    country="DE",
    closed=frozenset({date(2026, 12, 31)}),
    exceptions={date(2026, 12, 24): (MinuteSpan(start=8 * 60, until=12 * 60),), date(2026, 12, 25): ()},
)


def days(hours: Hours, year: int, number: int) -> list[CalendarDay]:
    return [day for week in build_month(hours, year, number) for day in week if day]


def shown(day: CalendarDay) -> list[tuple[str, str, bool]]:
    return [(f"{one.opens:%H:%M}", f"{one.closes:%H:%M}", one.past_midnight) for one in day.open_spans]


def test_weeks_begin_on_monday_and_other_months_are_left_out() -> None:
    weeks = build_month(HOURS, 2026, 12)
    assert [len(week) for week in weeks] == [7] * 5
    assert weeks[0][0] is None
    assert [day.date.day for day in days(HOURS, 2026, 12)] == list(range(1, 32))


def test_each_day_says_why() -> None:
    december = {day.date.day: day for day in days(HOURS, 2026, 12)}
    assert (december[23].hours_source, shown(december[23])) == (
        HoursSource.WEEKLY,
        [("08:00", "20:00", False)],
    )
    assert (december[24].hours_source, shown(december[24])) == (
        HoursSource.EXCEPTION,
        [("08:00", "12:00", False)],
    )
    assert (december[25].hours_source, shown(december[25])) == (HoursSource.EXCEPTION, [])
    assert (december[26].hours_source, december[26].holiday) == (
        HoursSource.HOLIDAY,
        "Second Day of Christmas",
    )
    assert (december[31].hours_source, shown(december[31])) == (HoursSource.DAY_OFF, [])


def test_a_night_ends_on_the_next_day_and_is_told_there() -> None:
    october = {day.date.day: day for day in days(HOURS, 2026, 10)}
    assert shown(october[10]) == [("20:00", "00:00", False)]
    assert shown(october[11]) == [("00:00", "02:00", True)]
    always = Hours(name="a", zone="UTC", week=((MinuteSpan(start=0, until=1440),),) * 7)
    assert {tuple(shown(day)) for day in days(always, 2026, 10)} == {(("00:00", "00:00", False),)}


@given(st.integers(2024, 2030), st.integers(1, 12), st.lists(st.integers(0, 60 * 24 * 31), max_size=40))
def test_what_it_shows_is_what_is_open_also_when_the_clocks_change(
    year: int, number: int, minutes: list[int]
) -> None:
    found = days(HOURS, year, number)
    spans = [(one.opens, one.closes) for day in found for one in day.open_spans]
    first = datetime(year, number, 1, tzinfo=BERLIN).astimezone(UTC).timestamp()
    for minute in minutes:
        at = datetime.fromtimestamp(first + 60 * minute, UTC)
        if at.astimezone(BERLIN).month == number:
            assert is_open(HOURS, at) == any(opens <= at < closes for opens, closes in spans)
    for day in found:
        for one in day.open_spans:
            assert one.opens.date() == day.date


@pytest.mark.parametrize(("year", "number"), [(2026, 0), (2026, 13), (1, 1), (9999, 12)])
def test_there_is_no_calendar_of_every_month(year: int, number: int) -> None:
    with pytest.raises(NoSuchMonth):
        build_month(HOURS, year, number)


def run(*arguments: str) -> str:
    result = CliRunner().invoke(flows, ["hours", "--folder", str(SHIPPED), *arguments])
    assert result.exit_code == (0 if result.output.startswith(("support", "[")) else 1), result.output
    return result.output


def test_the_command_prints_a_month() -> None:
    output = run("bookings", "--month", "2026-11")
    assert output.startswith(
        "support  America/New_York  November 2026\n\nSun  1  9:00-17:00\n\nMon  2  8:00-20:00\n"
    )
    assert "\nThu 26  closed                   Thanksgiving Day\n" in output
    (found,) = json.loads(run("--month", "2026-11", "--json"))
    assert found["weeks"][4][0] == {
        "date": "2026-11-23",
        "why": "weekly",
        "holiday": "",
        "open": [{"opens": "2026-11-23T08:00:00-05:00", "closes": "2026-11-23T20:00:00-05:00", "past_midnight": False}],
    }  # fmt: skip
    assert run().startswith("support  America/New_York  ")


def test_the_command_tells_what_it_does_not_know() -> None:
    assert '"soon" is not a month like 2026-12' in run("--month", "soon")
    assert 'there are no hours "suport"; there are: support, bookings' in run("suport")
