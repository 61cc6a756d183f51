"""What files say is the same whichever library reads them, and what ruamel.yaml made of them before."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from ivr.flow.yaml_source.load import InvalidYaml, YamlList, YamlMapping, YamlValue, load_yaml

words = st.sampled_from(
    [
        "no",
        "on",
        "yes",
        "true",
        "True",
        "FALSE",
        "null",
        "~",
        "0123",
        "1_000",
        "0x1F",
        "0o17",
        "0b11",
        "-5",
        "+7",
        "0",
        "00",
        "08",
        "8:00",
        "8:00-20:00",
        "1.50",
        "1e3",
        "2026-12-24",
        "a",
        "'no'",
        '"no"',
        "'1'",
        "*x",
        "&x",
        "<<:",
        "-",
        ":",
        "{}",
        "[]",
        "[1,2]",
        "{a:1}",
        "{a:",
        "1}",
        "{1:",
        "2}",
        "#",
        "!",
        "!!str",
        "5",
        "?",
        "|",
        ">",
        "%",
        "@",
        "`",
        ",",
        "é",
        "ñandú",
        "\u2028",
        "\t",
        "=",
        "+",
        "-",
        ".",
        "-1_",
        "_1",
    ]
)
lines = st.lists(words, max_size=5).map(" ".join)
texts = st.lists(
    st.tuples(st.sampled_from(["", "  ", "    ", "- ", "  - ", "a: ", "b:\n", "  c: ", "? "]), lines).map("".join),
    max_size=6,
).map("\n".join)  # fmt: skip


def plain(value: YamlValue) -> Any:
    if isinstance(value, YamlMapping):
        return {name: plain(slot.value) for name, slot in value.entries.items()}
    return [plain(item) for _, item in value.items] if isinstance(value, YamlList) else value


def marks(value: YamlValue) -> Any:
    if isinstance(value, YamlMapping):
        return {n: (s.key_at, s.value_at, marks(s.value)) for n, s in value.entries.items()}
    return [(item and at, marks(item)) for at, item in value.items] if isinstance(value, YamlList) else None


def read(text: str, *, quick: bool) -> YamlValue | str:
    try:
        return load_yaml(text, use_libyaml=quick)
    except InvalidYaml as error:
        return f"fault: {error} {error.at}"


def before(data: Any) -> Any:
    """What entries of a flow saw of what ruamel.yaml loaded."""
    if isinstance(data, dict):
        return {str(key): before(value) for key, value in data.items()}
    if isinstance(data, list):
        return [before(value) for value in data]
    if data is None or isinstance(data, bool):
        return data
    return int(data) if isinstance(data, int) else str(data)


@pytest.mark.filterwarnings(
    "ignore::ruamel.yaml.error.ReusedAnchorWarning"
)  # as it is, a warning is no fault
@settings(max_examples=150, deadline=None)
@example('a: {b: 8:00-20:00, c: no, d: [1, "1", 0123]}\ne: |\n  one\n  two\n')
@example("<<:\n")
@example("a: >\n  one\n  two\n\n  three\n")
@given(texts)
def test_libyaml_and_ruamel_read_the_same_at_the_same_places(text: str) -> None:
    quick, slow = read(text, quick=True), read(text, quick=False)
    if isinstance(quick, str) and quick.startswith("fault"):
        assert quick == slow
    else:
        assert not (isinstance(slow, str) and slow.startswith("fault"))
        assert plain(quick) == plain(slow)
        assert marks(quick) == marks(slow)


@pytest.mark.filterwarnings(
    "ignore::ruamel.yaml.error.ReusedAnchorWarning"
)  # as it is, a warning is no fault
@settings(max_examples=150, deadline=None)
@example(">\nno\nno")
@given(texts)
def test_what_is_read_is_what_was_loaded(text: str) -> None:
    try:
        data = YAML(typ="rt").load(text)
    except (YAMLError, ValueError, IndexError, TypeError, AttributeError, NotImplementedError):
        return  # it could not be loaded, or broke what loaded it
    now = read(text, quick=True)
    if not (isinstance(now, str) and now.startswith("fault")) and not _other(data):
        assert plain(now) == before(data)


def _other(data: Any) -> bool:
    """Fractions, times and what has a tag are now the words that they are written with; nothing in a flow was ever any of these."""
    if isinstance(data, dict):
        if any(not isinstance(key, str | int | float | date | None) for key in data):
            return True
        return any(_other(one) for pair in data.items() for one in pair)
    if isinstance(data, list):
        return any(_other(one) for one in data)
    return isinstance(data, float | date | datetime) or (
        hasattr(data, "tag") and type(data).__name__ == "TaggedScalar"
    )


@pytest.mark.parametrize(
    ("text", "why", "at"),
    [
        ("a:\n\t- b", "a tab stands here; lines are indented with spaces", (2, 1)),
        ('a: "b\nc: d', "the quote that opens here is never closed", (1, 4)),
        ("a: {b: c", 'the "{" that opens here is not closed, or a comma is missing', (1, 4)),
        ("a: [b\nc: d", 'the "[" that opens here is not closed, or a comma is missing', (1, 4)),
        ("a: b: c", 'a ":" stands where none can', (1, 5)),
        ("a:\n    b: c\n  d: e", "this line should be indented like those that it belongs to", (3, 3)),
        ("a: b\nc\n", 'a name should be followed by ":"', (2, 1)),
        ("a: *b", "nothing has this name", (1, 4)),
        ("a: b\n---\nc: d", "a second document begins here", (2, 1)),
        ("a: &a [*a]", "a part of it is said to be in itself", (1, 4)),
        ("- " * 100_000 + "a", "too many groups", None),
        ("a: " + "[" * 100_000, "too many brackets", None),
    ],
)  # fmt: skip
def test_a_text_that_is_no_yaml_is_told_in_words(text: str, why: str, at: tuple[int, int] | None) -> None:
    with pytest.raises(InvalidYaml, match=".*" if not why else None) as told:
        load_yaml(text)
    assert why in str(told.value)
    assert told.value.at == at


def test_groups_may_be_taken_over_and_changed() -> None:
    assert plain(load_yaml("a: &a {x: 1, y: 2}\nb: {<<: *a, y: 3}\n")) == {
        "a": {"x": 1, "y": 2},
        "b": {"y": 3, "x": 1},
    }
