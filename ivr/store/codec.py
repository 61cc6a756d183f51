"""Records as Redis hashes: one field a field, text as it is, everything else as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from enum import Enum
from typing import Any, TypeVar, get_type_hints

from ivr.domain.record import Record

R = TypeVar("R", bound=Record)


_HINTS: dict[str, dict[str, Any]] = {}  # by noun, read once: get_type_hints is slow


def _hints(kind: type[Record]) -> dict[str, Any]:
    if kind.noun not in _HINTS:
        hints = get_type_hints(kind)
        _HINTS[kind.noun] = {f.name: hints[f.name] for f in fields(kind)}
    return _HINTS[kind.noun]


def dump(record: Record) -> dict[str, str]:
    return {name: _text(getattr(record, name)) for name in _hints(type(record))}


def load(kind: type[R], raw: Mapping[str, str]) -> R:
    """A record as it was stored; a field that an older release did not know takes its default."""
    hints = _hints(kind)
    return kind(**{name: _value(hints[name], text) for name, text in raw.items() if name in hints})


def _text(value: object) -> str:
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, str):
        return value
    return json.dumps(value, separators=(",", ":"))


def _value(hint: Any, text: str) -> Any:
    if hint is str:
        return text
    if isinstance(hint, type) and issubclass(hint, Enum):
        return hint(int(text)) if issubclass(hint, int) else hint(text)
    value = json.loads(text)
    return tuple(value) if isinstance(value, list) else value
