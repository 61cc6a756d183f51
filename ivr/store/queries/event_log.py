"""The journal, read: in pages, because a year of it does not fit into memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ivr.domain.rules.event_log_fold import Entry
from ivr.store import keys
from ivr.store.store import Store, reaching

PAGE = 1000


@dataclass(frozen=True, kw_only=True)
class Extent:
    """How far back the journal reaches. `since`: epoch seconds of its first entry; -inf when nothing was ever taken out.

    `added`: entries that were ever made, `length`: those that are still there.
    """

    since: float
    length: int
    added: int


def extent(store: Store) -> Extent:
    with reaching():
        if not store.redis.exists(keys.JOURNAL):
            return Extent(since=float("-inf"), length=0, added=0)
        about = store.redis.xinfo_stream(keys.JOURNAL)
    length, added = int(about["length"]), int(about["entries-added"])
    if added == length:
        return Extent(since=float("-inf"), length=length, added=added)
    first = next((e for page in pages(store, most=1) for e in page), None)
    return Extent(since=first.at if first else float("inf"), length=length, added=added)


def pages(store: Store, *, since: str = "-", most: int = PAGE) -> Iterator[list[Entry]]:
    """From the entry `since` on, or after it: "(1795460400000-0"."""
    while True:
        (page,) = store.read([("XRANGE", keys.JOURNAL, since, "+", "COUNT", most)])
        if page:
            yield [_entry(name, told) for name, told in page]
            since = f"({page[-1][0]}"
        if len(page) < most:
            return


def back(store: Store, *, before: str = "", most: int = PAGE) -> Iterator[list[Entry]]:
    """Newest first, from before the entry `before` on."""
    until = f"({before}" if before else "+"
    while True:
        (page,) = store.read([("XREVRANGE", keys.JOURNAL, until, "-", "COUNT", most)])
        if page:
            yield [_entry(name, told) for name, told in page]
            until = f"({page[-1][0]}"
        if len(page) < most:
            return


def order(entry: Entry) -> tuple[int, int]:
    """By it, entries stand in the stream."""
    milliseconds, _, n = entry.id.partition("-")
    return int(milliseconds), int(n)


def _entry(name: str, told: dict[str, str]) -> Entry:
    """An entry that a hand has put there may lack its time: then it is the server's."""
    rest = {k: v for k, v in told.items() if k not in ("event", "at")}
    at = float(told.get("at") or int(name.partition("-")[0]) / 1000)
    return Entry(id=name, event=told.get("event", ""), at=at, told=rest)
