"""What may stand in a file, declared beside what reads it: the parser's bounds, the JSON Schema and the reference all come from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

NAME = "^[a-z][a-z0-9_]*$"
PHONE = r"^\+[1-9]\d{6,14}$"
DAY = r"^\d{4}-\d{2}-\d{2}$"

# Of what kind a value is: by its name here, how the reference calls it.
KINDS = {
    "text": "text",
    "number": "whole number",
    "step": "name of a step",
    "prompt": "name of a prompt",
    "queue": "name of a queue",
    "hours": "name of opening hours or of a queue",
    "language": "language",
    "words": "list of words",
    "heard": "list of words, or one by language",
    "numbers": "list of whole numbers",
    "group": "group",
    "lines": "list of groups",
    "named": "group of names of your own",
}


@dataclass(frozen=True, kw_only=True)
class Field:
    """One name and what may stand after it."""

    name: str
    kind: str  # one of KINDS
    about: str  # what it is for, in a sentence without its stop
    needed: bool = False
    default: int | str = ""  # said where it is left out; of a number, the number
    least: int = 0  # of a number, and of each of "numbers"
    most: int = 1_000_000
    choices: tuple[str, ...] = ()
    like: str = ""  # a pattern, of a text and of each of "words"
    fields: tuple[Field, ...] = ()  # of a "group", of each of "lines", of the value of each of the "named"
    names: str = ""  # a pattern, of the "named"
    rules: dict[str, Any] = field(default_factory=dict)  # what else the schema asks
    each: dict[str, Any] = field(default_factory=dict)  # and of the value of each of the "named"

    @property
    def said(self) -> str:
        """Its kind in words."""
        if self.choices:
            return " or ".join(f"`{choice}`" for choice in self.choices)
        if self.kind in {"number", "numbers"}:
            up_to = f" to {self.most}" if self.most < Field.most else " or more"
            return f"{KINDS[self.kind]}, {self.least}{up_to}"
        return KINDS[self.kind]

    def schema(self) -> dict[str, Any]:
        found: dict[str, Any] = {"description": f"{self.about}."}
        if self.default != "":
            found["default"] = self.default
        return found | _SCHEMAS.get(self.kind, _text)(self) | self.rules


def names(fields: Iterable[Field]) -> tuple[str, ...]:
    return tuple(one.name for one in fields)


def named(fields: Iterable[Field], name: str) -> Field:
    return next(one for one in fields if one.name == name)


def group(fields: Iterable[Field]) -> dict[str, Any]:
    """The schema of a mapping that has these and no others."""
    fields = tuple(fields)
    needed = [one.name for one in fields if one.needed]
    return {
        "type": "object",
        "properties": {one.name: one.schema() for one in fields},
        **({"required": needed} if needed else {}),
        "additionalProperties": False,
    }


def by_name(pattern: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schema of a mapping with names of one's own."""
    if not pattern:
        return {"type": "object", "additionalProperties": schema}
    return {"type": "object", "patternProperties": {pattern: schema}, "additionalProperties": False}


def _text(one: Field) -> dict[str, Any]:
    if one.choices:
        return {"enum": list(one.choices)}
    if one.like:
        return {"type": "string", "pattern": one.like}
    return {"type": ["string", "integer"]}


def _number(one: Field) -> dict[str, Any]:
    return {"type": "integer", "minimum": one.least, "maximum": one.most}


def _words(one: Field) -> dict[str, Any]:
    word = {"type": "string", "pattern": one.like} if one.like else {"type": ["string", "integer"]}
    single = {"type": "string", **({"pattern": one.like} if one.like else {})}
    return {"anyOf": [single, {"type": "array", "items": word, **({"minItems": 1} if one.needed else {})}]}


def _heard(one: Field) -> dict[str, Any]:
    words = _words(one)
    return {"anyOf": [*words["anyOf"], {"type": "object", "additionalProperties": words}]}


def _numbers(one: Field) -> dict[str, Any]:
    return {"type": "array", "items": _number(one)}


def _group(one: Field) -> dict[str, Any]:
    return group(one.fields)


def _lines(one: Field) -> dict[str, Any]:
    return {"type": "array", "items": group(one.fields)}


def _named(one: Field) -> dict[str, Any]:
    return by_name(
        one.names, {**(group(one.fields) if one.fields else {"type": ["string", "integer"]}), **one.each}
    )


_SCHEMAS = {
    "number": _number,
    "words": _words,
    "heard": _heard,
    "numbers": _numbers,
    "group": _group,
    "lines": _lines,
    "named": _named,
}
