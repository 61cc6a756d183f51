"""Records as Redis hashes: one field a field, text as it is, everything else as JSON.

A field that has its default is not stored: the defaults stand in the record's class alone.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from enum import Enum
from functools import partial
from typing import Any, TypeVar, get_type_hints

from ivr.domain.record import Record

R = TypeVar("R", bound=Record)


ALWAYS_STORED = frozenset(
    {"id", "version", "state"}
)  # also by default: whoever looks at a record looks for these

# by record type, made once: get_type_hints and fields are slow
_FIELD_PARSERS: dict[str, dict[str, Callable[[str], Any]]] = {}
_DEFAULTS: dict[str, dict[str, Any]] = {}


def _get_field_parsers(kind: type[Record]) -> dict[str, Callable[[str], Any]]:
    """By field, what makes a value of its text."""
    if kind.record_type not in _FIELD_PARSERS:
        hints = get_type_hints(kind)
        _FIELD_PARSERS[kind.record_type] = {f.name: _make_field_parser(hints[f.name]) for f in fields(kind)}
    return _FIELD_PARSERS[kind.record_type]


def _get_defaults(kind: type[Record]) -> dict[str, Any]:
    """By field, the value that is not stored; MISSING for those that always are."""
    if kind.record_type not in _DEFAULTS:
        _DEFAULTS[kind.record_type] = {
            f.name: MISSING if f.name in ALWAYS_STORED else f.default for f in fields(kind)
        }
    return _DEFAULTS[kind.record_type]


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
    """All that is stored of it."""
    written, _ = diff(None, record)
    return written


def diff(old: Record | None, new: Record) -> tuple[dict[str, str], list[str]]:
    """What makes the stored `old` into `new`: fields to write, and fields to delete as they have their defaults.

    `old` None, or not as it is stored: everything is written, and every default deleted.
    """
    known = old is not None and old.is_as_stored
    written, deleted = {}, []
    for name, default in _get_defaults(type(new)).items():
        value = getattr(new, name)
        if known and getattr(old, name) == value:
            continue
        if value == default:
            if old is not None:
                deleted.append(name)
        else:
            written[name] = _format_value(value)
    return written, deleted


def load(kind: type[R], raw: Mapping[str, str]) -> R:
    """A record as it was stored; a field that is not there takes its default, and one that nobody knows is passed over."""
    readers = _get_field_parsers(kind)
    record = kind(**{name: readers[name](text) for name, text in raw.items() if name in readers})
    record.mark_as_stored()
    return record


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
