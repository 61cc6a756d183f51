"""All records of a type, by when they were created: `contacts`, `promises` and so on. And the same beside what the event log says."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ivr.store import keys
from ivr.store.change import Change
from ivr.store.query import Query, ask, parse_optional_float, parse_scores
from ivr.store.store import Store, translate_redis_errors

PAGE_SIZE = 1000


def list_ids(record_type: str, start: int, limit: int, *, newest_first: bool = False) -> Query[list[str]]:
    """A page of them, oldest first. `start`: how many come before it."""
    order = ("REV",) if newest_first else ()
    return ask(("ZRANGE", keys.created_index(record_type), start, start + limit - 1, *order), list)


def list_with_times(record_type: str, start: int, limit: int) -> Query[list[tuple[str, float]]]:
    """The same with when they were created, epoch seconds."""
    return ask(
        ("ZRANGE", keys.created_index(record_type), start, start + limit - 1, "WITHSCORES"), parse_scores
    )


def list_created_until(record_type: str, until: float, start: int, limit: int) -> Query[list[str]]:
    """A page of those that were created by then (epoch seconds), oldest first."""
    top = "+inf" if until == float("inf") else until
    span = (keys.created_index(record_type), 0, top, "BYSCORE", "LIMIT", start, limit)
    return ask(("ZRANGE", *span), list)


def list_created_between(record_type: str, since: float, before: float) -> Query[list[str]]:
    """All that were created from `since` on and before `before`, oldest first."""
    top = "+inf" if before == float("inf") else f"({before}"
    return ask(("ZRANGEBYSCORE", keys.created_index(record_type), since, top), list)


def get_created_time(record_type: str, record_id: str) -> Query[float | None]:
    """When it was created, epoch seconds; None when it is not listed."""
    return ask(("ZSCORE", keys.created_index(record_type), record_id), parse_optional_float)


def list_ids_with_prefix(store: Store, record_type: str, prefix: str) -> list[str]:
    """Ids that begin so, sorted. Looks through all of them, a page at a time."""
    cursor, found = 0, set[str]()
    while True:
        with translate_redis_errors():
            told: Any = store.redis.zscan(
                keys.created_index(record_type), cursor, match=f"{prefix}*", count=PAGE_SIZE
            )
        cursor = int(told[0])
        found |= {one for one, _ in told[1]}
        if not cursor:
            return sorted(found)


def remove(record_type: str, record_id: str, change: Change) -> None:
    """List it no more; for a record that is deleted or expires."""
    change.append_command("ZREM", keys.created_index(record_type), record_id)


@dataclass(kw_only=True)
class CreatedIndexComparison:
    """The index of a record type (`promises`, `contacts`, by creation) beside what the event log says was created.

    `read_up_to`: how far the index has been read, a score; it begins where the event log does.
    """

    store: Store
    record_type: str
    read_up_to: float
    only_in_index: dict[str, float] = field(default_factory=dict)  # in the index, not in the event log so far
    only_in_log: set[str] = field(default_factory=set)  # in the event log, not in the index so far

    def read_index_to(self, score: float) -> None:
        """The index, as far as `score`."""
        while self.read_up_to < score:
            page = self._read_page(score)
            for name, at in page:
                if name in self.only_in_log:
                    self.only_in_log.discard(name)
                else:
                    self.only_in_index[name] = at
            self.read_up_to = page[-1][1] if len(page) >= PAGE_SIZE else score

    def _read_page(self, score: float) -> list[tuple[str, float]]:
        """All of one score together: a page never ends in the midst of them."""
        index = keys.created_index(self.record_type)
        span = (f"({self.read_up_to!r}", f"{score!r}", "BYSCORE", "LIMIT", 0, PAGE_SIZE)
        (found,) = self.store.send_commands([("ZRANGE", index, *span, "WITHSCORES")])
        page = parse_scores(found)
        if len(page) == PAGE_SIZE:
            last = f"{page[-1][1]!r}"
            (same,) = self.store.send_commands([("ZRANGE", index, last, last, "BYSCORE", "WITHSCORES")])
            page = list(dict.fromkeys(page + parse_scores(same)))
        return page

    def add_logged(self, record_id: str) -> bool:
        """The event log tells that it was created. False when it told so before and the index knows it not."""
        if record_id in self.only_in_log:
            return False
        if self.only_in_index.pop(record_id, None) is None:
            self.only_in_log.add(record_id)
        return True
