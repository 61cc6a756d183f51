"""YAML 1.2 as it stands in a file: groups, lists and words, each with its line and column.

libyaml reads it in a tenth of the time, where PyYAML was built with it. It speaks YAML 1.1: so what a plain word means is decided
here ("no" is a word, 0123 a number), and a text that the two may take in different ways, or that libyaml refuses, is read by
ruamel.yaml, whose faults are the ones that are told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import yaml
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

At = tuple[int, int]  # line and column, from 1


class Unreadable(Exception):
    """It is no YAML. `at` is None where nobody can say where."""

    def __init__(self, why: str, at: At | None) -> None:
        super().__init__(why)
        self.at = at


@dataclass(frozen=True)
class Slot:
    key_at: At
    at: At
    value: Value


@dataclass(eq=False)
class Group:
    """A mapping: by name, in the order of the file."""

    slots: dict[str, Slot] = field(default_factory=dict)
    twice: list[tuple[str, At, At]] = field(default_factory=list)  # a name, where again, and where first


@dataclass(eq=False)
class Items:
    """A list."""

    items: list[tuple[At, Value]] = field(default_factory=list)


Value = str | int | bool | Group | Items | None

# What libyaml and YAML 1.2 may see in different ways: line ends of 1.1, tabs, directives, tags, and keys that are marked as such.
_UNSURE = re.compile(r"[\t\x85\u2028\u2029\ufeff]|^%|(?:^|[\s\[{,:])[!?](?=[\s!\w]|$)", re.MULTILINE)
_BRACKETS = re.compile(r"[\[\]{}]")
DEEPEST = 100  # brackets in each other; reading takes the time of its square, and at last the stack
WIDEST = 3000  # characters of a line
_QUICK = getattr(yaml, "CBaseLoader", None)


def load(text: str, *, quick: bool = True) -> Value:
    """What the text holds; None when it is empty. Raises Unreadable."""
    if _depth(text) > DEEPEST:
        raise Unreadable("too many brackets within one another", None)
    try:
        node = _compose(text, quick=quick)
        return _Reader().value(node) if node is not None else None
    except RecursionError:
        raise Unreadable("too many groups within one another", None) from None


def _compose(text: str, *, quick: bool) -> Any:
    if quick and _QUICK and not _UNSURE.search(text) and _shallow(text):
        try:
            return yaml.compose(text, Loader=_QUICK)
        except yaml.YAMLError:
            return _slowly(text)  # it says better what is wrong
    return _slowly(text)


def _depth(text: str) -> int:
    depth = deepest = 0
    for bracket in _BRACKETS.findall(text):
        depth += 1 if bracket in "[{" else -1
        deepest = max(deepest, depth)
    return deepest


def _shallow(text: str) -> bool:
    """Groups a hundred thousand deep in each other end the whole process in libyaml. Without brackets they are no deeper than the
    widest line is wide.
    """
    return max(map(len, text.split("\n"))) <= WIDEST


def _slowly(text: str) -> Any:
    try:
        return YAML(typ="rt").compose(text)
    except MarkedYAMLError as error:
        raise _told(error) from None
    except YAMLError as error:
        raise Unreadable((str(error).strip().splitlines() or ["broken"])[0], None) from None


class _Reader:
    """Nodes of either library, which are alike."""

    def __init__(self) -> None:
        self.inside: set[int] = set()

    def value(self, node: Any) -> Value:
        if node.id == "scalar":
            if (
                node.style == ">"
            ):  # ruamel.yaml writes \a where it folded a line; no YAML file can have one here
                return str(node.value).replace("\a", "")
            plain = not node.style and (node.tag != _TEXT or _QUICK is not None)
            return _meant(node.value) if plain and node.tag in _PLAIN else str(node.value)
        if id(node) in self.inside:
            raise Unreadable("a part of it is said to be in itself", _at(node))
        self.inside.add(id(node))
        found = self._group(node) if node.id == "mapping" else self._items(node)
        self.inside.remove(id(node))
        return found

    def _items(self, node: Any) -> Items:
        return Items([(_at(one), self.value(one)) for one in node.value])

    def _group(self, node: Any) -> Group:
        group = Group()
        merged: list[tuple[Any, At]] = []
        for key, value in node.value:
            empty = value.id == "scalar" and value.value == ""  # the two do not agree on where nothing is
            at = _at(key if empty else value)
            if key.id == "scalar" and key.value == "<<" and not key.style:
                merged += (
                    [(one, _at(one)) for one in value.value] if value.id == "sequence" else [(value, at)]
                )
                continue
            name = str(self.value(key)) if key.id == "scalar" else key.id
            slot = Slot(_at(key), at, self.value(value))
            if name in group.slots:
                group.twice.append((name, slot.key_at, group.slots[name].key_at))
            else:
                group.slots[name] = slot
        for name, slot in self._merged(merged):
            group.slots.setdefault(name, slot)
        return group

    def _merged(self, nodes: list[tuple[Any, At]]) -> Iterator[tuple[str, Slot]]:
        for node, at in nodes:
            found = self.value(node)
            if not isinstance(found, Group):
                raise Unreadable('"<<" should be followed by a group, like <<: *name', at)
            yield from found.slots.items()


def _at(node: Any) -> At:
    return node.start_mark.line + 1, node.start_mark.column + 1


# ---- what plain words mean ----------------------------------------------------------------------------------------

_TEXT = "tag:yaml.org,2002:str"
_PLAIN = {f"tag:yaml.org,2002:{kind}" for kind in ("str", "null", "bool", "int", "float")}
_NUMBER = re.compile(r"[-+]?(?:0b[01_]+|0o[0-7_]+|0x[0-9a-fA-F_]+|[0-9][0-9_]*)")
_FLOAT = re.compile(
    r"[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+]?[0-9]+)?|[-+]?[0-9][0-9_]*[eE][-+]?[0-9]+|[-+]?\.[0-9_]+(?:[eE][-+][0-9]+)?"
)
_BASES = {"0b": 2, "0o": 8, "0x": 16}
_WORDS: dict[str, Value] = dict.fromkeys(("", "~", "null", "Null", "NULL"))
_WORDS |= {word: word.lower() == "true" for word in ("true", "True", "TRUE", "false", "False", "FALSE")}
MOST_DIGITS = 40


@lru_cache(maxsize=4096)
def _meant(word: str) -> Value:
    """By the core schema of YAML 1.2; a fraction and a date are the words that they are written with."""
    if word in _WORDS:
        return _WORDS[word]
    if not _NUMBER.fullmatch(word) or len(word) > MOST_DIGITS:
        return word
    digits = word.lstrip("+-").replace("_", "")
    size = digits[2:] if digits[:2] in _BASES else digits
    if not size:
        return word
    return int(size, _BASES.get(digits[:2], 10)) * (-1 if word.startswith("-") else 1)


# ---- what is wrong, in words --------------------------------------------------------------------------------------

_FAULTS = (
    # in the context or the problem that ruamel.yaml tells; what is said instead; whether where the whole began is shown
    ("cannot start any token", "'\\t'", "a tab stands here; lines are indented with spaces", False),
    ("while scanning a quoted scalar", "", "the quote that opens here is never closed", True),
    ("while parsing a flow mapping", "", 'the "{" that opens here is not closed, or a comma is missing', True),
    ("while parsing a flow sequence", "", 'the "[" that opens here is not closed, or a comma is missing', True),
    ("mapping values are not allowed", "", 'a ":" stands where none can: indent the line like its neighbours, and put a text that has ": " in it into quotes', False),
    ("expected <block end>", "", "this line should be indented like those that it belongs to", False),
    ("could not find expected ':'", "", 'a name should be followed by ":"', True),
    ("found undefined alias", "", "nothing has this name: what follows * should stand after & before", False),
    ("expected a single document", "", "a second document begins here; the file should hold one", False),
    ("special characters are not allowed", "", "a character stands here that no text has", False),
)  # fmt: skip


def _told(error: MarkedYAMLError) -> Unreadable:
    said = f"{error.context or ''} {error.problem or ''}"
    mark = error.problem_mark or error.context_mark
    why = (str(error.problem or error).strip().splitlines() or ["broken"])[0]
    for one, other, words, where_it_began in _FAULTS:
        if one in said and other in said:
            why = words
            mark = (error.context_mark if where_it_began else None) or mark
            break
    return Unreadable(why, (mark.line + 1, mark.column + 1) if mark else None)
