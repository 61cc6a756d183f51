"""The event log as one: the files of months that have ended, then what is in Redis."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from ivr.domain.rules.event_log_fold import LogEntry
from ivr.services import RedisServices
from ivr.store.queries import event_log, event_log_archive
from ivr.store.queries.event_log import LogExtent


def get_extent(s: RedisServices, *, archived: bool) -> LogExtent:
    """How far back it reaches. Each file is read and compared with its checksum: raises ArchiveDamaged."""
    there = event_log.get_extent(s.store)
    if not archived:
        return there
    for path in event_log_archive.list_files(s.settings.event_log_archive):
        event_log_archive.verify_file(path)
    kept = sum(
        1 for _ in event_log_archive.iterate_entries(s.settings.event_log_archive)
    )  # what two files hold comes once
    if kept + there.length >= there.added_count:
        return replace(there, since=float("-inf"))
    first = next(event_log_archive.iterate_entries(s.settings.event_log_archive), None)
    return replace(there, since=min(first.at, there.since)) if first else there


def read_pages(s: RedisServices, *, archived: bool, since: str = "-") -> Iterator[list[LogEntry]]:
    """`since`: an entry of the stream, for what is in Redis. What is in a file and in Redis still comes once."""
    last = (0, 0)
    if archived:
        told = event_log_archive.iterate_entries(s.settings.event_log_archive)
        while page := list(islice(told, event_log.PAGE_SIZE)):
            yield page
            last = event_log.parse_entry_id(page[-1])
    for page in event_log.iterate_pages(s.store, start_id=since):
        if fresh := [e for e in page if event_log.parse_entry_id(e) > last]:
            yield fresh
