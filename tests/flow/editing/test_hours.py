from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.domain.schedule.opening_hours import Hours
from ivr.flow.editing import hours as edit_hours
from ivr.flow.hours import GROUPS, parse_hours, parse_spans
from ivr.flow.yaml_source import patch as yaml_patch
from ivr.flow.yaml_source.entry import FlowFault, read_yaml
from ivr.flow.yaml_source.positions import InvalidFileChange
from tests.flow.caller import SHIPPED

EVE = date(2026, 12, 24)
AFTER = date(2026, 11, 27)
SHIPPED_HOURS = (SHIPPED / "hours.yaml").read_text("utf-8")


def hours(text: str, name: str = "support") -> Hours:
    faults: list[FlowFault] = []
    found = parse_hours(read_yaml(text, "hours.yaml", faults))
    assert faults == []
    return found[name]


def added(old: str, new: str) -> list[str]:
    """The lines that are new; all others are there as they were."""
    left, lines = new.split("\n"), []
    for line in old.split("\n"):
        while left[0] != line:
            lines.append(left.pop(0))
        left.pop(0)
    return lines + left


# ---- what it looks like ------------------------------------------------------------------------------------------------


def test_in_the_shipped_file_only_what_is_asked_for_changes() -> None:
    new = edit_hours.set_week(SHIPPED_HOURS, "support", {"weekdays": "7:00-19:00"})
    assert new == SHIPPED_HOURS.replace('weekdays: "8:00-20:00"', 'weekdays: "7:00-19:00"')
    assert added(SHIPPED_HOURS, edit_hours.add_day_off(SHIPPED_HOURS, "support", AFTER)) == [
        '  closed: ["2026-11-27"]'
    ]
    assert added(SHIPPED_HOURS, edit_hours.set_exception(SHIPPED_HOURS, "support", EVE, "8:00-12:00")) == [
        '  exceptions: {"2026-12-24": "8:00-12:00"}'
    ]
    new = edit_hours.set_holidays(SHIPPED_HOURS, "support", "DE", "BY")
    assert new == SHIPPED_HOURS.replace("{country: US, subdivision: NY}", "{country: DE, subdivision: BY}")
    new = edit_hours.set_holidays(SHIPPED_HOURS, "support", "DE")
    assert new == SHIPPED_HOURS.replace("{country: US, subdivision: NY}", "{country: DE}")
    new = edit_hours.set_holidays(SHIPPED_HOURS, "support", "")
    assert "  # public holidays are closed days\n" in new
    assert "holidays:" not in new


def test_a_day_that_differs_from_its_group_gets_a_line_of_its_own_beside_the_others() -> None:
    new = edit_hours.set_week(SHIPPED_HOURS, "support", {"friday": "8:00-14:00", "sunday": "closed"})
    assert added(SHIPPED_HOURS, new) == ['  friday: "8:00-14:00"', "  sunday: closed"]
    assert new.index("weekends") < new.index("friday") < new.index("holidays")
    again = edit_hours.set_week(new, "support", {"friday": "8:00-20:00"})
    assert hours(again).week[4] == hours(SHIPPED_HOURS).week[4]
    assert edit_hours.set_week(new, "support", {"friday": " 8:00 - 14:00 "}) == new


MESSY = """\
# our hours

support:   # the first
    zone: 'Europe/Berlin'    # where
    weekdays:   # two parts
      - "8:00-12:00"  # am
      # lunch
      - '13:00-20:00'   # pm

    closed:
    - 2026-11-27   # bridge
    -   "2026-12-31"

    exceptions:
        "2026-12-24": "8:00-12:00"  # eve
        2026-12-23:
          - "8:00-9:00"

night: { zone: UTC,   # flow
  everyday: "20:00-2:00", closed: [ "2026-01-01" , 2026-05-01, ] }
# the end
"""


