"""The journal of months that have ended, as files: one line of JSON an entry, compressed, each with its checksum beside it.

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
from ivr.domain.rules.event_log_fold import Entry

SUFFIX = ".jsonl.gz"
_NAME = re.compile(r"event-log-(\d{4}-\d{2})(?:\.\d+)?\.jsonl\.gz")


class Damaged(CalorError):
    """A file of the journal is not what was written."""


@dataclass(frozen=True, kw_only=True)
class Kept:
    """What a file holds. `last`: the id of its last entry."""

    path: Path
    entries: int
    last: str
    sha256: str


class Writer:
    """Entries of one month, in their order; nothing has its name before it is whole."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._gzip = gzip.GzipFile(fileobj=file, mode="wb", mtime=0)  # the same entries are the same bytes
        self.entries = 0
        self.last = ""

    def add(self, entry: Entry) -> None:
        told = {"id": entry.id, "event": entry.event, "at": entry.at, **entry.told}
        self._gzip.write(json.dumps(told, ensure_ascii=False).encode() + b"\n")
        self.entries += 1
        self.last = entry.id

    def finish(self) -> None:
        self._gzip.close()
        self._file.flush()
        os.fsync(self._file.fileno())


@contextmanager
def writing(folder: Path) -> Iterator[tuple[Writer, Path]]:
    """A writer and where it writes; what was not kept is gone."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor, name = tempfile.mkstemp(dir=folder, suffix=".part")
    part = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield Writer(file), part
    finally:
        part.unlink(missing_ok=True)


def keep(writer: Writer, part: Path, month: str) -> Kept:
    """On disk under its name, read back, and found to be what was written. Raises Damaged."""
    writer.finish()
    digest = _digest(part)
    path = _place(part.parent, month, digest)
    beside = part.with_suffix(".sum")
    with beside.open("w") as file:
        file.write(f"{digest}  {path.name}\n")
        file.flush()
        os.fsync(file.fileno())
    beside.replace(_sum(path))
    part.replace(path)
    _sync(path.parent)
    kept = check(path)
    if (kept.entries, kept.last) != (writer.entries, writer.last):
        raise Damaged(f"{path} does not hold what was written to it.")
    return kept


def files(folder: Path) -> list[Path]:
    """Oldest month first."""
    return sorted(p for p in folder.glob(f"event-log-*{SUFFIX}") if _NAME.fullmatch(p.name))


def check(path: Path) -> Kept:
    """Raises Damaged when it cannot be read or its checksum is another."""
    try:
        told = _sum(path).read_text().split()[0]
        digest = _digest(path)
        if told != digest:
            raise Damaged(f"{path} is damaged: its checksum is not the one beside it.")
        entries, last = 0, ""
        for entry in _lines(path):
            entries, last = entries + 1, entry.id
    except (OSError, ValueError, IndexError, EOFError) as e:
        raise Damaged(f"{path} cannot be read: {e}.") from e
    return Kept(path=path, entries=entries, last=last, sha256=digest)


def entries(folder: Path) -> Iterator[Entry]:
    """Everything that was taken out of the journal, in its order; what two files hold comes once."""
    for _, paths in groupby(files(folder), key=_month):
        before = ""
        for entry in heapq.merge(*map(_lines, paths), key=_order):
            if entry.id != before:
                yield entry
            before = entry.id


def _lines(path: Path) -> Iterator[Entry]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            told = json.loads(line)
            yield Entry(id=told.pop("id"), event=told.pop("event"), at=told.pop("at"), told=told)


def _order(entry: Entry) -> tuple[int, int]:
    milliseconds, _, n = entry.id.partition("-")
    return int(milliseconds), int(n)


def _month(path: Path) -> str:
    found = _NAME.fullmatch(path.name)
    return found.group(1) if found else ""


def _place(folder: Path, month: str, digest: str) -> Path:
    """A record that was restored may have a month again, and tell less of it: both are kept."""
    n = 1
    while True:
        path = folder / (f"event-log-{month}{SUFFIX}" if n == 1 else f"event-log-{month}.{n}{SUFFIX}")
        if not path.exists() or _digest(path) == digest:
            return path
        n += 1


def _sum(path: Path) -> Path:
    return path.with_name(f"{path.name}.sha256")


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    os.fsync(handle)
    os.close(handle)
