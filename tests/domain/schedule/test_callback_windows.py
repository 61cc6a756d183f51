"""When a callback can be promised, and when a number may be rung. It is Monday, 27 July 2026, 15:20 in New York."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ivr.domain.schedule.callback_windows import (
    RETRY_DELAYS,
    Capacity,
    find_windows,
    get_capacity_hour,
    get_earliest_due_by,
    get_next_attempt_time,
)
from ivr.domain.schedule.calling_hours import QuietHours, TimeSpan, get_next_allowed_time, list_allowed_spans

HERE = ZoneInfo("America/New_York")
LOS_ANGELES = "America/Los_Angeles"
NOW = datetime(2026, 7, 27, 15, 20, tzinfo=HERE)
NIGHT = QuietHours()
PLENTY = Capacity(agents=10, handle_minutes=5)


def at(hour: int, minute: int = 0, day: int = 27) -> datetime:
    return datetime(2026, 7, day, hour, minute, tzinfo=HERE)


def week(opens: int = 8, closes: int = 18) -> list[TimeSpan]:
    return [TimeSpan(since=at(opens, day=day), until=at(closes, day=day)) for day in (27, 28, 29, 30, 31)]


def times(spans: tuple[TimeSpan, ...]) -> list[str]:
    return [f"{span.since:%d %H:%M}-{span.until:%H:%M}" for span in spans]


def test_windows_are_the_coming_hours_in_which_we_are_open() -> None:
    assert times(find_windows(NOW, ["America/New_York"], week(), NIGHT, PLENTY, 4)) == [
        "27 16:00-17:00",
        "27 17:00-18:00",
        "28 08:00-09:00",
        "28 09:00-10:00",
    ]


def test_the_rest_of_an_hour_is_offered_if_it_is_half_an_hour() -> None:
    assert times(find_windows(at(15, 5), [], week(), NIGHT, PLENTY, 1)) == ["27 15:30-16:00"]
    closing = [TimeSpan(since=at(8), until=at(16, 20)), TimeSpan(since=at(8, 30, 28), until=at(17, day=28))]
    assert times(find_windows(NOW, [], closing, NIGHT, PLENTY, 2)) == ["28 08:30-09:00", "28 09:00-10:00"]


def test_a_customer_in_another_zone_is_promised_nothing_in_their_night() -> None:
    assert times(find_windows(at(7), [LOS_ANGELES], week(), NIGHT, PLENTY, 1)) == ["27 11:00-12:00"]


def test_where_the_zone_is_ambiguous_every_candidate_is_awake() -> None:
    both = find_windows(at(7), ["America/New_York", LOS_ANGELES], week(8, 23), NIGHT, PLENTY, 12)
    assert times(both)[0] == "27 11:00-12:00"
    assert "27 20:00-21:00" in times(both)
    assert "27 21:00-22:00" not in times(both)


def test_a_full_hour_is_passed_over_for_the_next() -> None:
    people = Capacity(agents=1, handle_minutes=20, booked={at(16): 3, at(17).astimezone(UTC): 2})
    assert times(find_windows(NOW, [], week(), NIGHT, people, 1)) == ["27 17:00-18:00"]


def test_half_a_window_has_half_the_room() -> None:
    people = Capacity(agents=1, handle_minutes=20, booked={at(15): 1})
    assert times(find_windows(at(15, 5), [], week(), NIGHT, people, 1)) == ["27 16:00-17:00"]


def test_with_nobody_expected_nothing_is_promised() -> None:
    assert find_windows(NOW, [], week(), NIGHT, Capacity(agents=0, handle_minutes=5), 3) == ()
    assert find_windows(NOW, [], [], NIGHT, PLENTY, 3) == ()


def test_hours_are_those_of_the_lines_own_clock_even_half_an_hour_off() -> None:
    kolkata = NOW.astimezone(ZoneInfo("Asia/Kolkata"))
    assert get_capacity_hour(datetime(2026, 7, 27, 20, 10, tzinfo=UTC), kolkata) == datetime(
        2026, 7, 27, 19, 30, tzinfo=UTC
    )


def test_quiet_hours_defer_and_do_not_drop() -> None:
    zones = ["America/New_York"]
    assert get_next_allowed_time(at(15), zones, NIGHT) == at(15)
    assert get_next_allowed_time(at(21), zones, NIGHT) == at(8, day=28)
    assert get_next_allowed_time(at(7, 59, 28), zones, NIGHT) == at(8, day=28)
    assert get_next_allowed_time(at(8), [LOS_ANGELES], NIGHT) == at(11)


def test_quiet_hours_within_one_day_and_none_at_all() -> None:
    siesta = QuietHours(since=time(14), until=time(16))
    assert get_next_allowed_time(at(15), ["America/New_York"], siesta) == at(16)
    assert get_next_allowed_time(at(23), ["America/New_York"], siesta) == at(23)
    assert get_next_allowed_time(at(3), ["America/New_York"], QuietHours(since=time(0), until=time(0))) == at(
        3
    )


def test_a_number_that_may_be_anywhere_is_rung_by_our_own_clock() -> None:
    everywhere = ["Pacific/Honolulu", LOS_ANGELES, "Europe/Madrid", "Asia/Kolkata"]
    assert get_next_allowed_time(at(22), everywhere, NIGHT) == at(8, day=28)
    assert get_next_allowed_time(at(22), [], NIGHT) == at(8, day=28)


ZONES = st.lists(
    st.sampled_from(["America/New_York", LOS_ANGELES, "America/St_Johns", "Pacific/Honolulu", "Asia/Kolkata", "Europe/Madrid"]),
    min_size=1,
    max_size=3,
)  # fmt: skip
MOMENTS = st.integers(0, 366 * 24 * 12).map(
    lambda n: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=5 * n)
)
QUIETS = st.builds(QuietHours, since=st.times(), until=st.times())


def quiet_somewhere(moment: datetime, zones: list[str], quiet: QuietHours) -> bool:
    clocks = [moment.astimezone(ZoneInfo(zone)).time() for zone in zones]
    if quiet.since <= quiet.until:
        return any(quiet.since <= clock < quiet.until for clock in clocks)
    return any(clock >= quiet.since or clock < quiet.until for clock in clocks)


@example(now=datetime(2026, 10, 29, 6, tzinfo=UTC), zones=["Pacific/Honolulu"])  # an hour that comes twice
@example(
    now=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=5 * 18396), zones=["Pacific/Honolulu"]
)  # one that is skipped
@given(now=MOMENTS, zones=ZONES)
def test_no_window_touches_the_night_of_any_zone_the_customer_may_be_in(
    now: datetime, zones: list[str]
) -> None:
    opening = [TimeSpan(since=now, until=now + timedelta(days=3))]
    if get_next_allowed_time(now, zones, NIGHT) == get_next_allowed_time(now, [], NIGHT):
        return  # never awake together, or the same as ours
    for window in find_windows(now.astimezone(HERE), zones, opening, NIGHT, PLENTY, 40):
        assert timedelta(minutes=30) <= window.duration <= timedelta(hours=1)
        assert window.since >= now
        minute = window.since.astimezone(UTC)  # the clocks of one zone skip an hour once a year
        while minute < window.until:
            assert not quiet_somewhere(minute, zones, NIGHT)
            minute += timedelta(minutes=10)


@given(now=MOMENTS, quiet=QUIETS, zone=ZONES.map(lambda zones: zones[:1]))
def test_the_next_allowed_moment_is_never_quiet_and_never_later_than_need_be(
    now: datetime, quiet: QuietHours, zone: list[str]
) -> None:
    then = get_next_allowed_time(now, zone, quiet)
    assert then >= now
    assert then - now <= timedelta(hours=25)
    if then.astimezone(ZoneInfo(zone[0])).time() == quiet.until or then == now:
        assert not quiet_somewhere(then, zone, quiet)
    if then > now:
        assert quiet_somewhere(now, zone, quiet) or quiet_somewhere(now - timedelta(hours=1), zone, quiet)


@given(now=MOMENTS, zones=ZONES)
def test_allowed_spans_are_in_order_and_apart(now: datetime, zones: list[str]) -> None:
    spans = list_allowed_spans(now, zones, NIGHT)
    assert all(one.until <= two.since for one, two in pairwise(spans))


def test_a_kept_place_is_promised_with_a_margin_in_whole_five_minutes() -> None:
    assert get_earliest_due_by(NOW, 0) == at(15, 40)
    assert get_earliest_due_by(NOW + timedelta(seconds=1), 240) == at(15, 45)
    assert get_earliest_due_by(NOW, 3600) == at(16, 55)


@given(now=MOMENTS, estimate=st.floats(0, 36_000))
def test_a_kept_place_is_never_promised_sooner_than_the_estimate_or_twenty_minutes(
    now: datetime, estimate: float
) -> None:
    due = get_earliest_due_by(now, estimate)
    assert due - now >= max(timedelta(minutes=20), timedelta(seconds=estimate))
    assert due.minute % 5 == due.second == due.microsecond == 0


@pytest.mark.parametrize(("attempt", "minutes"), [(1, 5), (2, 30), (3, 120)])
def test_attempts_follow_the_schedule(attempt: int, minutes: int) -> None:
    assert get_next_attempt_time(attempt, at(12), [], NIGHT) == at(12) + timedelta(minutes=minutes)


def test_an_attempt_that_would_fall_into_the_night_waits_for_the_morning_and_after_the_last_comes_a_person() -> (
    None
):
    assert get_next_attempt_time(2, at(20, 45), ["America/New_York"], NIGHT) == at(8, day=28)
    assert get_next_attempt_time(len(RETRY_DELAYS) + 1, at(12), [], NIGHT) is None