def test_lists_and_groups_in_lines_stay_in_lines() -> None:
    assert added(MESSY, edit_hours.add_day_off(MESSY, "support", date(2026, 12, 30))) == [
        '    - "2026-12-30"'
    ]
    new = edit_hours.set_exception(MESSY, "support", date(2026, 12, 26), "closed")
    assert added(MESSY, new) == ['        "2026-12-26": closed']
    assert edit_hours.remove_day_off(MESSY, "support", AFTER) == MESSY.replace(
        "    - 2026-11-27   # bridge\n", ""
    )
    assert edit_hours.remove_exception(MESSY, "support", EVE) == MESSY.replace(
        '        "2026-12-24": "8:00-12:00"  # eve\n', ""
    )
    new = edit_hours.remove_exception(MESSY, "support", date(2026, 12, 23))
    assert new == MESSY.replace('        2026-12-23:\n          - "8:00-9:00"\n', "")
    assert hours(edit_hours.remove_exception(new, "support", EVE)).exceptions == {}


def test_times_over_several_lines_become_one_and_their_comments_stay() -> None:
    new = edit_hours.set_week(MESSY, "support", {"weekdays": "9:00-17:00"})
    assert '    # two parts\n    # am\n    # lunch\n    weekdays: "9:00-17:00"   # pm\n' in new


def test_in_brackets_only_what_is_named_goes() -> None:
    new = edit_hours.remove_day_off(MESSY, "night", date(2026, 1, 1))
    assert new == MESSY.replace('[ "2026-01-01" , 2026-05-01, ]', "[ 2026-05-01, ]")
    new = edit_hours.add_day_off(MESSY, "night", EVE)
    assert new == MESSY.replace("2026-05-01, ]", '2026-05-01, "2026-12-24", ]')
    new = edit_hours.set_week(MESSY, "night", {"everyday": "20:00-4:00"})
    assert new == MESSY.replace("20:00-2:00", "20:00-4:00")


# ---- what is refused -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda t: edit_hours.set_week(t, "suport", {}), 'there are no hours "suport". Did you mean "support"?'),
        (lambda t: edit_hours.set_week(t, "support", {"munday": "closed"}), '"munday" is no day; .* Did you mean "sunday"'),
        (lambda t: edit_hours.set_week(t, "support", {"monday": "8-20"}), '"8-20" should be closed, or times like 8:00-20:00'),
        (lambda t: edit_hours.set_week(t, "support", {"monday": '"'}), "should be closed, or times like"),
        (lambda t: edit_hours.set_week(t, "support", {"everyday": "closed"}), "is never open"),
        (lambda t: edit_hours.set_exception(t, "support", EVE, "25:00-26:00"), "should be closed, or times like"),
        (lambda t: edit_hours.remove_exception(t, "support", EVE), "2026-12-24 has no hours of its own"),
        (lambda t: edit_hours.remove_day_off(t, "support", EVE), "2026-12-24 is no day off of your own"),
        (lambda t: edit_hours.set_holidays(t, "support", "XX"), '"XX" is not a country whose holidays are known'),
        (lambda t: edit_hours.set_holidays(t, "support", "US", "QQ"), '"QQ" is not a part of US'),
        (lambda t: edit_hours.add_day_off(t + "x: [", "support", EVE), "not readable as YAML"),
        (lambda t: edit_hours.add_day_off(edit_hours.add_day_off(t, "support", EVE), "support", EVE), "is a day off already"),
        (lambda t: edit_hours.add_day_off(edit_hours.set_exception(t, "support", EVE, "closed"), "support", EVE), "has hours of its own"),
    ],
)  # fmt: skip
def test_what_the_file_may_not_hold_is_told_in_a_sentence(change: Callable[[str], str], told: str) -> None:
    with pytest.raises(InvalidFileChange, match=told):
        change(SHIPPED_HOURS)


@pytest.mark.parametrize("shared", ["&w ", "*w"])
def test_what_other_places_share_is_left_to_a_person(shared: str) -> None:
    text = 'a: {zone: UTC, everyday: &w "8:00-9:00"}\nb: {zone: UTC, everyday: *w}\n'
    with pytest.raises(InvalidFileChange, match="shared with other places by an anchor"):
        edit_hours.set_week(text, "a" if shared == "&w " else "b", {"everyday": "8:00-10:00"})


