"""The figures of the contact centre and the health of what is owed, for Prometheus.

One round trip, whatever is open: counters were counted in the changes themselves (domain/metrics/counters.py), the rest are the sizes and
heads of sorted sets (store/indexes.py). So any web process says the same, and a restart forgets nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ivr.domain.metrics import rates
from ivr.domain.metrics.rates import CounterValues
from ivr.domain.records.agent import AgentState
from ivr.domain.records.contact import LIVE, ContactState
from ivr.domain.records.promise import ENDED, PromiseState
from ivr.services import Services
from ivr.store import keys
from ivr.store.queries import queues as stored_queues
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
    queues = sorted(services.library.queues)
    commands = _build_commands(services, queues)
    told = dict(zip(commands, services.store.read(list(commands.values())), strict=True))
    now = services.clock.now()

    def age(name: str) -> float:
        head = next((at for _, at in stored_queues.parse_scores(told[name])), now)
        return max(0.0, now - head)

    looked = told["looked"]
    return MetricsSnapshot(
        waiting={q: told[f"waiting {q}"] for q in queues},
        longest_wait={q: age(f"longest {q}") for q in queues},
        thresholds={q: services.library.get_queue(q).threshold for q in queues},
        contacts={state: told[f"stage {state}"] for state in OPEN_CONTACT_STATES},
        agents={state: told[f"agents {state}"] for state in AgentState},
        promises={state: told[f"owed {state}"] for state in OPEN_PROMISE_STATES},
        late=told["late"],
        at_risk=sum(told[f"risk {state}"] for state in page_list.UNATTENDED_STATES),
        oldest_promise_age=age("oldest"),
        due_index_delay=age("wake"),
        scheduler_age=max(0.0, now - float(looked)) if looked else None,
        totals=rates.parse_counters(told["ever"]),
        today=rates.parse_counters(told["today"]),
    )


def _build_commands(services: Services, queues: list[str]) -> dict[str, tuple[Any, ...]]:
    now = services.clock.now()
    since, until = page_list.at_risk_window(now)
    return {
        **{f"waiting {q}": ("ZCARD", keys.waiting_contacts(q)) for q in queues},
        **{f"longest {q}": ("ZRANGE", keys.waiting_contacts(q), 0, 0, "WITHSCORES") for q in queues},
        **{f"stage {state}": ("ZCARD", keys.open_contacts(state.value)) for state in OPEN_CONTACT_STATES},
        **{f"agents {state}": ("ZCARD", keys.agents(state.value)) for state in AgentState},
        **{f"owed {state}": ("ZCARD", keys.open_promises(state.value)) for state in OPEN_PROMISE_STATES},
        **{
            f"risk {state}": ("ZCOUNT", keys.open_promises(state.value), since, until)
            for state in page_list.UNATTENDED_STATES
        },
        "late": ("ZCOUNT", keys.OPEN_PROMISES, "-inf", f"({now!r}"),
        "oldest": ("ZRANGE", keys.OPEN_PROMISES_BY_CREATION, 0, 0, "WITHSCORES"),
        "wake": ("ZRANGE", keys.DUE, 0, 0, "WITHSCORES"),
        "looked": ("GET", keys.SCHEDULER_LAST_RUN),
        "ever": ("HGETALL", keys.COUNTERS),
        "today": ("HGETALL", keys.counters(services.store.format_day(now))),
    }
