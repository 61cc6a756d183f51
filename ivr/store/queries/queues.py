"""The line as the router and a waiting caller see it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ivr.store.store import Store, reaching


@dataclass(frozen=True, kw_only=True)
class Pulse:
    """How busy it is. Queue names are those asked for."""

    position: Mapping[str, int]  # of the member, 0 = next; missing when not in that line
    waiting: Mapping[str, int]
    free: Mapping[str, int]  # agents who can serve it
    working: Mapping[str, int]


def heads(store: Store, *, most: int = 20) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Waiting and idle, as they were written by `Change`: the router decides on these. One round trip.

    `most` of each line and of each kind of agent; nobody of the line when no agent is free.
    """
    with reaching():
        waiting, idle = store.heads_script(args=[most])
    return [json.loads(w) for w in waiting if w], [json.loads(i) for i in idle if i]


def pulse(store: Store, skills: Mapping[str, frozenset[str]], member: str = "") -> Pulse:
    """`skills`: by queue, what an agent must have to serve it. One round trip."""
    queues = list(skills)
    with reaching():
        positions, counts, people = store.pulse_script(args=[member, *queues])
    free = dict.fromkeys(queues, 0)
    working = dict.fromkeys(queues, 0)
    for abilities, idle, on in zip(people[::3], people[1::3], people[2::3], strict=True):
        has = set(abilities.split("|")[0].split(","))
        for queue in queues:
            if skills[queue] <= has:
                free[queue] += idle
                working[queue] += on
    return Pulse(
        position={q: p for q, p in zip(queues, positions, strict=True) if p >= 0},
        waiting=dict(zip(queues, counts, strict=True)),
        free=free,
        working=working,
    )


def needs(queue: str, skills: tuple[str, ...], language: str, *, supervisor: bool) -> str:
    """Those who need the same stand in one line: `support|billing|es|`."""
    return "|".join((queue, ",".join(sorted(skills)), language, "supervisor" if supervisor else ""))


def pairs(found: list[Any]) -> list[tuple[str, float]]:
    """WITHSCORES as redis-py gives it: flat under RESP2, pairs under RESP3."""
    if found and isinstance(found[0], (list, tuple)):
        return [(m, float(score)) for m, score in found]
    return [(m, float(score)) for m, score in zip(found[::2], found[1::2], strict=True)]
