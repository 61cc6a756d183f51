"""None"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from ivr.flow.editing import hours as edit_hours
from ivr.flow.yaml_source import patch as yaml_patch
from ivr.flow.yaml_source.positions import InvalidFileChange
from tests.flow.caller import SHIPPED
from tests.flow.editing.hours_text import hours

EVE = date(2026, 12, 24)


AFTER = date(2026, 11, 27)


SHIPPED_HOURS = (SHIPPED / "hours.yaml").read_text("utf-8")


def added(old: str, new: str) -> list[str]:
    """The lines that are new; all others are there as they were."""
    left, lines = new.split("\n"), []
    for line in old.split("\n"):
        while left[0] != line:
            lines.append(left.pop(0))
        left.pop(0)
    return lines + left


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
