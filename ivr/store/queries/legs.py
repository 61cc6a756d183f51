"""Whose leg a call is: `leg:{CallSid}`, the key of a record. `Change.index_leg` writes it for a leg that begins."""

from __future__ import annotations

from ivr.store import keys
from ivr.store.change import LEG_TTL_SECONDS, Change
from ivr.store.query import Query, ask, parse_text


def get_record_key(call_sid: str) -> Query[str]:
    """The key of the record whose leg this is; "" when it is nobody's."""
    return ask(("GET", keys.leg(call_sid)), parse_text)


def set_record_key(call_sid: str, record_key: str, change: Change) -> None:
    """The call is a leg of this record."""
    change.append_command("SET", keys.leg(call_sid), record_key, "EX", LEG_TTL_SECONDS)
