"""How often something happened lately: `recent:{what}`, by time. Nothing is owed here, so it may expire."""

from __future__ import annotations

from collections.abc import Sequence

from ivr.domain.rules.rate_limit import RateLimit
from ivr.store import keys
from ivr.store.change import Change
from ivr.store.queries import queues
from ivr.store.store import Store


def list_nth_latest(store: Store, limits: Sequence[RateLimit]) -> list[float | None]:
    """For each bound, when the `max_count`-th latest was; None when there were fewer. One round trip."""
    if not limits:
        return []
    told = store.read(
        [("ZRANGE", keys.recent(b.counted), -b.max_count, -b.max_count, "WITHSCORES") for b in limits]
    )
    return [next((at for _, at in queues.parse_scores(found)), None) for found in told]


def add_occurrence(change: Change, counted: str, at: float, *, source: str, window_seconds: float) -> None:
    """One more, at `at` (which may lie ahead). It counts when the change is committed, so a repeated webhook does not.

    `window_seconds`: the longest stretch that anybody asks about.
    """
    key = keys.recent(counted)
    change.add_command("ZADD", key, at, f"{source} {change.now:.3f}")
    change.add_command("ZREMRANGEBYSCORE", key, "-inf", change.now - window_seconds)
    change.add_command("EXPIRE", key, int(at - change.now + window_seconds) + 60)
