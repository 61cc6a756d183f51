"""The event log, read: in pages, because a year of it does not fit into memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ivr.domain.rules.event_log_fold import LogEntry
from ivr.store import keys
from ivr.store.change import Change
from ivr.store.query import Query, ask
from ivr.store.store import Store, translate_redis_errors

PAGE_SIZE = 1000


@dataclass(frozen=True, kw_only=True)
class LogExtent:
    """How far back the event log reaches. `since`: epoch seconds of its first entry; -inf when nothing was ever taken out.

    `added_count`: entries that were ever made, `length`: those that are still there.
    """

    since: float
    length: int
    added_count: int


def get_extent(store: Store) -> LogExtent:
    with translate_redis_errors():
        if not store.redis.exists(keys.EVENT_LOG):
            return LogExtent(since=float("-inf"), length=0, added_count=0)
        about = store.redis.xinfo_stream(keys.EVENT_LOG)
    length, added = int(about["length"]), int(about["entries-added"])
    if added == length:
        return LogExtent(since=float("-inf"), length=length, added_count=added)
    first = next((e for page in iterate_pages(store, page_size=1) for e in page), None)
    return LogExtent(since=first.at if first else float("inf"), length=length, added_count=added)


def get_last_entry() -> Query[LogEntry | None]:
    """The newest entry; None when there is none."""
    return ask(
        ("XREVRANGE", keys.EVENT_LOG, "+", "-", "COUNT", 1),
        lambda found: _parse_entry(*found[0]) if found else None,
    )


def trim(first_id: str, change: Change) -> None:
    """Delete the entries before this one."""
    change.append_command("XTRIM", keys.EVENT_LOG, "MINID", first_id)


def iterate_pages(
    store: Store, *, start_id: str = "-", page_size: int = PAGE_SIZE
) -> Iterator[list[LogEntry]]:
    """From the entry `start_id` on, or after it: "(1795460400000-0"."""
    while True:
        (page,) = store.send_commands([("XRANGE", keys.EVENT_LOG, start_id, "+", "COUNT", page_size)])
        if page:
            yield [_parse_entry(name, told) for name, told in page]
            start_id = f"({page[-1][0]}"
        if len(page) < page_size:
            return


def iterate_pages_backward(
    store: Store, *, before_id: str = "", page_size: int = PAGE_SIZE
) -> Iterator[list[LogEntry]]:
    """Newest first, from before the entry `before_id` on."""
    until = f"({before_id}" if before_id else "+"
    while True:
        (page,) = store.send_commands([("XREVRANGE", keys.EVENT_LOG, until, "-", "COUNT", page_size)])
        if page:
            yield [_parse_entry(name, told) for name, told in page]
            until = f"({page[-1][0]}"
        if len(page) < page_size:
            return


def parse_entry_id(entry: LogEntry) -> tuple[int, int]:
    """By it, entries stand in the stream."""
    milliseconds, _, n = entry.id.partition("-")
    return int(milliseconds), int(n)


def _parse_entry(entry_id: str, raw_fields: dict[str, str]) -> LogEntry:
    """An entry that a hand has put there may lack its time: then it is the server's."""
    rest = {k: v for k, v in raw_fields.items() if k not in ("event", "at")}
    at = float(raw_fields.get("at") or int(entry_id.partition("-")[0]) / 1000)
    return LogEntry(id=entry_id, event=raw_fields.get("event", ""), at=at, fields=rest)
