"""When somebody must next look: the due index, the lease, the outbox and the deadline timer at once."""

from __future__ import annotations

from collections.abc import Sequence

from ivr.store import keys
from ivr.store.change import Change
from ivr.store.query import Query, ask, parse_first_score, parse_optional_float, parse_scores
from ivr.store.store import Store, translate_redis_errors


def take_due(store: Store, now: float, *, grace_seconds: float, limit: int = 200) -> list[str]:
    """Records that are due; each will be due again after `grace_seconds` seconds if nothing comes of it."""
    with translate_redis_errors():
        return list(store.take_due_script(args=[now, grace_seconds, limit]))


def get_due_time(record_key: str) -> Query[float]:
    """When the record is to be looked at, as it stands; 0 when never."""
    return ask(("ZSCORE", keys.DUE, record_key), lambda found: float(found or 0.0))


def get_due_times(record_keys: Sequence[str]) -> Query[list[float | None]]:
    """When each record is to be processed, in the order given; None when never."""
    return ask(("ZMSCORE", keys.DUE, *record_keys), lambda found: [parse_optional_float(at) for at in found])


def unschedule_if_unchanged(store: Store, record_key: str, due_time: float) -> None:
    """Nobody need look again, unless somebody has asked for it since the `due_time` that was read."""
    with translate_redis_errors():
        store.unschedule_script(args=[record_key, repr(due_time)])


def get_earliest() -> Query[float | None]:
    """When the next look is due, epoch seconds; None when nothing is owed."""
    return ask(("ZRANGE", keys.DUE, 0, 0, "WITHSCORES"), parse_first_score)


def get_first() -> Query[tuple[str, float] | None]:
    """The key of the record that is due first, and when; None when nothing is owed."""
    return ask(("ZRANGE", keys.DUE, 0, 0, "WITHSCORES"), lambda found: next(iter(parse_scores(found)), None))


def list_by_time() -> Query[list[str]]:
    """Keys of all records that are to be processed, the first due first."""
    return ask(("ZRANGE", keys.DUE, 0, -1), list)


def list_scheduled() -> Query[set[str]]:
    """Keys of all records that are to be processed."""
    return list_by_time().map(set)


def postpone(record_key: str, at: float, change: Change) -> None:
    """Process it at `at` instead, if it is to be processed at all."""
    change.append_command("ZADD", keys.DUE, "XX", at, record_key)


def remove(record_key: str, change: Change) -> None:
    """Take a record out of the index whose work has ended with somebody else's: a lock, when its person is erased."""
    change.append_command("ZREM", keys.DUE, record_key)