def test_a_change_that_would_do_more_than_was_asked_is_not_made() -> None:
    with pytest.raises(InvalidFileChange, match="cannot be changed safely"):
        yaml_patch.set_value("x: {a, b: 1}\n", ("x", "a"), "2")


def test_a_text_over_several_lines_is_replaced_to_its_end_and_no_further() -> None:
    text = "a: |\n  one # no comment\n  two\n\n# a comment\nb: 1\n"
    assert yaml_patch.set_value(text, ("a",), "2") == "a: 2\n\n# a comment\nb: 1\n"


# ---- whatever the file looks like ----------------------------------------------------------------------------------------

TIMES = ("8:00-20:00", "9:00-12:00, 13:00-17:00", "closed", "20:00-2:00", "0:00-24:00")


@st.composite
def written(draw: st.DrawFn) -> str:
    """A file with one entry to change between two others, in any style, each comment a name of its own."""
    count = iter(range(1000))
    end = draw(st.sampled_from(["\n", "\r\n"]))
    indent = " " * draw(st.integers(1, 5))

    def quoted(word: str) -> str:
        kinds = [f'"{word}"', f"'{word}'"] + ([word] if re.fullmatch(r"[\d-]+|closed", word) else [])
        return draw(st.sampled_from(kinds))

    def tail() -> str:
        comment = f"{' ' * draw(st.integers(1, 4))}# c{next(count)}"
        return draw(st.sampled_from(["", "", comment, "  "])) + end

    def between() -> str:
        return draw(
            st.sampled_from(["", "", end, f"{indent}# c{next(count)}{end}", f"# c{next(count)}: [x{end}"])
        )

    def listed(items: list[str]) -> str:
        if draw(st.booleans()):
            inner = indent + " " * draw(st.integers(0, 3))
            return tail() + "".join(f"{between()}{inner}-  {quoted(item)}{tail()}" for item in items)
        comma = draw(st.sampled_from([",", ", ", " ,  ", f",{end}{indent}  "]))
        return f" [{comma.join(map(quoted, items))}]{tail()}"

    days = draw(st.lists(st.sampled_from(list(GROUPS)[1:]), unique=True, max_size=3))
    text = f"# c{next(count)}{end}other: {{zone: UTC, everyday: '8:00-9:00'}}{tail()}{between()}it:{tail()}"
    text += f"{indent}zone: UTC{tail()}{indent}everyday: {quoted('1:00-2:00')}{tail()}"
    for day in days:
        times = draw(st.sampled_from(TIMES))
        value = listed(times.split(", ")) if ", " in times else f" {quoted(times)}{tail()}"
        text += f"{between()}{indent}{day}:{value}"
    if off := draw(st.lists(st.sampled_from(["2026-01-05", "2026-01-06", "2026-01-07"]), unique=True)):
        text += f"{between()}{indent}closed:{listed(off)}"
    if own := draw(st.lists(st.sampled_from(["2026-02-05", "2026-02-06"]), unique=True)):
        lines = "".join(f"{between()}{indent}  {quoted(day)}: {quoted('3:00-4:00')}{tail()}" for day in own)
        pairs = ", ".join(f"{quoted(day)}: {quoted('3:00-4:00')}" for day in own)
        value = draw(st.sampled_from([f"{tail()}{lines}", f" {{ {pairs} }}{tail()}"]))
        text += f"{between()}{indent}exceptions:{value}"
    return text + draw(st.sampled_from(["", f"{end}last: {{zone: UTC, monday: '8:00-9:00'}}{end}# the end"]))


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


def _is_open(text: str) -> bool:
    """Hours that are never open are refused."""
    faults: list[FlowFault] = []
    parse_hours(read_yaml(text, "hours.yaml", faults))
    return not faults


readable = written().filter(_is_open)


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
