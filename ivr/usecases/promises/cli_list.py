"""Promises as a colleague looks through them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ivr.domain.records.promise import ENDED, Promise, PromiseState
from ivr.services import RedisServices
from ivr.store import codec, keys
from ivr.usecases.promises import overdue

PAGE = 500


@dataclass(frozen=True, kw_only=True)
class Filter:
    """`state`: one state, "open" or "all"; "" for `queue`: every one. `most`: of those that have ended."""

    state: str = "open"
    queue: str = ""
    late: bool = False
    most: int = 50


def by_when(promise: Promise) -> float:
    """The time that was said, or from which it is due."""
    return promise.until or promise.since


def look(s: RedisServices, wanted: Filter) -> list[Promise]:
    """Open ones the soonest first; then those that have ended, the latest first."""
    now = s.clock.now()
    owed = sorted(overdue.open_promises(s), key=by_when) if wanted.state not in ENDED else []
    found = [p for p in owed if _is(p, wanted) and (not wanted.late or 0 < p.until < now)]
    if wanted.state in (*ENDED, "all") and not wanted.late:
        left = wanted.most
        for promise in _ended(s):
            if left and _is(promise, wanted):
                found.append(promise)
                left -= 1
            if not left:
                break
    return found


def _is(promise: Promise, wanted: Filter) -> bool:
    named = wanted.state in ("all", "open") or promise.state == PromiseState(wanted.state)
    return named and wanted.queue in ("", promise.queue)


def _ended(s: RedisServices) -> Iterator[Promise]:
    """The latest made first; a page at a time, as far back as is asked for."""
    start = 0
    while True:
        (names,) = s.store.read([("ZRANGE", keys.everyone("promise"), start, start + PAGE - 1, "REV")])
        raw = s.store.read([("HGETALL", f"promise:{n}") for n in names]) if names else []
        for told in raw:
            promise, _ = codec.legible(Promise, told)
            if promise is not None and promise.state in ENDED:
                yield promise
        if len(names) < PAGE:
            return
        start += PAGE
