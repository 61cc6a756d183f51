"""How often something happened lately: `recent:{what}`, by time. Nothing is owed here, so it may expire."""

from __future__ import annotations

from collections.abc import Sequence

from ivr.domain.rules.rate_limit import Bound
from ivr.store import keys
from ivr.store.change import Change
from ivr.store.queries import queues
from ivr.store.store import Store


def nth(store: Store, bounds: Sequence[Bound]) -> list[float | None]:
    """For each bound, when the `most`-th latest was; None when there were fewer. One round trip."""
    if not bounds:
        return []
    told = store.read([("ZRANGE", keys.lately(b.of), -b.most, -b.most, "WITHSCORES") for b in bounds])
    return [next((at for _, at in queues.pairs(found)), None) for found in told]


def count(change: Change, of: str, at: float, *, who: str, seconds: float) -> None:
    """One more, at `at` (which may lie ahead). It counts when the change is committed, so a repeated webhook does not.

    `seconds`: the longest stretch that anybody asks about.
    """
    key = keys.lately(of)
    change.op("ZADD", key, at, f"{who} {change.now:.3f}")
    change.op("ZREMRANGEBYSCORE", key, "-inf", change.now - seconds)
    change.op("EXPIRE", key, int(at - change.now + seconds) + 60)
