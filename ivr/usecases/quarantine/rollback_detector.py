"""A record that is older than one we have seen: a provider's snapshot was restored, or a failover lost what was written.

The journal only grows, so its last entry tells. What was seen is kept on this disk, because a restore comes with a restart.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

import structlog

from ivr.services import Services
from ivr.store import keys
from ivr.store.change import Change
from ivr.usecases.quarantine import state as quarantine_state

log = structlog.get_logger()

FILE = "last-seen"
SMALL = 120.0  # seconds: what a failover may lose; a restore loses hours


@dataclass(frozen=True, kw_only=True)
class Seen:
    """`record`: which record, so that an empty new one is no old one. `entry`: the last id of its journal."""

    record: str
    entry: str

    @property
    def order(self) -> tuple[int, int]:
        milliseconds, _, n = self.entry.partition("-")
        return int(milliseconds), int(n or 0)


class Eye:
    """One per reconciler."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / FILE
        self._seen = _load(self._file)

    def look(self, s: Services) -> None:
        """Begins the quarantine when the record went back. Raises Unavailable."""
        now, at = _present(s)
        if now is None:
            return
        before = self._seen
        if before is not None and before.record == now.record and before.order > now.order:
            missing = (before.order[0] - now.order[0]) / 1000
            log.error("redis_went_back_in_time", seconds=round(missing, 1))
            if quarantine_state.current(s.store) is None:
                moment = s.clock.now()
                small = missing <= SMALL
                why = f"the record went back by {missing:.0f} s"
                quarantine_state.begin(s.store, since=at, why=why, now=moment, began=moment, small=small)
        if now != before:
            self._keep(now)

    def _keep(self, seen: Seen) -> None:
        self._seen = seen
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            part = self._file.with_suffix(f".{os.getpid()}.part")  # another reconciler may be at it too
            part.write_text(json.dumps(asdict(seen)))
            part.replace(self._file)
        except OSError as e:
            log.warning("last_seen_not_saved", why=str(e))  # in memory it is still known


def _present(s: Services) -> tuple[Seen | None, float]:
    """What is there now, and the moment of the last entry. None while nothing has happened."""
    record, last = s.store.read([("GET", keys.RECORD), ("XREVRANGE", keys.JOURNAL, "+", "-", "COUNT", 1)])
    if record is None:
        change = Change(now=s.clock.now())
        change.op("SET", keys.RECORD, s.new_id(), "NX")
        s.store.commit(change)
        return None, 0.0
    if not last:
        return None, 0.0
    ((entry, told),) = last
    return Seen(record=record, entry=entry), float(told["at"])


def _load(file: Path) -> Seen | None:
    try:
        return Seen(**json.loads(file.read_text()))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError) as e:
        log.warning("last_seen_unreadable", why=str(e))
        return None
