"""What happened to callers while Redis was down: kept on this disk until it is in Redis (I9).

A fact is one small file; the same fact told twice is one file with all that was told. It goes only when what follows from
it is in Redis. Any number of schedulers may read one folder: whoever comes second finds nothing left to do. A
message is never here alone, Twilio has its recording (see catch_up.py): so a full disk costs a caller nothing.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, fields, replace
from pathlib import Path

import structlog

from ivr.domain.errors import Unavailable, WritesRefused
from ivr.services import Services
from ivr.usecases.outages import catch_up as outage_catch_up
from ivr.usecases.outages.catch_up import OutageFact

log = structlog.get_logger()

RETRY_SECONDS = 30.0  # seconds of real time before a fact that could not be used is tried again

HANDLERS: dict[str, Callable[[Services, OutageFact], None]] = {
    "1-talked": outage_catch_up.apply_talked,  # first: nothing is owed to them then
    "2-fell": outage_catch_up.apply_fallback,
    "3-message": outage_catch_up.apply_message,
}


def record_fallback(folder: Path, fact: OutageFact) -> None:
    """A caller hears the fallback."""
    _save(folder, "2-fell", fact, fact.call)


def record_message(folder: Path, fact: OutageFact) -> None:
    """A message was recorded. Only its sid must be known."""
    _save(folder, "3-message", fact, fact.recording_sid)


def record_talked(folder: Path, fact: OutageFact) -> None:
    """The fallback brought this caller to a person."""
    _save(folder, "1-talked", fact, fact.call)


def _save(folder: Path, kind: str, fact: OutageFact, name: str) -> None:
    """On disk when this returns; a disk that refuses is logged, the caller is answered all the same."""
    if not name:
        return
    whole = folder / f"{kind}-{hashlib.sha256(name.encode()).hexdigest()[:24]}.json"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        known = _read(whole) or OutageFact()
        _write(whole, replace(known, **_list_told(fact)))
    except OSError as e:
        log.error("spool_write_failed", kind=kind, why=str(e))  # noqa: TRY400 - the disk's fault, in words


def _list_told(fact: OutageFact) -> dict[str, str]:
    return {name: told for name, told in asdict(fact).items() if told}


def _write(path: Path, fact: OutageFact) -> None:
    descriptor, part = tempfile.mkstemp(dir=path.parent, suffix=".part")
    with os.fdopen(descriptor, "w") as file:
        json.dump(_list_told(fact), file)
        file.flush()
        os.fsync(file.fileno())
    Path(part).replace(path)
    handle = os.open(path.parent, os.O_RDONLY)
    os.fsync(handle)
    os.close(handle)


def _read(path: Path) -> OutageFact | None:
    """None when it is not there (any more) or no fact."""
    try:
        told = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    if not isinstance(told, dict):
        return None
    return OutageFact(**{f.name: str(told.get(f.name, "")) for f in fields(OutageFact)})


def list_facts(folder: Path) -> list[Path]:
    """The facts that lie there, in the order in which they are to be used. Cheap: a folder is read, no file."""
    try:
        return sorted(p for p in folder.iterdir() if p.suffix == ".json")
    except FileNotFoundError:
        return []


def list_facts_about(folder: Path, number: str) -> list[Path]:
    """Facts of this number that are not in Redis yet."""
    return [path for path in list_facts(folder) if number in path.read_text(errors="replace")]


def erase_unreadable(folder: Path, number: str) -> None:
    """What nobody could read of this number is not kept for a person to look at any more."""
    for path in folder.glob("*.unreadable"):
        if number in path.read_text(errors="replace"):
            path.unlink(missing_ok=True)


class Drain:
    """Puts facts into Redis; one per scheduler."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._retry_at: dict[
            Path, float
        ] = {}  # facts that could not be used, and when to try again, monotonic

    def run(self, services: Services) -> int:
        """How many went in. Raises Unavailable; then they are still there."""
        found = list_facts(self._folder)
        if not found:
            self._retry_at.clear()
            return 0
        return sum(self._apply(services, path) for path in self._list_ready(found))

    def _list_ready(self, found: list[Path]) -> Iterator[Path]:
        now = time.monotonic()
        return (path for path in found if self._retry_at.get(path, 0.0) <= now)

    def _apply(self, services: Services, path: Path) -> bool:
        told = _read(path)
        kind = path.name.rpartition("-")[0]
        if told is None or kind not in HANDLERS:
            self._set_aside(path)
            return False
        try:
            HANDLERS[kind](services, told)
        except WritesRefused as e:
            self._retry_later(path, str(e))
            return False
        except Unavailable:
            raise
        except Exception as e:  # whatever it is, the fact stays and the jobs go on being enqueued
            log.exception("spool_failed", file=path.name)
            self._retry_later(path, type(e).__name__)
            return False
        path.unlink(missing_ok=True)
        self._retry_at.pop(path, None)
        log.info("spool_entry_processed", kind=kind)
        return True

    def _retry_later(self, path: Path, why: str) -> None:
        if path not in self._retry_at:
            log.error("spool_entry_kept", file=path.name, why=why)
        self._retry_at[path] = time.monotonic() + RETRY_SECONDS

    def _set_aside(self, path: Path) -> None:
        """For a person to look at, once; unless another scheduler has used it meanwhile."""
        try:
            path.rename(path.with_suffix(".unreadable"))
        except FileNotFoundError:
            return
        except OSError as e:
            self._retry_later(path, str(e))
            return
        log.error("spool_unreadable", file=path.name)
