"""Promises as the staff's page shows them: how they are kept, and one page of those that were asked for. Looking changes nothing.

However many are open, a look is three round trips and reads PAGE_SIZE promises: they are found in sorted sets (store/indexes.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from ivr.domain.metrics import rates
from ivr.domain.metrics.rates import PromiseRates
from ivr.domain.records.promise import Promise, PromiseState
from ivr.services import Services
from ivr.store import codec, keys
from ivr.store.queries import queues
from ivr.store.store import Store
from ivr.usecases.promises import lifecycle as promise_lifecycle

PAGE_SIZE = 25
KEPT_RATE_DAYS = 7  # over which it is told how promises were kept
UNATTENDED_STATES = (PromiseState.MADE, PromiseState.DUE, PromiseState.ESCALATED)  # nobody is at it


class PromiseListKind(StrEnum):
    OPEN = "open"
    MINE = "mine"
    LATE = "late"
    AT_RISK = "at risk"
    ESCALATED = "escalated"
    ENDED = "ended"


@dataclass(frozen=True, kw_only=True)
class PromiseRow:
    """`customer_name`: of the customer, "" when none is known. `owner_name`: the name of who promised it or has it."""

    promise: Promise
    customer_name: str
    owner_name: str


@dataclass(frozen=True, kw_only=True)
class PromisePage:
    """`counts`: how many there are of each kind, the ended ones ever. `owned_by_viewer`: what is in the hands of whoever looks; the line
    has done its part. `page`: from 1.
    """

    rows: tuple[PromiseRow, ...]
    counts: dict[PromiseListKind, int]
    kept: PromiseRates
    oldest: PromiseRow | None
    owned_by_viewer: tuple[PromiseRow, ...]
    page: int
    has_more: bool
    now: float


def get_promise_page(services: Services, agent_id: str, kind: PromiseListKind, page: int) -> PromisePage:
    """`agent_id`: who looks, for what is theirs. `page`: from 1."""
    now, start = services.clock.now(), (page - 1) * PAGE_SIZE
    wanted = _build_page_commands(kind, agent_id, now, start)
    ranges: list[tuple[Any, ...]] = [
        *_build_count_commands(agent_id, now),
        ("ZRANGE", keys.OPEN_PROMISES_BY_CREATION, 0, 0),
        ("ZREVRANGE", keys.assigned_promises(agent_id), 0, PAGE_SIZE - 1),
        *(("HGETALL", keys.counters(day)) for day in list_days(services.store, now)),
    ]
    told = services.store.read([*ranges, *wanted])
    counts = told[: len(_build_count_commands(agent_id, now))]
    oldest, hands, *rest = told[len(counts) : len(ranges)]
    many = _counts_by_kind(counts)
    names, more = _merge_pages(told[len(ranges) :], 0 if len(wanted) == 1 else start)
    rows = _read_rows(services, [*names, *oldest, *(hands if kind is PromiseListKind.MINE else [])])
    week = rates.add_days([rates.parse_counters(day) for day in rest])
    return PromisePage(
        rows=tuple(rows[n] for n in names if n in rows),
        counts=many,
        kept=rates.compute_promise_rates(week, many[PromiseListKind.LATE]),
        oldest=next((rows[n] for n in oldest if n in rows), None),
        owned_by_viewer=tuple(rows[n] for n in hands if n in rows and kind is PromiseListKind.MINE),
        page=page,
        has_more=more,
        now=now,
    )


def get_promise_row(services: Services, promise_id: str) -> PromiseRow | None:
    """Two round trips."""
    return _read_rows(services, [promise_id]).get(promise_id)


def list_days(store: Store, now: float) -> list[str]:
    """Today and the days before it, by the line's clock."""
    today = datetime.fromtimestamp(now, store.zone).date()
    return [f"{today - timedelta(days=n):%Y-%m-%d}" for n in range(KEPT_RATE_DAYS)]


def at_risk_window(now: float) -> tuple[float, float]:
    """Times that are at risk while nobody is at them: the same as supervisors are told of."""
    return now, now + promise_lifecycle.ALERT_SUPERVISORS_BEFORE_SECONDS


