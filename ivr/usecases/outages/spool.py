"""What happened to callers while the record was away: kept on this disk until it is in the record (I9).

A fact is one small file; the same fact told twice is one file with all that was told. It goes only when what follows from
it is in the record. Any number of reconcilers may read one folder: whoever comes second finds nothing left to do. A
message is never here alone, Twilio has its recording (see catch_up.py): so a full disk costs a caller nothing.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import structlog

from ivr.domain.errors import NothingNew, Unavailable
from ivr.services import Services
from ivr.usecases.outages import catch_up as outage_catch_up

log = structlog.get_logger()

PAUSE = 30.0  # seconds of real time before a fact that could not be used is tried again

HANDLERS: dict[str, Callable[[Services, dict[str, str]], None]] = {
    "1-talked": outage_catch_up.talked,  # first: nothing is owed to them then
    "2-fell": outage_catch_up.fell_back,
    "3-message": outage_catch_up.message,
}


def fell_back(folder: Path, told: dict[str, str]) -> None:
    """A caller hears the fallback. `told`: CallSid, From, To."""
    _keep(folder, "2-fell", told, told.get("CallSid", ""))


def message(folder: Path, told: dict[str, str]) -> None:
    """A message was recorded. `told`: RecordingSid and, as far as known, RecordingUrl, CallSid, From, To."""
    _keep(folder, "3-message", told, told.get("RecordingSid", ""))


def talked(folder: Path, told: dict[str, str]) -> None:
    """The fallback brought this caller to a person. `told`: CallSid, From, To."""
    _keep(folder, "1-talked", told, told.get("CallSid", ""))


def _keep(folder: Path, kind: str, told: dict[str, str], name: str) -> None:
    """On disk when this returns; a disk that refuses is logged, the caller is answered all the same."""
    if not name:
        return
    whole = folder / f"{kind}-{hashlib.sha256(name.encode()).hexdigest()[:24]}.json"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _write(whole, {**(_read(whole) or {}), **told})
    except OSError as e:
        log.error("spool_write_failed", kind=kind, why=str(e))  # noqa: TRY400 - the disk's fault, in words


def _write(whole: Path, told: dict[str, str]) -> None:
    descriptor, part = tempfile.mkstemp(dir=whole.parent, suffix=".part")
    with os.fdopen(descriptor, "w") as file:
        json.dump(told, file)
        file.flush()
        os.fsync(file.fileno())
    Path(part).replace(whole)
    handle = os.open(whole.parent, os.O_RDONLY)
    os.fsync(handle)
    os.close(handle)


def _read(path: Path) -> dict[str, str] | None:
    """None when it is not there (any more) or no fact."""
    try:
        told = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    if not isinstance(told, dict):
        return None
    return {str(name): str(value) for name, value in told.items()}


def waiting(folder: Path) -> list[Path]:
    """The facts that lie there, in the order in which they are to be used. Cheap: a folder is read, no file."""
    try:
        return sorted(p for p in folder.iterdir() if p.suffix == ".json")
    except FileNotFoundError:
        return []


def about(folder: Path, number: str) -> list[Path]:
    """Facts of this number that are not in the record yet."""
    return [path for path in waiting(folder) if number in path.read_text(errors="replace")]


def forget(folder: Path, number: str) -> None:
    """What nobody could read of this number is not kept for a person to look at any more."""
    for path in folder.glob("*.unreadable"):
        if number in path.read_text(errors="replace"):
            path.unlink(missing_ok=True)


class Drain:
    """Puts facts into the record; one per reconciler."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._later: dict[Path, float] = {}  # facts that could not be used, and when to try again, monotonic

    def run(self, s: Services) -> int:
        """How many went in. Raises Unavailable; then they are still there."""
        found = waiting(self._folder)
        if not found:
            self._later.clear()
            return 0
        return sum(self._use(s, path) for path in self._ready(found))

    def _ready(self, found: list[Path]) -> Iterator[Path]:
        now = time.monotonic()
        return (path for path in found if self._later.get(path, 0.0) <= now)

    def _use(self, s: Services, path: Path) -> bool:
        told = _read(path)
        kind = path.name.rpartition("-")[0]
        if told is None or kind not in HANDLERS:
            self._set_aside(path)
            return False
        try:
            HANDLERS[kind](s, told)
        except NothingNew as e:
            self._try_later(path, str(e))
            return False
        except Unavailable:
            raise
        except Exception as e:  # whatever it is, the fact stays and the bells go on ringing
            log.exception("spool_failed", file=path.name)
            self._try_later(path, type(e).__name__)
            return False
        path.unlink(missing_ok=True)
        self._later.pop(path, None)
        log.info("spool_entry_processed", kind=kind)
        return True

    def _try_later(self, path: Path, why: str) -> None:
        if path not in self._later:
            log.error("spool_entry_kept", file=path.name, why=why)
        self._later[path] = time.monotonic() + PAUSE

    def _set_aside(self, path: Path) -> None:
        """For a person to look at, once; unless another reconciler has used it meanwhile."""
        try:
            path.rename(path.with_suffix(".unreadable"))
        except FileNotFoundError:
            return
        except OSError as e:
            self._try_later(path, str(e))
            return
        log.error("spool_unreadable", file=path.name)
