"""The queues as the router and a waiting caller see it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ivr.store import keys
from ivr.store.query import Query, ask
from ivr.store.store import Store, translate_redis_errors


@dataclass(frozen=True, kw_only=True)
class QueueStatus:
    """How busy it is. Queue names are those asked for."""

    position: Mapping[str, int]  # of the record, 0 = next; missing when not in that queue
    waiting: Mapping[str, int]
    free_agents: Mapping[str, int]  # agents who can serve it
    signed_in_agents: Mapping[str, int]


def list_heads(store: Store, *, limit: int = 20) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Waiting and idle, as they were written by `Change`: the router decides on these. One round trip.

    `limit` of each queue and of each kind of agent; nobody of the queue when no agent is free.
    """
    with translate_redis_errors():
        waiting, idle = store.queue_heads_script(args=[limit])
    return [json.loads(w) for w in waiting if w], [json.loads(i) for i in idle if i]


def get_status(store: Store, skills: Mapping[str, frozenset[str]], record_key: str = "") -> QueueStatus:
    """`skills`: by queue, what an agent must have to serve it. One round trip."""
    queues = list(skills)
    with translate_redis_errors():
        positions, counts, people = store.queue_status_script(args=[record_key, *queues])
    free = dict.fromkeys(queues, 0)
    working = dict.fromkeys(queues, 0)
    for abilities, idle, on in zip(people[::3], people[1::3], people[2::3], strict=True):
        has = set(abilities.split("|")[0].split(","))
        for queue in queues:
            if skills[queue] <= has:
                free[queue] += idle
                working[queue] += on
    return QueueStatus(
        position={q: p for q, p in zip(queues, positions, strict=True) if p >= 0},
        waiting=dict(zip(queues, counts, strict=True)),
        free_agents=free,
        signed_in_agents=working,
    )


def format_requirements(queue: str, skills: tuple[str, ...], language: str, *, supervisor: bool) -> str:
    """Those with the same requirements stand in one queue: `support|billing|es|`."""
    return "|".join((queue, ",".join(sorted(skills)), language, "supervisor" if supervisor else ""))


def count_waiting_callers(queue: str) -> Query[int]:
    """Contacts who stand in the queue on the telephone."""
    return ask(("SCARD", keys.waiting_callers(queue)), int)


def list_waiting(queue: str, limit: int) -> Query[list[str]]:
    """Keys of the records that wait in the queue, callers and callbacks, the next one first."""
    return ask(("ZRANGE", keys.queue(queue), 0, limit - 1), list)
