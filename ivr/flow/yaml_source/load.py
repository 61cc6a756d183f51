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

LineColumn = tuple[int, int]  # line and column, from 1


class InvalidYaml(Exception):
    """It is no YAML. `at` is None where nobody can say where."""

    def __init__(self, reason: str, at: LineColumn | None) -> None:
        super().__init__(reason)
        self.at = at


@dataclass(frozen=True)
class MappingItem:
    key_at: LineColumn
    value_at: LineColumn
    value: YamlValue


@dataclass(eq=False)
class YamlMapping:
    """A mapping: by name, in the order of the file."""

    entries: dict[str, MappingItem] = field(default_factory=dict)
    duplicates: list[tuple[str, LineColumn, LineColumn]] = field(
        default_factory=list
    )  # a name, where again, and where first


@dataclass(eq=False)
class YamlList:
    """A list."""

    items: list[tuple[LineColumn, YamlValue]] = field(default_factory=list)


YamlValue = str | int | bool | YamlMapping | YamlList | None

# What libyaml and YAML 1.2 may see in different ways: line ends of 1.1, tabs, directives, tags, and keys that are marked as such.
_AMBIGUOUS = re.compile(r"[\t\x85\u2028\u2029\ufeff]|^%|(?:^|[\s\[{,:])[!?](?=[\s!\w]|$)", re.MULTILINE)
_BRACKETS = re.compile(r"[\[\]{}]")
MAX_DEPTH = 100  # brackets in each other; reading takes the time of its square, and at last the stack
MAX_LINE_CHARACTERS = 3000  # characters of a line
_LIBYAML_LOADER = getattr(yaml, "CBaseLoader", None)


def load_yaml(text: str, *, use_libyaml: bool = True) -> YamlValue:
    """What the text holds; None when it is empty. Raises InvalidYaml."""
    if _bracket_depth(text) > MAX_DEPTH:
        raise InvalidYaml("too many brackets within one another", None)
    try:
        node = _compose(text, use_libyaml=use_libyaml)
        return _NodeReader().read_value(node) if node is not None else None
    except RecursionError:
        raise InvalidYaml("too many groups within one another", None) from None


def _compose(text: str, *, use_libyaml: bool) -> Any:
    if use_libyaml and _LIBYAML_LOADER and not _AMBIGUOUS.search(text) and _is_shallow(text):
        try:
            return yaml.compose(text, Loader=_LIBYAML_LOADER)
        except yaml.YAMLError:
            return _compose_with_ruamel(text)  # it says better what is wrong
    return _compose_with_ruamel(text)


def _bracket_depth(text: str) -> int:
    depth = deepest = 0
    for bracket in _BRACKETS.findall(text):
        depth += 1 if bracket in "[{" else -1
        deepest = max(deepest, depth)
    return deepest


def _is_shallow(text: str) -> bool:
    """Groups a hundred thousand deep in each other end the whole process in libyaml. Without brackets they are no deeper than the
    widest line is wide.
    """
    return max(map(len, text.split("\n"))) <= MAX_LINE_CHARACTERS


def _compose_with_ruamel(text: str) -> Any:
    try:
        return YAML(typ="rt").compose(text)
    except MarkedYAMLError as error:
        raise _explain_error(error) from None
    except YAMLError as error:
        raise InvalidYaml((str(error).strip().splitlines() or ["broken"])[0], None) from None


