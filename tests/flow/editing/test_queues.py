from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.flow.editing.queues import Setting, set_queue
from ivr.flow.queues import QueueSettings, parse_queues
from ivr.flow.yaml_source.entry import FlowFault, read_yaml
from ivr.flow.yaml_source.positions import InvalidFileChange
from tests.flow.caller import SHIPPED

TEXT = (SHIPPED / "queues.yaml").read_text("utf-8")


def queues(text: str) -> dict[str, QueueSettings]:
    faults: list[FlowFault] = []
    found = parse_queues(read_yaml(text, "queues.yaml", faults))
    assert faults == []
    return {name: replace(queue, refs=()) for name, queue in found.items()}  # places move


def test_a_setting_changes_where_it_stands_and_a_new_one_comes_after_the_others() -> None:
    new = set_queue(TEXT, "support", {"hold_max": 45, "attempts": [10, 60], "threshold": 20})
    assert new == TEXT.replace("hold_max: 60 ", "hold_max: 45 ").replace("[5, 30, 120, 1440]", "[10, 60]")
    new = set_queue(TEXT, "bookings", {"wrap_up": 30, "skills": ["bookings", "french"]})
    assert new == TEXT.replace("skills: [bookings]", "skills: [bookings, french]").replace(
        "fr: les réservations}\n", "fr: les réservations}\n  wrap_up: 30\n"
    )
    assert set_queue(new, "bookings", {"wrap_up": 30}) == new
    assert set_queue("a:\nb: {}\n", "a", {"overflow": "b"}) == "a: {overflow: b}\nb: {}\n"


@pytest.mark.parametrize(
    ("name", "settings_", "told"),
    [
        ("suport", {}, 'there is no queue "suport". Did you mean "support"?'),
        ("support", {"hold": 3}, '"hold" is no setting of a queue; expected one of: .* Did you mean "hold_max"'),
        ("support", {"hold_max": 61}, '"hold_max" should be a whole number from 10 to 60'),
        ("support", {"hold_max": "60"}, '"hold_max" should be a whole number'),
        ("support", {"attempts": [5, 0]}, "should be minutes between attempts"),
        ("support", {"overflow": "bookigns"}, 'there is no queue "bookigns" to help out. Did you mean "bookings"?'),
        ("support", {"spoken": "help"}, '"spoken" should be a group of "name: value"'),
        ("support", {"skills": "\ud800"}, "not readable as YAML"),
    ],
)  # fmt: skip
def test_what_no_queue_can_have_is_told(name: str, settings_: Mapping[str, Setting], told: str) -> None:
    with pytest.raises(InvalidFileChange, match=told):
        set_queue(TEXT, name, settings_)


# What YAML keeps as it is between quotes on one line.
words = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp", "Cn", "Co")), min_size=1
)


@settings(max_examples=10, deadline=None)
@given(
    st.sampled_from(["support", "bookings"]),
    st.lists(words, max_size=3),
    st.dictionaries(st.sampled_from(["en", "es", "de"]), words),
)
def test_any_words_are_kept_as_they_are_and_nothing_else_changes(
    name: str, skills: list[str], spoken: dict[str, str]
) -> None:
    before = queues(TEXT)
    new = set_queue(TEXT, name, {"skills": skills, "spoken": spoken})
    assert queues(new) == {**before, name: replace(before[name], skills=tuple(skills), spoken=spoken)}
    there = [line for line in TEXT.split("\n") if "skills" not in line and "spoken" not in line]
    assert [line for line in new.split("\n") if line in there] == there
