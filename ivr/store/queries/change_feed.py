"""Which records have changed, for open pages: a trimmed stream that the commit script writes, so webhooks pay no round trip for it.

A topic is a record (`agent:diane`, `promise:p7k2`), a queue (`queue:support`), or what a use case touched.
`promises`, `agents`, `queues` stand for every one of their noun.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from redis import Redis

from ivr.store import keys
from ivr.store.store import Store, reaching

START = "0-0"
ALL = frozenset({"*"})  # whatever a page shows may have changed: it cannot be told any more what has


@dataclass(frozen=True, kw_only=True)
class News:
    id: str
    topics: frozenset[str]


def families(topics: frozenset[str]) -> frozenset[str]:
    """`promise:p7k2` is news for whoever looks at `promises`."""
    return topics | {keys.everyone(t.partition(":")[0]) for t in topics if ":" in t}


def order(name: str) -> tuple[int, int]:
    """By it, entries stand in the stream."""
    milliseconds, _, n = name.partition("-")
    return int(milliseconds), int(n)


def is_id(text: str) -> bool:
    """Of an entry, as a browser sends it back."""
    milliseconds, dash, n = text.partition("-")
    return bool(dash) and all(p.isascii() and p.isdigit() and len(p) <= 19 for p in (milliseconds, n))


HEAD = ("XREVRANGE", keys.LIVE, "+", "-", "COUNT", 1)  # for a read that brings it along


def head_of(answer: list[Any]) -> str:
    return str(answer[0][0]) if answer else START


def head(store: Store) -> str:
    """The newest entry."""
    (found,) = store.read([HEAD])
    return head_of(found)


def since(store: Store, name: str, *, most: int) -> list[News]:
    """What came after this entry; `ALL` when that is more than `most`, or cannot be told any more."""
    first, found, last = store.read(
        [
            ("XRANGE", keys.LIVE, "-", "+", "COUNT", 1),
            ("XRANGE", keys.LIVE, f"({name}", "+", "COUNT", most + 1),
            HEAD,
        ]
    )
    end = head_of(last)
    gone = bool(first) and order(first[0][0]) > order(name)  # trimmed up to there, or it was the beginning
    back = order(end) < order(name)  # another record, restored from a backup
    if gone or back or len(found) > most:
        return [News(id=end, topics=ALL)]
    return [_news(entry) for entry in found]


def wait(redis: Redis, name: str, *, seconds: float) -> list[News]:
    """What comes after this entry, as soon as something does; nothing after so many seconds."""
    with reaching():
        found: Any = redis.xread({keys.LIVE: name}, count=500, block=int(seconds * 1000))
    return [_news(entry) for _, entries in found or () for entry in entries]


def _news(entry: Any) -> News:
    name, told = entry
    return News(id=str(name), topics=frozenset(str(told.get("topics", "")).split()))
