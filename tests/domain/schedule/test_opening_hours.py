from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from ivr.domain.schedule.opening_hours import Hours, MinuteSpan, get_next_opening, is_open, list_open_spans

ZONE = ZoneInfo("America/New_York")
DAY = (MinuteSpan(start=8 * 60, until=20 * 60),)
NIGHT = (MinuteSpan(start=20 * 60, until=26 * 60),)
WEEK = Hours(name="w", zone="America/New_York", week=(DAY,) * 5 + ((), ()), country="US", subdivision="NY")


def at(day: int, hour: int, minute: int = 0, *, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=ZONE)


def test_open_from_the_first_minute_to_before_the_last() -> None:
    assert is_open(WEEK, at(23, 8))
    assert is_open(WEEK, at(23, 19, 59))
    assert not is_open(WEEK, at(23, 20))
    assert not is_open(WEEK, at(23, 7, 59))


def test_hours_are_those_of_the_zone_wherever_the_question_comes_from() -> None:
    assert is_open(WEEK, datetime(2026, 11, 23, 13, 0, tzinfo=UTC))
    assert not is_open(WEEK, datetime(2026, 11, 23, 12, 59, tzinfo=UTC))


def test_friday_night_opens_on_monday() -> None:
    assert get_next_opening(WEEK, at(20, 21)) == at(23, 8)


def test_a_public_holiday_is_closed_and_an_exception_opens_it() -> None:
    thanksgiving = at(26, 12)
    assert not is_open(WEEK, thanksgiving)
    opened = Hours(
        name="w", zone=WEEK.zone, week=WEEK.week, country="US", exceptions={date(2026, 11, 26): DAY}
    )
    assert is_open(opened, thanksgiving)


def test_a_day_off_of_ones_own_is_closed() -> None:
    off = Hours(name="w", zone=WEEK.zone, week=WEEK.week, closed=frozenset({date(2026, 11, 23)}))
    assert not is_open(off, at(23, 12))
    assert get_next_opening(off, at(23, 12)) == at(24, 8)


def test_a_night_shift_is_open_after_midnight() -> None:
    night = Hours(name="n", zone=WEEK.zone, week=(NIGHT,) * 7)
    assert is_open(night, at(24, 1, 59))
    assert not is_open(night, at(24, 2))


def test_opening_stays_at_eight_when_the_clocks_change() -> None:
    everyday = Hours(name="e", zone=WEEK.zone, week=(DAY,) * 7)
    assert get_next_opening(everyday, at(7, 21, month=3)) == datetime(2026, 3, 8, 8, 0, tzinfo=ZONE)
    spans = list_open_spans(everyday, at(1, 0), at(2, 0))
    assert [(a.hour, b.hour) for a, b in spans] == [(8, 20)]


def test_a_line_that_is_open_now_opens_now_and_one_never_open_never_does() -> None:
    assert get_next_opening(WEEK, at(23, 12)) == at(23, 12)
    assert get_next_opening(Hours(name="x", zone="UTC", week=((),) * 7), at(23, 12)) is None


def test_spans_that_touch_at_midnight_are_one() -> None:
    always = Hours(name="a", zone="UTC", week=((MinuteSpan(start=0, until=1440),),) * 7)
    assert len(list_open_spans(always, at(1, 0), at(9, 0))) == 1


@given(minutes=st.integers(0, 366 * 24 * 60))
def test_the_next_opening_is_open_and_nothing_before_it_is(minutes: int) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    opening = get_next_opening(WEEK, now)
    assert opening is not None
    assert is_open(WEEK, opening)
    assert opening == now or not is_open(WEEK, opening - timedelta(minutes=1))
    assert list_open_spans(WEEK, now, opening) == ()
