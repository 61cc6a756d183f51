"""Promises as the staff's page shows them: how they are kept, and one page of those that were asked for. Looking changes nothing.

However many are open, a look is three round trips and reads PAGE_SIZE promises: they are found in sorted sets (store/indexes.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from ivr.domain.metrics import rates
from ivr.domain.metrics.rates import PromiseRates
from ivr.domain.records.agent import Agent
from ivr.domain.records.promise import Promise, PromiseState
from ivr.services import Services
from ivr.store.queries import counters, promises, records
from ivr.store.query import Query, combine, each
from ivr.store.store import Store
from ivr.usecases.customers import names as customer_names
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
    counts, oldest, assigned, days, (names, more) = services.store.read(
        combine(
            _count_by_kind(agent_id, now),
            promises.get_oldest_open(),
            promises.list_assigned(agent_id, PAGE_SIZE),
            each(list_days(services.store, now), counters.get_day),
            _list_page(kind, agent_id, now, start),
        )
    )
    mine = assigned if kind is PromiseListKind.MINE else []
    rows = _read_rows(services, [*names, *([oldest] if oldest else []), *mine])
    week = rates.add_days(list(days.values()))
    return PromisePage(
        rows=tuple(rows[n] for n in names if n in rows),
        counts=counts,
        kept=rates.compute_promise_rates(week, counts[PromiseListKind.LATE]),
        oldest=rows.get(oldest),
        owned_by_viewer=tuple(rows[n] for n in mine if n in rows),
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


def _count_by_kind(agent_id: str, now: float) -> Query[dict[PromiseListKind, int]]:
    since, until = at_risk_window(now)
    queries = {
        PromiseListKind.OPEN: promises.count_open(),
        PromiseListKind.MINE: promises.count_open_of(agent_id),
        PromiseListKind.LATE: promises.count_late(now),
        PromiseListKind.AT_RISK: each(
            UNATTENDED_STATES, lambda state: promises.count_due_between(state.value, since, until)
        ).map(lambda by_state: sum(by_state.values())),
        PromiseListKind.ESCALATED: promises.count_open_in(PromiseState.ESCALATED.value),
        PromiseListKind.ENDED: promises.count_ended(),
    }
    return each(queries, queries.__getitem__)


def _list_page(kind: PromiseListKind, agent_id: str, now: float, start: int) -> Query[tuple[list[str], bool]]:
    """The ids of the page, and whether there are more."""
    return _list_from(kind, agent_id, now, start).map(lambda ids: (ids[:PAGE_SIZE], len(ids) > PAGE_SIZE))


def _list_from(kind: PromiseListKind, agent_id: str, now: float, start: int) -> Query[list[str]]:
    """The ids from `start` on, one more than PAGE_SIZE."""
    limit = PAGE_SIZE + 1
    match kind:
        case PromiseListKind.ENDED:
            found = promises.list_ended(start, limit)
        case PromiseListKind.LATE:
            found = promises.list_late(now, start, limit)
        case PromiseListKind.AT_RISK:  # of several states: each from its beginning, then merged
            return each(
                UNATTENDED_STATES,
                lambda state: promises.list_due_between(state.value, *at_risk_window(now), start + limit),
            ).map(lambda by_state: _merge_by_time(by_state.values())[start : start + limit])
        case PromiseListKind.MINE:
            found = promises.list_open_of(agent_id, start, limit)
        case PromiseListKind.ESCALATED:
            found = promises.list_open_in(PromiseState.ESCALATED.value, start, limit)
        case PromiseListKind.OPEN:
            found = promises.list_open(start, limit)
    return found.map(lambda page: [promise_id for promise_id, _ in page])


def _merge_by_time(pages: Iterable[promises.Page]) -> list[str]:
    pairs = (pair for page in pages for pair in page)
    return [promise_id for promise_id, _ in sorted(pairs, key=lambda pair: (pair[1], pair[0]))]


def _read_rows(services: Services, ids: list[str]) -> dict[str, PromiseRow]:
    """Two round trips: the promises, then the names of people."""
    if not ids:
        return {}
    read = services.store.read(each(sorted(set(ids)), lambda i: records.get_readable(Promise, i)))
    found = [p for p in read.values() if p is not None]
    owners = sorted({p.owner for p in found} - {""})
    people = sorted({p.customer for p in found} - {""})
    agents, customers = services.store.read(
        combine(
            each(owners, lambda a: records.get_fields(f"{Agent.record_type}:{a}", ("name",))),
            customer_names.get_names(services, people),
        )
    )
    return {
        p.id: PromiseRow(
            promise=p,
            customer_name=p.name or customers.get(p.customer, ""),
            owner_name=agents.get(p.owner, {}).get("name") or p.owner,
        )
        for p in found
    }
