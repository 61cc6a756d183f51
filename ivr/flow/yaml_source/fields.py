"""What may stand in a file, declared beside what reads it: the parser's bounds, the JSON Schema and the reference all come from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

NAME_PATTERN = "^[a-z][a-z0-9_]*$"
PHONE_PATTERN = r"^\+[1-9]\d{6,14}$"
DAY_PATTERN = r"^\d{4}-\d{2}-\d{2}$"

# Of what kind a value is: by its name here, how the reference calls it.
KIND_LABELS = {
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
    kind: str  # one of KIND_LABELS
    description: str  # what it is for, in a sentence without its stop
    required: bool = False
    default: int | str = ""  # said where it is left out; of a number, the number
    minimum: int = 0  # of a number, and of each of "numbers"
    maximum: int = 1_000_000
    choices: tuple[str, ...] = ()
    pattern: str = ""  # a pattern, of a text and of each of "words"
    fields: tuple[Field, ...] = ()  # of a "group", of each of "lines", of the value of each of the "named"
    name_pattern: str = ""  # a pattern, of the "named"
    schema_rules: dict[str, Any] = field(default_factory=dict)  # what else the schema asks
    value_rules: dict[str, Any] = field(default_factory=dict)  # and of the value of each of the "named"

    @property
    def kind_label(self) -> str:
        """Its kind in words."""
        if self.choices:
            return " or ".join(f"`{choice}`" for choice in self.choices)
        if self.kind in {"number", "numbers"}:
            up_to = f" to {self.maximum}" if self.maximum < Field.maximum else " or more"
            return f"{KIND_LABELS[self.kind]}, {self.minimum}{up_to}"
        return KIND_LABELS[self.kind]

    def schema(self) -> dict[str, Any]:
        found: dict[str, Any] = {"description": f"{self.description}."}
        if self.default != "":
            found["default"] = self.default
        return found | _SCHEMAS.get(self.kind, _text_schema)(self) | self.schema_rules


def field_names(fields: Iterable[Field]) -> tuple[str, ...]:
    return tuple(one.name for one in fields)


def get_field(fields: Iterable[Field], name: str) -> Field:
    return next(one for one in fields if one.name == name)


def group_schema(fields: Iterable[Field]) -> dict[str, Any]:
    """The schema of a mapping that has these and no others."""
    fields = tuple(fields)
    needed = [one.name for one in fields if one.required]
    return {
        "type": "object",
        "properties": {one.name: one.schema() for one in fields},
        **({"required": needed} if needed else {}),
        "additionalProperties": False,
    }


def named_group_schema(pattern: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schema of a mapping with names of one's own."""
    if not pattern:
        return {"type": "object", "additionalProperties": schema}
    return {"type": "object", "patternProperties": {pattern: schema}, "additionalProperties": False}


def _text_schema(one: Field) -> dict[str, Any]:
    if one.choices:
        return {"enum": list(one.choices)}
    if one.pattern:
        return {"type": "string", "pattern": one.pattern}
    return {"type": ["string", "integer"]}


def _number_schema(one: Field) -> dict[str, Any]:
    return {"type": "integer", "minimum": one.minimum, "maximum": one.maximum}


def _words_schema(one: Field) -> dict[str, Any]:
    word = {"type": "string", "pattern": one.pattern} if one.pattern else {"type": ["string", "integer"]}
    single = {"type": "string", **({"pattern": one.pattern} if one.pattern else {})}
    return {"anyOf": [single, {"type": "array", "items": word, **({"minItems": 1} if one.required else {})}]}


def _heard_schema(one: Field) -> dict[str, Any]:
    words = _words_schema(one)
    return {"anyOf": [*words["anyOf"], {"type": "object", "additionalProperties": words}]}


def _numbers_schema(one: Field) -> dict[str, Any]:
    return {"type": "array", "items": _number_schema(one)}


def _group_schema(one: Field) -> dict[str, Any]:
    return group_schema(one.fields)


def _lines_schema(one: Field) -> dict[str, Any]:
    return {"type": "array", "items": group_schema(one.fields)}


def _named_schema(one: Field) -> dict[str, Any]:
    return named_group_schema(
        one.name_pattern,
        {**(group_schema(one.fields) if one.fields else {"type": ["string", "integer"]}), **one.value_rules},
    )


_SCHEMAS = {
    "number": _number_schema,
    "words": _words_schema,
    "heard": _heard_schema,
    "numbers": _numbers_schema,
    "group": _group_schema,
    "lines": _lines_schema,
    "named": _named_schema,
}
