"""The thread of a case: `case:{id}:thread`, a list of JSON, oldest first. An entry has `at` (epoch seconds), `kind`, and what it tells."""

from __future__ import annotations

import json
from typing import Any

from ivr.store import keys
from ivr.store.change import Change
from ivr.store.query import Query, ask


def list_entries(case_id: str) -> Query[list[dict[str, Any]]]:
    return ask(
        ("LRANGE", keys.case_thread(case_id), 0, -1), lambda found: [json.loads(line) for line in found]
    )


def get_last_time(case_id: str) -> Query[float | None]:
    """When its last entry was made, epoch seconds; None when it has none."""
    return ask(
        ("LINDEX", keys.case_thread(case_id), -1),
        lambda last: float(json.loads(last)["at"]) if last else None,
    )


def exists(case_id: str) -> Query[bool]:
    """Whether it has an entry."""
    return ask(("EXISTS", keys.case_thread(case_id)), bool)


def append(case_id: str, entry: dict[str, object], change: Change) -> None:
    change.append_command("RPUSH", keys.case_thread(case_id), json.dumps(entry))


def delete(case_id: str, change: Change) -> None:
    change.append_command("DEL", keys.case_thread(case_id))