def _build_count_commands(agent_id: str, now: float) -> list[tuple[Any, ...]]:
    since, until = at_risk_window(now)
    return [
        ("ZCARD", keys.OPEN_PROMISES),
        ("ZCARD", keys.promises_of(agent_id)),
        ("ZCOUNT", keys.OPEN_PROMISES, "-inf", f"({now!r}"),
        ("ZCARD", keys.open_promises(PromiseState.ESCALATED.value)),
        ("ZCARD", keys.ENDED_PROMISES),
        *(("ZCOUNT", keys.open_promises(state.value), since, until) for state in UNATTENDED_STATES),
    ]


def _counts_by_kind(counts: list[int]) -> dict[PromiseListKind, int]:
    open_, mine, late, escalated, ended, *at_risk = counts
    return {
        PromiseListKind.OPEN: open_,
        PromiseListKind.MINE: mine,
        PromiseListKind.LATE: late,
        PromiseListKind.AT_RISK: sum(at_risk),
        PromiseListKind.ESCALATED: escalated,
        PromiseListKind.ENDED: ended,
    }


def _build_page_commands(
    kind: PromiseListKind, agent_id: str, now: float, start: int
) -> list[tuple[Any, ...]]:
    """The commands that find it, one more than PAGE_SIZE. Several: what they find is to be merged from its beginning."""
    limit = ("LIMIT", start, PAGE_SIZE + 1)
    by_score: Any = ("WITHSCORES",)
    match kind:
        case PromiseListKind.ENDED:
            return [("ZREVRANGE", keys.ENDED_PROMISES, start, start + PAGE_SIZE, *by_score)]
        case PromiseListKind.LATE:
            return [("ZRANGEBYSCORE", keys.OPEN_PROMISES, "-inf", f"({now!r}", *by_score, *limit)]
        case PromiseListKind.AT_RISK:
            all_ = ("LIMIT", 0, start + PAGE_SIZE + 1)
            return [
                ("ZRANGEBYSCORE", keys.open_promises(w.value), *at_risk_window(now), *by_score, *all_)
                for w in UNATTENDED_STATES
            ]
        case PromiseListKind.MINE:
            key = keys.promises_of(agent_id)
        case PromiseListKind.ESCALATED:
            key = keys.open_promises(PromiseState.ESCALATED.value)
        case PromiseListKind.OPEN:
            key = keys.OPEN_PROMISES
    return [("ZRANGE", key, start, start + PAGE_SIZE, *by_score)]


def _merge_pages(found: list[Any], start: int) -> tuple[list[str], bool]:
    """The ids of the page, and whether there are more."""
    one_ = [queues.parse_scores(answer) for answer in found]
    ids = [m for m, _ in one_[0]] if len(one_) == 1 else _sort_by_time([p for part in one_ for p in part])
    return ids[start : start + PAGE_SIZE], len(ids) > start + PAGE_SIZE


def _sort_by_time(pairs: list[tuple[str, float]]) -> list[str]:
    return [m for m, _ in sorted(pairs, key=lambda pair: (pair[1], pair[0]))]


def _read_rows(services: Services, ids: list[str]) -> dict[str, PromiseRow]:
    """Two round trips: the promises, then the names of people."""
    if not ids:
        return {}
    asked = sorted(set(ids))
    raw = services.store.read([("HGETALL", f"promise:{i}") for i in asked])
    found = [p for p, _ in (codec.try_load(Promise, r) for r in raw) if p]
    owners = sorted({p.owner for p in found} - {""})
    people = sorted({p.customer for p in found} - {""})
    told = services.store.read(
        [
            *(("HGET", f"agent:{a}", "name") for a in owners),
            *(("HMGET", f"customer:{n}", "name", "shared") for n in people),
        ]
    )
    names = dict(zip(owners, told, strict=False))
    customers = {
        n: name or ""
        for n, (name, shared) in zip(people, told[len(owners) :], strict=True)
        if shared != "true" and n not in services.settings.shared_numbers
    }
    return {
        p.id: PromiseRow(
            promise=p,
            customer_name=p.name or customers.get(p.customer, ""),
            owner_name=names.get(p.owner) or p.owner,
        )
        for p in found
    }
