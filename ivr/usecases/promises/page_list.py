"""Promises as the staff's page shows them: how they are kept, and one page of those that were asked for. Looking changes nothing.

However many are open, a look is three round trips and reads PAGE promises: they are found in sorted sets (store/indexes.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from ivr.domain.metrics import rates
from ivr.domain.metrics.rates import Kept
from ivr.domain.records.promise import Promise, PromiseState
from ivr.services import Services
from ivr.store import codec, keys
from ivr.store.queries import queues
from ivr.store.store import Store
from ivr.usecases.promises import lifecycle as promise_lifecycle

PAGE = 25
DAYS = 7  # over which it is told how promises were kept
WAITS = (PromiseState.MADE, PromiseState.DUE, PromiseState.ESCALATED)  # nobody is at it


class Show(StrEnum):
    OPEN = "open"
    MINE = "mine"
    LATE = "late"
    RISK = "at risk"
    ESCALATED = "escalated"
    ENDED = "ended"


@dataclass(frozen=True, kw_only=True)
class Row:
    """`name`: of the customer, "" when none is known. `owner`: the name of who promised it or has it."""

    promise: Promise
    name: str
    owner: str


@dataclass(frozen=True, kw_only=True)
class Listing:
    """`many`: how many there are of each kind, the ended ones ever. `in_hand`: what is in the hands of whoever looks; the line
    has done its part. `page`: from 1.
    """

    rows: tuple[Row, ...]
    many: dict[Show, int]
    kept: Kept
    oldest: Row | None
    in_hand: tuple[Row, ...]
    page: int
    more: bool
    now: float


def look(s: Services, agent: str, show: Show, page: int) -> Listing:
    """`agent`: who looks, for what is theirs. `page`: from 1."""
    now, start = s.clock.now(), (page - 1) * PAGE
    wanted = _page(show, agent, now, start)
    ranges: list[tuple[Any, ...]] = [
        *_counts(agent, now),
        ("ZRANGE", keys.OLDEST, 0, 0),
        ("ZREVRANGE", keys.hands(agent), 0, PAGE - 1),
        *(("HGETALL", keys.counted(day)) for day in days(s.store, now)),
    ]
    told = s.store.read([*ranges, *wanted])
    counts = told[: len(_counts(agent, now))]
    oldest, hands, *rest = told[len(counts) : len(ranges)]
    many = _many(counts)
    names, more = _merge(told[len(ranges) :], 0 if len(wanted) == 1 else start)
    rows = _rows(s, [*names, *oldest, *(hands if show is Show.MINE else [])])
    week = rates.together([rates.read(day) for day in rest])
    return Listing(
        rows=tuple(rows[n] for n in names if n in rows),
        many=many,
        kept=rates.kept(week, many[Show.LATE]),
        oldest=next((rows[n] for n in oldest if n in rows), None),
        in_hand=tuple(rows[n] for n in hands if n in rows and show is Show.MINE),
        page=page,
        more=more,
        now=now,
    )


def one(s: Services, promise_id: str) -> Row | None:
    """Two round trips."""
    return _rows(s, [promise_id]).get(promise_id)


def days(store: Store, now: float) -> list[str]:
    """Today and the days before it, by the line's clock."""
    today = datetime.fromtimestamp(now, store.zone).date()
    return [f"{today - timedelta(days=n):%Y-%m-%d}" for n in range(DAYS)]


def risk(now: float) -> tuple[float, float]:
    """Times that are at risk while nobody is at them: the same as supervisors are told of."""
    return now, now + promise_lifecycle.FORESEE


def _counts(agent: str, now: float) -> list[tuple[Any, ...]]:
    since, until = risk(now)
    return [
        ("ZCARD", keys.OWED),
        ("ZCARD", keys.owner(agent)),
        ("ZCOUNT", keys.OWED, "-inf", f"({now!r}"),
        ("ZCARD", keys.owed(PromiseState.ESCALATED.value)),
        ("ZCARD", keys.OVER),
        *(("ZCOUNT", keys.owed(state.value), since, until) for state in WAITS),
    ]


def _many(counts: list[int]) -> dict[Show, int]:
    open_, mine, late, escalated, ended, *at_risk = counts
    return {
        Show.OPEN: open_,
        Show.MINE: mine,
        Show.LATE: late,
        Show.RISK: sum(at_risk),
        Show.ESCALATED: escalated,
        Show.ENDED: ended,
    }


def _page(show: Show, agent: str, now: float, start: int) -> list[tuple[Any, ...]]:
    """The commands that find it, one more than PAGE. Several: what they find is to be merged from its beginning."""
    limit = ("LIMIT", start, PAGE + 1)
    by_score: Any = ("WITHSCORES",)
    match show:
        case Show.ENDED:
            return [("ZREVRANGE", keys.OVER, start, start + PAGE, *by_score)]
        case Show.LATE:
            return [("ZRANGEBYSCORE", keys.OWED, "-inf", f"({now!r}", *by_score, *limit)]
        case Show.RISK:
            all_ = ("LIMIT", 0, start + PAGE + 1)
            return [("ZRANGEBYSCORE", keys.owed(w.value), *risk(now), *by_score, *all_) for w in WAITS]
        case Show.MINE:
            key = keys.owner(agent)
        case Show.ESCALATED:
            key = keys.owed(PromiseState.ESCALATED.value)
        case Show.OPEN:
            key = keys.OWED
    return [("ZRANGE", key, start, start + PAGE, *by_score)]


def _merge(found: list[Any], start: int) -> tuple[list[str], bool]:
    """The ids of the page, and whether there are more."""
    one_ = [queues.pairs(answer) for answer in found]
    ids = [m for m, _ in one_[0]] if len(one_) == 1 else _sorted([p for part in one_ for p in part])
    return ids[start : start + PAGE], len(ids) > start + PAGE


def _sorted(pairs: list[tuple[str, float]]) -> list[str]:
    return [m for m, _ in sorted(pairs, key=lambda pair: (pair[1], pair[0]))]


def _rows(s: Services, ids: list[str]) -> dict[str, Row]:
    """Two round trips: the promises, then the names of people."""
    if not ids:
        return {}
    asked = sorted(set(ids))
    raw = s.store.read([("HGETALL", f"promise:{i}") for i in asked])
    found = [p for p, _ in (codec.legible(Promise, r) for r in raw) if p]
    owners = sorted({p.owner for p in found} - {""})
    people = sorted({p.customer for p in found} - {""})
    told = s.store.read(
        [
            *(("HGET", f"agent:{a}", "name") for a in owners),
            *(("HMGET", f"customer:{n}", "name", "shared") for n in people),
        ]
    )
    names = dict(zip(owners, told, strict=False))
    customers = {
        n: name or ""
        for n, (name, shared) in zip(people, told[len(owners) :], strict=True)
        if shared != "true" and n not in s.settings.shared_numbers
    }
    return {
        p.id: Row(
            promise=p, name=p.name or customers.get(p.customer, ""), owner=names.get(p.owner) or p.owner
        )
        for p in found
    }
