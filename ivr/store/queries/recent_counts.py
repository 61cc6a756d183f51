"""How often something happened lately: `recent:{what}`, by time. Nothing is owed here, so it may expire."""

from __future__ import annotations

from collections.abc import Sequence

from ivr.domain.rules.rate_limit import RateLimit
from ivr.store import keys
from ivr.store.change import Change
from ivr.store.query import Query, ask, each, parse_first_score


def list_nth_latest(limits: Sequence[RateLimit]) -> Query[list[float | None]]:
    """For each bound, when the `max_count`-th latest was; None when there were fewer."""
    return each(range(len(limits)), lambda n: _get_nth_latest(limits[n])).map(
        lambda by_n: list(by_n.values())
    )


def _get_nth_latest(limit: RateLimit) -> Query[float | None]:
    nth = -limit.max_count
    return ask(("ZRANGE", keys.recent(limit.counted), nth, nth, "WITHSCORES"), parse_first_score)


def add_occurrence(change: Change, counted: str, at: float, *, source: str, window_seconds: float) -> None:
    """One more, at `at` (which may lie ahead). It counts when the change is committed, so a repeated webhook does not.

    `window_seconds`: the longest stretch that anybody asks about.
    """
    key = keys.recent(counted)
    change.append_command("ZADD", key, at, f"{source} {change.now:.3f}")
    change.append_command("ZREMRANGEBYSCORE", key, "-inf", change.now - window_seconds)
    change.append_command("EXPIRE", key, int(at - change.now + window_seconds) + 60)
