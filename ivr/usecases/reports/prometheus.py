"""The figures of the contact centre and the health of what is owed, for Prometheus.

One round trip, whatever is open: counters were counted in the changes themselves (domain/metrics/counters.py), the rest are the sizes and
heads of sorted sets (store/indexes.py). So any web process says the same, and a restart forgets nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ivr.domain.metrics import rates
from ivr.domain.metrics.rates import Counted
from ivr.domain.records.agent import AgentState
from ivr.domain.records.contact import LIVE, ContactState
from ivr.domain.records.promise import ENDED, PromiseState
from ivr.services import Services
from ivr.store import keys
from ivr.store.queries import queues as stored_queues
from ivr.usecases.promises import page_list

STAGES = tuple(s for s in ContactState if s in LIVE or s is ContactState.WORD)
OPEN = tuple(s for s in PromiseState if s not in ENDED)


@dataclass(frozen=True, kw_only=True)
class Measured:
    """Ages and waits in seconds, 0 = there is none. `looked`: since a reconciler last did, None = never."""

    waiting: Mapping[str, int]  # by queue
    longest: Mapping[str, float]  # by queue
    thresholds: Mapping[str, int]  # by queue, seconds
    stages: Mapping[ContactState, int]
    agents: Mapping[AgentState, int]
    promises: Mapping[PromiseState, int]
    late: int
    at_risk: int
    oldest: float
    overdue: float  # how long the first look at a record has been due
    looked: float | None
    ever: Counted
    today: Counted


def measure(s: Services) -> Measured:
    """Raises Unavailable."""
    queues = sorted(s.library.queues)
    commands = _commands(s, queues)
    told = dict(zip(commands, s.store.read(list(commands.values())), strict=True))
    now = s.clock.now()

    def age(name: str) -> float:
        head = next((at for _, at in stored_queues.pairs(told[name])), now)
        return max(0.0, now - head)

    looked = told["looked"]
    return Measured(
        waiting={q: told[f"waiting {q}"] for q in queues},
        longest={q: age(f"longest {q}") for q in queues},
        thresholds={q: s.library.queue(q).threshold for q in queues},
        stages={state: told[f"stage {state}"] for state in STAGES},
        agents={state: told[f"agents {state}"] for state in AgentState},
        promises={state: told[f"owed {state}"] for state in OPEN},
        late=told["late"],
        at_risk=sum(told[f"risk {state}"] for state in page_list.WAITS),
        oldest=age("oldest"),
        overdue=age("wake"),
        looked=max(0.0, now - float(looked)) if looked else None,
        ever=rates.read(told["ever"]),
        today=rates.read(told["today"]),
    )


def _commands(s: Services, queues: list[str]) -> dict[str, tuple[Any, ...]]:
    now = s.clock.now()
    since, until = page_list.risk(now)
    return {
        **{f"waiting {q}": ("ZCARD", keys.waits(q)) for q in queues},
        **{f"longest {q}": ("ZRANGE", keys.waits(q), 0, 0, "WITHSCORES") for q in queues},
        **{f"stage {state}": ("ZCARD", keys.stage(state.value)) for state in STAGES},
        **{f"agents {state}": ("ZCARD", keys.staff(state.value)) for state in AgentState},
        **{f"owed {state}": ("ZCARD", keys.owed(state.value)) for state in OPEN},
        **{f"risk {state}": ("ZCOUNT", keys.owed(state.value), since, until) for state in page_list.WAITS},
        "late": ("ZCOUNT", keys.OWED, "-inf", f"({now!r}"),
        "oldest": ("ZRANGE", keys.OLDEST, 0, 0, "WITHSCORES"),
        "wake": ("ZRANGE", keys.WAKE, 0, 0, "WITHSCORES"),
        "looked": ("GET", keys.LOOKED),
        "ever": ("HGETALL", keys.COUNTED),
        "today": ("HGETALL", keys.counted(s.store.day(now))),
    }
