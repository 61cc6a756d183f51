"""Records by their id: whole, some fields of them, or whether they exist. `Store.get` and `Change.put` do the everyday part."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from ivr.domain.record import Record
from ivr.store import codec
from ivr.store.change import Change
from ivr.store.queries import created_index
from ivr.store.query import Query, ask

R = TypeVar("R", bound=Record)


def get(kind: type[R], record_id: str) -> Query[R | None]:
    """The record; None when there is none. Raises ValueError or TypeError when it cannot be read."""
    return ask(
        ("HGETALL", f"{kind.record_type}:{record_id}"), lambda raw: codec.load(kind, raw) if raw else None
    )


def get_readable(kind: type[R], record_id: str) -> Query[R | None]:
    """The record; None when there is none, or when it cannot be read."""
    return ask(("HGETALL", f"{kind.record_type}:{record_id}"), lambda raw: codec.try_load(kind, raw)[0])


def get_partly(kind: type[R], record_id: str, fields: Sequence[str]) -> Query[tuple[R | None, str]]:
    """The record with these fields alone, the rest as by default; or None, and why it cannot be read ("": there is none)."""
    return get_fields(f"{kind.record_type}:{record_id}", fields).map(
        lambda found: codec.try_load(kind, found if "id" in found else {})
    )


def get_fields(record_key: str, fields: Sequence[str]) -> Query[dict[str, str]]:
    """Those of the fields that are stored, as they are stored: text, or JSON."""
    return ask(
        ("HMGET", record_key, *fields),
        lambda values: {name: v for name, v in zip(fields, values, strict=True) if v is not None},
    )


def exists(record_key: str) -> Query[bool]:
    """Whether there is a record of this key."""
    return ask(("EXISTS", record_key), bool)


def delete(record: Record, change: Change) -> None:
    """Delete it, and its place among all records of its type. Other indexes and the due index are the caller's."""
    change.append_command("DEL", record.key)
    created_index.remove(record.record_type, record.id, change)


def expire(record: Record, seconds: int, change: Change) -> None:
    """Let it end by itself after so many seconds. It is not listed among the records of its type."""
    change.append_command("EXPIRE", record.key, seconds)
    created_index.remove(record.record_type, record.id, change)


def delete_expiring(record_type: str, record_id: str, change: Change) -> None:
    """Delete what `expire` would end later, if it is there."""
    change.append_command("DEL", f"{record_type}:{record_id}")
