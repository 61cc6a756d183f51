"""Records as Redis hashes: one field a field, text as it is, everything else as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import fields
from enum import Enum
from functools import partial
from typing import Any, TypeVar, get_type_hints

from ivr.domain.record import Record

R = TypeVar("R", bound=Record)


_FIELD_PARSERS: dict[
    str, dict[str, Callable[[str], Any]]
] = {}  # by record type, made once: get_type_hints is slow


def _get_field_parsers(kind: type[Record]) -> dict[str, Callable[[str], Any]]:
    """By field, what makes a value of its text."""
    if kind.record_type not in _FIELD_PARSERS:
        hints = get_type_hints(kind)
        _FIELD_PARSERS[kind.record_type] = {f.name: _make_field_parser(hints[f.name]) for f in fields(kind)}
    return _FIELD_PARSERS[kind.record_type]


def _make_field_parser(hint: Any) -> Callable[[str], Any]:
    if hint is str:
        return str
    if isinstance(hint, type) and issubclass(hint, Enum):
        return partial(_parse_int_enum, hint) if issubclass(hint, int) else hint
    return _parse_json


def _parse_int_enum(hint: Callable[[int], Any], text: str) -> Any:
    return hint(int(text))


def _parse_json(text: str) -> Any:
    value = json.loads(text)
    return tuple(value) if isinstance(value, list) else value


def dump(record: Record) -> dict[str, str]:
    return {name: _format_value(getattr(record, name)) for name in _get_field_parsers(type(record))}


def load(kind: type[R], raw: Mapping[str, str]) -> R:
    """A record as it was stored; a field that an older release did not know takes its default."""
    readers = _get_field_parsers(kind)
    return kind(**{name: readers[name](text) for name, text in raw.items() if name in readers})


def try_load(kind: type[R], raw: Mapping[str, str]) -> tuple[R | None, str]:
    """The record, or why it cannot be read: a hand was at it, or it is newer than this release. For those who look at all."""
    try:
        return (load(kind, raw) if raw else None), ""
    except (ValueError, TypeError) as e:
        return None, str(e)


def _format_value(value: object) -> str:
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, str):
        return value
    return json.dumps(value, separators=(",", ":"))
