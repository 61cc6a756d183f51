"""The journal as one: the files of months that have ended, then what is in Redis."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from ivr.domain.rules.event_log_fold import Entry
from ivr.services import RedisServices
from ivr.store.queries import event_log, event_log_archive
from ivr.store.queries.event_log import Extent


def extent(s: RedisServices, *, archived: bool) -> Extent:
    """How far back it reaches. Each file is read and compared with its checksum: raises archive.Damaged."""
    there = event_log.extent(s.store)
    if not archived:
        return there
    for path in event_log_archive.files(s.settings.archive):
        event_log_archive.check(path)
    kept = sum(1 for _ in event_log_archive.entries(s.settings.archive))  # what two files hold comes once
    if kept + there.length >= there.added:
        return replace(there, since=float("-inf"))
    first = next(event_log_archive.entries(s.settings.archive), None)
    return replace(there, since=min(first.at, there.since)) if first else there


def pages(s: RedisServices, *, archived: bool, since: str = "-") -> Iterator[list[Entry]]:
    """`since`: an entry of the stream, for what is in Redis. What is in a file and in Redis still comes once."""
    last = (0, 0)
    if archived:
        told = event_log_archive.entries(s.settings.archive)
        while page := list(islice(told, event_log.PAGE)):
            yield page
            last = event_log.order(page[-1])
    for page in event_log.pages(s.store, since=since):
        if fresh := [e for e in page if event_log.order(e) > last]:
            yield fresh
