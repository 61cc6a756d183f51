"""The figures of the contact centre and the health of what is owed, for Prometheus.

One round trip, whatever is open: counters were counted in the changes themselves (domain/metrics/counters.py), the rest are the sizes and
heads of sorted sets (store/indexes.py). So any web process says the same, and a restart forgets nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ivr.domain.metrics.rates import CounterValues
from ivr.domain.records.agent import AgentState
from ivr.domain.records.contact import LIVE, ContactState
from ivr.domain.records.promise import ENDED, PromiseState
from ivr.services import Services
from ivr.store.queries import agents, contacts, counters, due_index, promises, scheduler
from ivr.store.query import combine, each
from ivr.usecases.promises import page_list

OPEN_CONTACT_STATES = tuple(s for s in ContactState if s in LIVE or s is ContactState.AWAITING_DISPOSITION)
OPEN_PROMISE_STATES = tuple(s for s in PromiseState if s not in ENDED)


@dataclass(frozen=True, kw_only=True)
class MetricsSnapshot:
    """Ages and waits in seconds, 0 = there is none. `scheduler_age`: since a scheduler last did, None = never."""

    waiting: Mapping[str, int]  # by queue
    longest_wait: Mapping[str, float]  # by queue
    thresholds: Mapping[str, int]  # by queue, seconds
    contacts: Mapping[ContactState, int]
    agents: Mapping[AgentState, int]
    promises: Mapping[PromiseState, int]
    late: int
    at_risk: int
    oldest_promise_age: float
    due_index_delay: float  # how long the first look at a record has been due
    scheduler_age: float | None
    totals: CounterValues
    today: CounterValues


def collect_metrics(services: Services) -> MetricsSnapshot:
    """Raises Unavailable."""
    queues, now = sorted(services.library.queues), services.clock.now()
    since, until = page_list.at_risk_window(now)
    by_queue, by_state, open_promises, (due_first, last_run), (totals, today) = services.store.read(
        combine(
            combine(each(queues, contacts.count_waiting), each(queues, contacts.get_longest_wait_start)),
            combine(
                each(OPEN_CONTACT_STATES, lambda state: contacts.count_open(state.value)),
                each(AgentState, lambda state: agents.count_in_state(state.value)),
                each(OPEN_PROMISE_STATES, lambda state: promises.count_open_in(state.value)),
            ),
            combine(
                promises.count_late(now),
                each(
                    page_list.UNATTENDED_STATES,
                    lambda state: promises.count_due_between(state.value, since, until),
                ),
                promises.get_oldest_open_time(),
            ),
            combine(due_index.get_earliest(), scheduler.get_last_run()),
            combine(counters.get_totals(), counters.get_day(services.store.format_day(now))),
        )
    )
    (waiting, longest), (contact_counts, agent_counts, promise_counts) = by_queue, by_state
    late, at_risk, oldest = open_promises
    now = services.clock.now()

    def age(since: float | None) -> float:
        return 0.0 if since is None else max(0.0, now - since)

    return MetricsSnapshot(
        waiting=waiting,
        longest_wait={queue: age(since) for queue, since in longest.items()},
        thresholds={q: services.library.get_queue(q).threshold for q in queues},
        contacts=contact_counts,
        agents=agent_counts,
        promises=promise_counts,
        late=late,
        at_risk=sum(at_risk.values()),
        oldest_promise_age=age(oldest),
        due_index_delay=age(due_first),
        scheduler_age=None if last_run is None else age(last_run),
        totals=totals,
        today=today,
    )
