"""The event log of months that have ended, as files: one line of JSON an entry, compressed, each with its checksum beside it.

`event-log-2026-10.jsonl.gz` and `event-log-2026-10.jsonl.gz.sha256`, which `sha256sum -c` reads. A file is never written over.
"""

from __future__ import annotations

import gzip
import hashlib
import heapq
import json
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import IO

from ivr.domain.errors import CalorError
from ivr.domain.rules.event_log_fold import LogEntry

SUFFIX = ".jsonl.gz"
_FILE_NAME = re.compile(r"event-log-(\d{4}-\d{2})(?:\.\d+)?\.jsonl\.gz")


class ArchiveDamaged(CalorError):
    """A file of the journal is not what was written."""


@dataclass(frozen=True, kw_only=True)
class ArchiveFile:
    """What a file holds. `last_id`: the id of its last entry."""

    path: Path
    entries: int
    last_id: str
    sha256: str


class ArchiveWriter:
    """Entries of one month, in their order; nothing has its name before it is whole."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._gzip = gzip.GzipFile(fileobj=file, mode="wb", mtime=0)  # the same entries are the same bytes
        self.entries = 0
        self.last_id = ""

    def add(self, entry: LogEntry) -> None:
        told = {"id": entry.id, "event": entry.event, "at": entry.at, **entry.fields}
        self._gzip.write(json.dumps(told, ensure_ascii=False).encode() + b"\n")
        self.entries += 1
        self.last_id = entry.id

    def finish(self) -> None:
        self._gzip.close()
        self._file.flush()
        os.fsync(self._file.fileno())


@contextmanager
def open_writer(folder: Path) -> Iterator[tuple[ArchiveWriter, Path]]:
    """A writer and where it writes; what was not kept is gone."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor, name = tempfile.mkstemp(dir=folder, suffix=".part")
    part = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield ArchiveWriter(file), part
    finally:
        part.unlink(missing_ok=True)


def finish_file(writer: ArchiveWriter, part_path: Path, month: str) -> ArchiveFile:
    """On disk under its name, read back, and found to be what was written. Raises ArchiveDamaged."""
    writer.finish()
    digest = _digest(part_path)
    path = _choose_path(part_path.parent, month, digest)
    beside = part_path.with_suffix(".sum")
    with beside.open("w") as file:
        file.write(f"{digest}  {path.name}\n")
        file.flush()
        os.fsync(file.fileno())
    beside.replace(_checksum_path(path))
    part_path.replace(path)
    _sync_folder(path.parent)
    kept = verify_file(path)
    if (kept.entries, kept.last_id) != (writer.entries, writer.last_id):
        raise ArchiveDamaged(f"{path} does not hold what was written to it.")
    return kept


def list_files(folder: Path) -> list[Path]:
    """Oldest month first."""
    return sorted(p for p in folder.glob(f"event-log-*{SUFFIX}") if _FILE_NAME.fullmatch(p.name))


def verify_file(path: Path) -> ArchiveFile:
    """Raises ArchiveDamaged when it cannot be read or its checksum is another."""
    try:
        told = _checksum_path(path).read_text().split()[0]
        digest = _digest(path)
        if told != digest:
            raise ArchiveDamaged(f"{path} is damaged: its checksum is not the one beside it.")
        entries, last = 0, ""
        for entry in _iterate_file(path):
            entries, last = entries + 1, entry.id
    except (OSError, ValueError, IndexError, EOFError) as e:
        raise ArchiveDamaged(f"{path} cannot be read: {e}.") from e
    return ArchiveFile(path=path, entries=entries, last_id=last, sha256=digest)


def iterate_entries(folder: Path) -> Iterator[LogEntry]:
    """Everything that was taken out of the event log, in its order; what two files hold comes once."""
    for _, paths in groupby(list_files(folder), key=_month_of):
        before = ""
        for entry in heapq.merge(*map(_iterate_file, paths), key=_sort_key):
            if entry.id != before:
                yield entry
            before = entry.id


def _iterate_file(path: Path) -> Iterator[LogEntry]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            told = json.loads(line)
            yield LogEntry(id=told.pop("id"), event=told.pop("event"), at=told.pop("at"), fields=told)


def _sort_key(entry: LogEntry) -> tuple[int, int]:
    milliseconds, _, n = entry.id.partition("-")
    return int(milliseconds), int(n)


def _month_of(path: Path) -> str:
    found = _FILE_NAME.fullmatch(path.name)
    return found.group(1) if found else ""


def _choose_path(folder: Path, month: str, digest: str) -> Path:
    """A database that was restored may have a month again, and tell less of it: both are kept."""
    n = 1
    while True:
        path = folder / (f"event-log-{month}{SUFFIX}" if n == 1 else f"event-log-{month}.{n}{SUFFIX}")
        if not path.exists() or _digest(path) == digest:
            return path
        n += 1


def _checksum_path(path: Path) -> Path:
    return path.with_name(f"{path.name}.sha256")


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    os.fsync(handle)
    os.close(handle)
