"""What the database has of the records that the event log names."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ivr.services import RedisServices
from ivr.store.queries import created_index, records
from ivr.store.query import Query, combine, each

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
    found = s.store.read(each(sorted(members), _get_summary))
    return {key: summary for key, summary in found.items() if summary is not None}


def _get_summary(record_key: str) -> Query[RecordSummary | None]:
    record_type, _, name = record_key.partition(":")
    return combine(
        records.get_fields(record_key, ("state", *NUMBER_FIELDS, "times_rescheduled")),
        created_index.get_created_time(record_type, name),
    ).map(lambda found: _summarize(*found))


def _summarize(fields: dict[str, str], created_at: float | None) -> RecordSummary | None:
    if "state" not in fields:
        return None
    moved = fields.get("times_rescheduled", "0") != "0"
    number = "" if moved else next((fields[name] for name in NUMBER_FIELDS if fields.get(name)), "")
    return RecordSummary(state=fields["state"], number=number, created_at=created_at)
