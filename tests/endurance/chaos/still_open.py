"""What is not over yet at the end of a play."""

from __future__ import annotations

from typing import Any

from redis.exceptions import RedisError

from ivr.domain.records.contact import Contact, ContactState
from ivr.domain.records.promise import ENDED, Promise
from ivr.store import keys
from tests.endurance.chaos.house import House


def all_done(house: House) -> bool:
    store = house.services.store
    try:
        ended = all(p.state in ENDED for p in store.list_all(Promise))
        return ended and all(c.state is ContactState.ENDED for c in store.list_all(Contact))
    except RedisError:
        return False


def open_ones(house: House) -> list[str]:
    """What is not over, for whoever reads a failure."""
    store = house.services.store
    waking = dict(wake_times(house))
    found = [
        f"promise {p.id} {p.number} {p.kind} {p.state} attempt {p.attempts} why={p.why} wake={waking.get(p.key)}"
        for p in store.list_all(Promise)
        if p.state not in ENDED
    ]
    return found + [
        f"contact {c.id} {c.caller.number} {c.state} caller={c.conference.caller_location} agent={c.conference.agent_location} wake={waking.get(c.key)}"
        for c in store.list_all(Contact)
        if c.state is not ContactState.ENDED
    ]


def wake_times(house: House) -> list[tuple[str, float]]:
    found: Any = house.services.store.redis.zrange(keys.DUE, 0, -1, withscores=True)
    return list(found)