class _NodeReader:
    """Nodes of either library, which are alike."""

    def __init__(self) -> None:
        self.open_nodes: set[int] = set()

    def read_value(self, node: Any) -> YamlValue:
        if node.id == "scalar":
            if (
                node.style == ">"
            ):  # ruamel.yaml writes \a where it folded a line; no YAML file can have one here
                return str(node.value).replace("\a", "")
            plain = not node.style and (node.tag != _STRING_TAG or _LIBYAML_LOADER is not None)
            return _parse_plain_word(node.value) if plain and node.tag in _PLAIN_TAGS else str(node.value)
        if id(node) in self.open_nodes:
            raise InvalidYaml("a part of it is said to be in itself", _node_start(node))
        self.open_nodes.add(id(node))
        found = self._read_mapping(node) if node.id == "mapping" else self._read_list(node)
        self.open_nodes.remove(id(node))
        return found

    def _read_list(self, node: Any) -> YamlList:
        return YamlList([(_node_start(one), self.read_value(one)) for one in node.value])

    def _read_mapping(self, node: Any) -> YamlMapping:
        group = YamlMapping()
        merged: list[tuple[Any, LineColumn]] = []
        for key, value in node.value:
            empty = value.id == "scalar" and value.value == ""  # the two do not agree on where nothing is
            at = _node_start(key if empty else value)
            if key.id == "scalar" and key.value == "<<" and not key.style:
                merged += (
                    [(one, _node_start(one)) for one in value.value]
                    if value.id == "sequence"
                    else [(value, at)]
                )
                continue
            name = str(self.read_value(key)) if key.id == "scalar" else key.id
            slot = MappingItem(_node_start(key), at, self.read_value(value))
            if name in group.entries:
                group.duplicates.append((name, slot.key_at, group.entries[name].key_at))
            else:
                group.entries[name] = slot
        for name, slot in self._iterate_merged(merged):
            group.entries.setdefault(name, slot)
        return group

    def _iterate_merged(self, nodes: list[tuple[Any, LineColumn]]) -> Iterator[tuple[str, MappingItem]]:
        for node, at in nodes:
            found = self.read_value(node)
            if not isinstance(found, YamlMapping):
                raise InvalidYaml('"<<" should be followed by a group, like <<: *name', at)
            yield from found.entries.items()


def _node_start(node: Any) -> LineColumn:
    return node.start_mark.line + 1, node.start_mark.column + 1


# ---- what plain words mean ----------------------------------------------------------------------------------------

_STRING_TAG = "tag:yaml.org,2002:str"
_PLAIN_TAGS = {f"tag:yaml.org,2002:{kind}" for kind in ("str", "null", "bool", "int", "float")}
_NUMBER = re.compile(r"[-+]?(?:0b[01_]+|0o[0-7_]+|0x[0-9a-fA-F_]+|[0-9][0-9_]*)")
_FLOAT = re.compile(
    r"[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+]?[0-9]+)?|[-+]?[0-9][0-9_]*[eE][-+]?[0-9]+|[-+]?\.[0-9_]+(?:[eE][-+][0-9]+)?"
)
_NUMBER_BASES = {"0b": 2, "0o": 8, "0x": 16}
_CONSTANTS: dict[str, YamlValue] = dict.fromkeys(("", "~", "null", "Null", "NULL"))
_CONSTANTS |= {word: word.lower() == "true" for word in ("true", "True", "TRUE", "false", "False", "FALSE")}
MAX_DIGITS = 40


@lru_cache(maxsize=4096)
def _parse_plain_word(word: str) -> YamlValue:
    """By the core schema of YAML 1.2; a fraction and a date are the words that they are written with."""
    if word in _CONSTANTS:
        return _CONSTANTS[word]
    if not _NUMBER.fullmatch(word) or len(word) > MAX_DIGITS:
        return word
    digits = word.lstrip("+-").replace("_", "")
    size = digits[2:] if digits[:2] in _NUMBER_BASES else digits
    if not size:
        return word
    return int(size, _NUMBER_BASES.get(digits[:2], 10)) * (-1 if word.startswith("-") else 1)


# ---- what is wrong, in words --------------------------------------------------------------------------------------

_ERROR_TEXTS = (
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


def _explain_error(error: MarkedYAMLError) -> InvalidYaml:
    said = f"{error.context or ''} {error.problem or ''}"
    mark = error.problem_mark or error.context_mark
    why = (str(error.problem or error).strip().splitlines() or ["broken"])[0]
    for one, other, words, where_it_began in _ERROR_TEXTS:
        if one in said and other in said:
            why = words
            mark = (error.context_mark if where_it_began else None) or mark
            break
    return InvalidYaml(why, (mark.line + 1, mark.column + 1) if mark else None)
