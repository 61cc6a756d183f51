"""Which records have changed, for open pages: a trimmed stream that the commit script writes, so webhooks pay no round trip for it.

A topic is a record (`agent:diane`, `promise:p7k2`), a queue (`queue:support`), or what a use case touched.
`promises`, `agents`, `queues` stand for every one of their record type.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ivr.store import keys
from ivr.store.query import Query, ask, combine
from ivr.store.server.connection import connect
from ivr.store.store import Store, translate_redis_errors

START_ID = "0-0"
ALL_TOPICS = frozenset({"*"})  # whatever a page shows may have changed: it cannot be told any more what has


@dataclass(frozen=True, kw_only=True)
class FeedEntry:
    id: str
    topics: frozenset[str]


def add_record_type_topics(topics: frozenset[str]) -> frozenset[str]:
    """`promise:p7k2` is news for whoever looks at `promises`."""
    return topics | {keys.created_index(t.partition(":")[0]) for t in topics if ":" in t}


def parse_entry_id(entry_id: str) -> tuple[int, int]:
    """By it, entries stand in the stream."""
    milliseconds, _, n = entry_id.partition("-")
    return int(milliseconds), int(n)


def is_entry_id(text: str) -> bool:
    """Of an entry, as a browser sends it back."""
    milliseconds, dash, n = text.partition("-")
    return bool(dash) and all(p.isascii() and p.isdigit() and len(p) <= 19 for p in (milliseconds, n))


def get_last_id() -> Query[str]:
    """The id of the newest entry."""
    return ask(
        ("XREVRANGE", keys.CHANGE_FEED, "+", "-", "COUNT", 1),
        lambda found: str(found[0][0]) if found else START_ID,
    )


def list_entries_after(store: Store, entry_id: str, *, limit: int) -> list[FeedEntry]:
    """What came after this entry; `ALL_TOPICS` when that is more than `limit`, or cannot be told any more."""
    first, found, end = store.read(
        combine(
            ask(("XRANGE", keys.CHANGE_FEED, "-", "+", "COUNT", 1), list[Any]),
            ask(("XRANGE", keys.CHANGE_FEED, f"({entry_id}", "+", "COUNT", limit + 1), list[Any]),
            get_last_id(),
        )
    )
    gone = bool(first) and parse_entry_id(first[0][0]) > parse_entry_id(
        entry_id
    )  # trimmed up to there, or it was the beginning
    back = parse_entry_id(end) < parse_entry_id(entry_id)  # another database, restored from a backup
    if gone or back or len(found) > limit:
        return [FeedEntry(id=end, topics=ALL_TOPICS)]
    return [_parse_entry(entry) for entry in found]


class FeedReader:
    """Waits for entries on a connection of its own. `seconds`: how long at a time."""

    def __init__(self, redis_url: str, *, seconds: float) -> None:
        self._seconds = seconds
        self._redis = connect(redis_url, timeout_seconds=seconds + 1, max_connections=1)

    def wait_for_entries(self, entry_id: str) -> list[FeedEntry]:
        """What comes after this entry, as soon as something does; nothing after `seconds`."""
        with translate_redis_errors():
            found: Any = self._redis.xread(
                {keys.CHANGE_FEED: entry_id}, count=500, block=int(self._seconds * 1000)
            )
        return [_parse_entry(entry) for _, entries in found or () for entry in entries]

    def close(self) -> None:
        self._redis.close()
        self._redis.connection_pool.disconnect()


def _parse_entry(entry: Any) -> FeedEntry:
    name, told = entry
    return FeedEntry(id=str(name), topics=frozenset(str(told.get("topics", "")).split()))
