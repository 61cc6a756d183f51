"""The journal as one: the files of months that have ended, then what is in Redis."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from ivr.domain.history import Entry
from ivr.services import RedisServices
from ivr.store import archive, journal
from ivr.store.journal import Extent


def extent(s: RedisServices, *, archived: bool) -> Extent:
    """How far back it reaches. Each file is read and compared with its checksum: raises archive.Damaged."""
    there = journal.extent(s.store)
    if not archived:
        return there
    for path in archive.files(s.settings.archive):
        archive.check(path)
    kept = sum(1 for _ in archive.entries(s.settings.archive))  # what two files hold comes once
    if kept + there.length >= there.added:
        return replace(there, since=float("-inf"))
    first = next(archive.entries(s.settings.archive), None)
    return replace(there, since=min(first.at, there.since)) if first else there


def pages(s: RedisServices, *, archived: bool, since: str = "-") -> Iterator[list[Entry]]:
    """`since`: an entry of the stream, for what is in Redis. What is in a file and in Redis still comes once."""
    last = (0, 0)
    if archived:
        told = archive.entries(s.settings.archive)
        while page := list(islice(told, journal.PAGE)):
            yield page
            last = journal.order(page[-1])
    for page in journal.pages(s.store, since=since):
        if fresh := [e for e in page if journal.order(e) > last]:
            yield fresh
