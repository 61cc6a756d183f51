"""The thread of a case: what was said, written, promised and done about one matter, oldest first."""

from __future__ import annotations

from typing import Any

from ivr.domain.records.customer import Case
from ivr.services import RedisServices
from ivr.store.change import Change
from ivr.store.queries import case_index
from ivr.store.queries import case_thread as stored_threads


def add_entry(case_id: str, kind: str, change: Change, **fields: object) -> None:
    """Add to the thread of a case: what was said and done, by whom. The words stand here and nowhere else."""
    if case_id:
        change.touch_topic(f"{Case.record_type}:{case_id}")
        stored_threads.append(case_id, {"at": change.now, "kind": kind, **fields}, change)
        case_index.add_thread_text(case_id, str(fields.get("words", "")), change)


def get_thread(s: RedisServices, case_id: str) -> list[dict[str, Any]]:
    return s.store.read(stored_threads.list_entries(case_id))
