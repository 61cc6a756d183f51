"""Promises by state, owner and time: `open_promises`, `promises_of`, `assigned_promises`, `ended_promises`, `scheduled_promises`.

`Change.put` keeps them (ivr/store/indexes.py), except `scheduled_promises`. Times are epoch seconds; a promise without a time stands
at infinity. A *page* is a list of ids with the times by which they are ordered.
"""

from __future__ import annotations

from ivr.domain.records.promise import Promise
from ivr.store import keys
from ivr.store.change import Change
from ivr.store.query import Query, ask, parse_first_score, parse_scores

Page = list[tuple[str, float]]


def count_open() -> Query[int]:
    return ask(("ZCARD", keys.OPEN_PROMISES), int)


def count_open_in(state: str) -> Query[int]:
    return ask(("ZCARD", keys.open_promises(state)), int)


def count_open_of(agent_id: str) -> Query[int]:
    """Open promises that this agent gave or has."""
    return ask(("ZCARD", keys.promises_of(agent_id)), int)


def count_ended() -> Query[int]:
    return ask(("ZCARD", keys.ENDED_PROMISES), int)


def count_late(now: float) -> Query[int]:
    """Open promises whose time has passed."""
    return ask(("ZCOUNT", keys.OPEN_PROMISES, "-inf", f"({now!r}"), int)


def count_due_between(state: str, since: float, until: float) -> Query[int]:
    """Open promises in this state whose time lies there, both ends included."""
    return ask(("ZCOUNT", keys.open_promises(state), since, until), int)


def list_open(start: int, limit: int) -> Query[Page]:
    """The most urgent first."""
    return _page(keys.OPEN_PROMISES, start, limit)


def list_open_in(state: str, start: int, limit: int) -> Query[Page]:
    """Those in this state, the most urgent first."""
    return _page(keys.open_promises(state), start, limit)


def list_open_of(agent_id: str, start: int, limit: int) -> Query[Page]:
    """Those that this agent gave or has, the most urgent first."""
    return _page(keys.promises_of(agent_id), start, limit)


def list_late(now: float, start: int, limit: int) -> Query[Page]:
    """Open promises whose time has passed, the latest by most first."""
    span = (keys.OPEN_PROMISES, "-inf", f"({now!r}", "WITHSCORES", "LIMIT", start, limit)
    return ask(("ZRANGEBYSCORE", *span), parse_scores)


def list_due_between(state: str, since: float, until: float, limit: int) -> Query[Page]:
    """Open promises in this state whose time lies there, both ends included, the most urgent first."""
    span = (keys.open_promises(state), since, until, "WITHSCORES", "LIMIT", 0, limit)
    return ask(("ZRANGEBYSCORE", *span), parse_scores)


def list_ended(start: int, limit: int) -> Query[Page]:
    """The last to end first, by when they ended."""
    return ask(("ZREVRANGE", keys.ENDED_PROMISES, start, start + limit - 1, "WITHSCORES"), parse_scores)


def list_assigned(agent_id: str, limit: int) -> Query[list[str]]:
    """Ids of the promises that ended by being assigned to this agent, the newest first."""
    return ask(("ZREVRANGE", keys.assigned_promises(agent_id), 0, limit - 1), list)


def get_oldest_open() -> Query[str]:
    """The id of the open promise that was made first; "" when none is open."""
    return ask(("ZRANGE", keys.OPEN_PROMISES_BY_CREATION, 0, 0), lambda found: str(found[0]) if found else "")


def get_oldest_open_time() -> Query[float | None]:
    """When the open promise that was made first was made; None when none is open."""
    return ask(("ZRANGE", keys.OPEN_PROMISES_BY_CREATION, 0, 0, "WITHSCORES"), parse_first_score)


def list_scheduled_from(queue: str, at: float) -> Query[Page]:
    """Open promises of a queue that are due from `at` on, by the time from which they are due."""
    span = (keys.scheduled_promises(queue), at, "+inf", "BYSCORE", "WITHSCORES")
    return ask(("ZRANGE", *span), parse_scores)


def add_scheduled(promise: Promise, change: Change) -> None:
    """List an open promise in its queue by the time from which it is due."""
    change.append_command("ZADD", keys.scheduled_promises(promise.queue), promise.not_before, promise.id)


def remove_scheduled(promise: Promise, change: Change) -> None:
    """It has ended: it takes no time of its queue any more."""
    change.append_command("ZREM", keys.scheduled_promises(promise.queue), promise.id)


def _page(key: str, start: int, limit: int) -> Query[Page]:
    return ask(("ZRANGE", key, start, start + limit - 1, "WITHSCORES"), parse_scores)
