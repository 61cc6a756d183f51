"""Hours are changed in files of any look, and no comment is lost."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.flow.editing import hours as edit_hours
from ivr.flow.hours import GROUPS, parse_spans
from tests.flow.editing.hours_text import TIMES, hours, readable

few = settings(max_examples=15, deadline=None)  # a file is read a dozen times in each


def comments(text: str) -> list[str]:
    return sorted(re.findall(r"# c\d+", text))


def touches(old: str, new: str) -> str:
    """What stood in the old text between its first and its last difference to the new one."""
    start = next(
        (n for n, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new))
    )
    end = 0
    while end < min(len(old), len(new)) - start and old[-1 - end] == new[-1 - end]:
        end += 1
    return old[start : len(old) - end]


@few
@given(readable, st.sampled_from(list(GROUPS)), st.sampled_from(TIMES))
def test_a_week_is_set_and_no_comment_is_lost(text: str, group: str, times: str) -> None:
    before = hours(text, "it")
    week = list(before.week)
    for index in GROUPS[group]:
        week[index] = parse_spans(times) or ()
    if not any(week):
        return
    new = edit_hours.set_week(text, "it", {group: times})
    assert hours(new, "it") == replace(before, week=tuple(week))
    assert hours(new, "other") == hours(text, "other")
    assert comments(new) == comments(text)
    assert new.count("\r") in (0, new.count("\n"))
    assert "exceptions" not in touches(text, new)
    assert edit_hours.set_week(new, "it", {group: times}) == new


@few
@given(readable, st.integers(4, 8))
def test_a_day_off_comes_and_goes_and_leaves_no_trace(text: str, number: int) -> None:
    before, day = hours(text, "it"), date(2026, 1, number)
    if day in before.closed:
        new = edit_hours.remove_day_off(text, "it", day)
        assert hours(new, "it") == replace(before, closed=before.closed - {day})
        assert len(comments(text)) - len(comments(new)) <= 1
        return
    new = edit_hours.add_day_off(text, "it", day)
    assert hours(new, "it") == replace(before, closed=before.closed | {day})
    assert comments(new) == comments(text)
    assert touches(text, new) == ""
    back = edit_hours.remove_day_off(new, "it", day)
    assert comments(back) == comments(text)
    assert back == text or not before.closed


@few
@given(readable, st.integers(4, 7), st.sampled_from(TIMES))
def test_an_exception_comes_and_goes_and_leaves_no_trace(text: str, number: int, times: str) -> None:
    before, day = hours(text, "it"), date(2026, 2, number)
    new = edit_hours.set_exception(text, "it", day, times)
    assert hours(new, "it") == replace(
        before, exceptions={**before.exceptions, day: parse_spans(times) or ()}
    )
    assert comments(new) == comments(text)
    back = edit_hours.remove_exception(new, "it", day)
    left = {one: spans for one, spans in before.exceptions.items() if one != day}
    assert hours(back, "it") == replace(before, exceptions=left)
    assert day in before.exceptions or not before.exceptions or back == text


@few
@given(readable, st.sampled_from(["", "US", "DE"]), st.sampled_from(["", "BE"]))
def test_public_holidays_come_and_go(text: str, country: str, part: str) -> None:
    before = hours(text, "it")
    new = edit_hours.set_holidays(text, "it", country, part if country == "DE" else "")
    assert hours(new, "it") == replace(before, country=country, subdivision=part if country == "DE" else "")
    assert comments(new) == comments(text)
    assert edit_hours.set_holidays(new, "it", "") == text
