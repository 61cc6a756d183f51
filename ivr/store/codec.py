"""Records as Redis hashes: one field a field, text as it is, everything else as JSON.

A field of a value object in the record is stored by both names: `caller.number`.
A field that has its default is not stored: the defaults stand in the record's class alone.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from enum import Enum
from functools import partial
from typing import Any, TypeVar, get_type_hints

from ivr.domain.record import Record

R = TypeVar("R", bound=Record)


ALWAYS_STORED = frozenset(
    {"id", "version", "state"}
)  # also by default: whoever looks at a record looks for these


@dataclass(frozen=True)
class _StoredField:
    """One field of the hash: `name`, or `part.name` where it stands in a value object of the record."""

    part: str
    name: str
    parse: Callable[[str], Any]
    default: Any  # the value that is not stored; MISSING where it always is


@dataclass(frozen=True)
class _Layout:
    """How a kind of record is stored; made once, as get_type_hints and fields are slow."""

    fields: Mapping[str, _StoredField]  # by the name in the hash
    own: tuple[tuple[str, _StoredField], ...]  # those that stand in no part
    parts: Mapping[str, tuple[type[Any], tuple[tuple[str, _StoredField], ...]]]


_LAYOUTS: dict[str, _Layout] = {}


def _get_layout(kind: type[Record]) -> _Layout:
    if kind.record_type not in _LAYOUTS:
        own, parts = {}, {}
        hints = get_type_hints(kind)
        for f in fields(kind):
            hint = hints[f.name]
            if is_dataclass(hint) and isinstance(hint, type):
                inside = get_type_hints(hint)
                parts[f.name] = (
                    hint,
                    {
                        f"{f.name}.{g.name}": _StoredField(
                            f.name, g.name, _make_field_parser(inside[g.name]), g.default
                        )
                        for g in fields(hint)
                    },
                )
            else:
                default = MISSING if f.name in ALWAYS_STORED else f.default
                own[f.name] = _StoredField("", f.name, _make_field_parser(hint), default)
        every = {**own, **{name: field for _, inner in parts.values() for name, field in inner.items()}}
        _LAYOUTS[kind.record_type] = _Layout(
            fields=every,
            own=tuple(own.items()),
            parts={part: (hint, tuple(inner.items())) for part, (hint, inner) in parts.items()},
        )
    return _LAYOUTS[kind.record_type]


def list_stored_fields(kind: type[Record]) -> frozenset[str]:
    """The names that its hash may have: `state`, `caller.number`."""
    return frozenset(_get_layout(kind).fields)


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
    written: dict[str, str] = {}
    deleted: list[str] = []
    layout = _get_layout(type(new))
    _diff_fields(old, new, layout.own, written, deleted, known=known)
    for part, (_, inner) in layout.parts.items():
        before, after = getattr(old, part, None), getattr(new, part)
        if known and before is after:
            continue
        _diff_fields(before, after, inner, written, deleted, known=known)
    return written, deleted


def _diff_fields(
    old: object,
    new: object,
    stored: Iterable[tuple[str, _StoredField]],
    written: dict[str, str],
    deleted: list[str],
    *,
    known: bool,
) -> None:
    """`known`: the hash has exactly what `old` says."""
    for stored_name, field in stored:
        value = getattr(new, field.name)
        if known and getattr(old, field.name) == value:
            continue
        if value == field.default:
            if old is not None:
                deleted.append(stored_name)
        else:
            written[stored_name] = _format_value(value)


def load(kind: type[R], raw: Mapping[str, str]) -> R:
    """A record as it was stored; a field that is not there takes its default, and one that nobody knows is passed over."""
    layout = _get_layout(kind)
    values: dict[str, Any] = {}
    inside: dict[str, dict[str, Any]] = {}
    for stored_name, text in raw.items():
        field = layout.fields.get(stored_name)
        if field is None:
            continue
        where = inside.setdefault(field.part, {}) if field.part else values
        where[field.name] = field.parse(text)
    for part, told in inside.items():
        values[part] = layout.parts[part][0](**told)
    record = kind(**values)
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
