"""Promises as a colleague looks through them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ivr.domain.records.promise import ENDED, Promise, PromiseState
from ivr.services import RedisServices
from ivr.store.queries import created_index, records
from ivr.store.query import each
from ivr.usecases.promises import overdue

PAGE_SIZE = 500


@dataclass(frozen=True, kw_only=True)
class PromiseFilter:
    """`state`: one state, "open" or "all"; "" for `queue`: every one. `max_ended`: of those that have ended."""

    state: str = "open"
    queue: str = ""
    late_only: bool = False
    max_ended: int = 50


def due_time(promise: Promise) -> float:
    """The time that was said, or from which it is due."""
    return promise.due_by or promise.not_before


def list_promises(s: RedisServices, promise_filter: PromiseFilter) -> list[Promise]:
    """Open ones the soonest first; then those that have ended, the latest first."""
    now = s.clock.now()
    owed = sorted(overdue.list_open_promises(s), key=due_time) if promise_filter.state not in ENDED else []
    found = [
        p
        for p in owed
        if _matches(p, promise_filter) and (not promise_filter.late_only or 0 < p.due_by < now)
    ]
    if promise_filter.state in (*ENDED, "all") and not promise_filter.late_only:
        left = promise_filter.max_ended
        for promise in _iter_ended(s):
            if left and _matches(promise, promise_filter):
                found.append(promise)
                left -= 1
            if not left:
                break
    return found


def _matches(promise: Promise, promise_filter: PromiseFilter) -> bool:
    named = promise_filter.state in ("all", "open") or promise.state == PromiseState(promise_filter.state)
    return named and promise_filter.queue in ("", promise.queue)


def _iter_ended(s: RedisServices) -> Iterator[Promise]:
    """The latest made first; a page at a time, as far back as is asked for."""
    start = 0
    while True:
        names = s.store.read(created_index.list_ids(Promise.record_type, start, PAGE_SIZE, newest_first=True))
        found = s.store.read(each(names, lambda name: records.get_readable(Promise, name)))
        for promise in found.values():
            if promise is not None and promise.state in ENDED:
                yield promise
        if len(names) < PAGE_SIZE:
            return
        start += PAGE_SIZE
