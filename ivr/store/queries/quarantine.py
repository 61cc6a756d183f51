"""What a restored database is known by and what was found about the time it lost: `database_id`, `quarantine:findings`."""

from __future__ import annotations

import json
from typing import Any

from ivr.store import keys
from ivr.store.change import Change
from ivr.store.query import Query, ask, parse_text


def get_database_id() -> Query[str]:
    """Which database this is; "" while nobody has named it."""
    return ask(("GET", keys.DATABASE_ID), parse_text)


def set_database_id(database_id: str, change: Change) -> None:
    """Name this database, unless it has a name."""
    change.append_command("SET", keys.DATABASE_ID, database_id, "NX")


def list_findings() -> Query[list[dict[str, Any]]]:
    """What the catch-up found, in its order."""
    return ask(("LRANGE", keys.QUARANTINE_FINDINGS, 0, -1), lambda found: [json.loads(one) for one in found])


def add_finding(finding: dict[str, object], change: Change) -> None:
    change.append_command("RPUSH", keys.QUARANTINE_FINDINGS, json.dumps(finding))


def delete_findings(change: Change) -> None:
    change.append_command("DEL", keys.QUARANTINE_FINDINGS)
