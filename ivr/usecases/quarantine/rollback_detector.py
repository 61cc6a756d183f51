"""A database that is older than one we have seen: a provider's snapshot was restored, or a failover lost what was written.

The event log only grows, so its last entry tells. What was seen is kept on this disk, because a restore comes with a restart.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

import structlog

from ivr.services import Services
from ivr.store.queries import event_log, quarantine
from ivr.store.query import combine
from ivr.usecases.quarantine import state as quarantine_state

log = structlog.get_logger()

FILE_NAME = "last-seen"
MAX_SMALL_LOSS_SECONDS = 120.0  # seconds: what a failover may lose; a restore loses hours


@dataclass(frozen=True, kw_only=True)
class LastSeen:
    """`dataset_id`: which database, so that an empty new one is no old one. `last_entry_id`: the last id of its event log."""

    dataset_id: str
    last_entry_id: str

    @property
    def order(self) -> tuple[int, int]:
        milliseconds, _, n = self.last_entry_id.partition("-")
        return int(milliseconds), int(n or 0)


class RollbackDetector:
    """One per scheduler."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / FILE_NAME
        self._last_seen = _load(self._file)

    def check(self, services: Services) -> None:
        """Begins the quarantine when the database went back. Raises Unavailable."""
        now, at = _read_current(services)
        if now is None:
            return
        before = self._last_seen
        if before is not None and before.dataset_id == now.dataset_id and before.order > now.order:
            missing = (before.order[0] - now.order[0]) / 1000
            log.error("redis_went_back_in_time", seconds=round(missing, 1))
            if quarantine_state.get_current(services.store) is None:
                moment = services.clock.now()
                small = missing <= MAX_SMALL_LOSS_SECONDS
                why = f"the record went back by {missing:.0f} s"
                quarantine_state.begin(
                    services.store, since=at, why=why, now=moment, began=moment, small_loss=small
                )
        if now != before:
            self._save(now)

    def _save(self, seen: LastSeen) -> None:
        self._last_seen = seen
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            part = self._file.with_suffix(f".{os.getpid()}.part")  # another scheduler may be at it too
            part.write_text(json.dumps(asdict(seen)))
            part.replace(self._file)
        except OSError as e:
            log.warning("last_seen_not_saved", why=str(e))  # in memory it is still known


def _read_current(services: Services) -> tuple[LastSeen | None, float]:
    """What is there now, and the moment of the last entry. None while nothing has happened."""
    database_id, last = services.store.read(combine(quarantine.get_database_id(), event_log.get_last_entry()))
    if not database_id:
        change = services.store.begin()
        quarantine.set_database_id(services.new_id(), change)
        services.store.commit_best_effort(change)
        return None, 0.0
    if last is None:
        return None, 0.0
    return LastSeen(dataset_id=database_id, last_entry_id=last.id), last.at


def _load(file: Path) -> LastSeen | None:
    try:
        return LastSeen(**json.loads(file.read_text()))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError) as e:
        log.warning("last_seen_unreadable", why=str(e))
        return None
