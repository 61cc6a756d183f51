"""What the database has of the records that the event log names."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ivr.services import RedisServices
from ivr.store import keys

# where a promise and a contact have the number that is called
NUMBER_FIELDS = ("number", "caller.number")


@dataclass(frozen=True, kw_only=True)
class RecordSummary:
    """What the database knows of a promise or contact that the event log names. `created_at` None: it is in no index."""

    state: str
    number: str = ""  # "" too when it may have been another one earlier
    created_at: float | None = None


def read_summaries(s: RedisServices, members: Iterable[str]) -> dict[str, RecordSummary]:
    """By key, those that are in the database. One round trip."""
    asked = sorted(members)
    commands: list[tuple[Any, ...]] = []
    for member in asked:
        record_type, _, name = member.partition(":")
        commands += [("HMGET", member, "state", *NUMBER_FIELDS, "times_rescheduled")]
        commands += [("ZSCORE", keys.created_index(record_type), name)]
    answers = s.store.read(commands) if commands else []
    found = {}
    for member, (state, *numbers, moved), made in zip(asked, answers[::2], answers[1::2], strict=True):
        if state is not None:
            at = None if made is None else float(made)
            then = "" if moved not in (None, "0") else next((n for n in numbers if n), "")
            found[member] = RecordSummary(state=state, number=then, created_at=at)
    return found
