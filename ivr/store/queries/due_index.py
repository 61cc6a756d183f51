"""When somebody must next look: the due index, the lease, the outbox and the deadline timer at once."""

from __future__ import annotations

from ivr.store import keys
from ivr.store.queries import queues
from ivr.store.store import Store, translate_redis_errors


def take_due(store: Store, now: float, *, grace_seconds: float, limit: int = 200) -> list[str]:
    """Records that are due; each will be due again after `grace_seconds` seconds if nothing comes of it."""
    with translate_redis_errors():
        return list(store.take_due_script(args=[now, grace_seconds, limit]))


def get_due_time(store: Store, record_key: str) -> float:
    """When the record is to be looked at, as it stands; 0 when never."""
    (found,) = store.read([("ZSCORE", keys.DUE, record_key)])
    return float(found or 0.0)


def unschedule_if_unchanged(store: Store, record_key: str, due_time: float) -> None:
    """Nobody need look again, unless somebody has asked for it since the `due_time` that was read."""
    with translate_redis_errors():
        store.unschedule_script(args=[record_key, repr(due_time)])


def get_earliest(store: Store) -> float | None:
    """When the next look is due, epoch seconds; None when nothing is owed."""
    (found,) = store.read([("ZRANGE", keys.DUE, 0, 0, "WITHSCORES")])
    return next((at for _, at in queues.parse_scores(found)), None)


def list_scheduled(store: Store) -> set[str]:
    (found,) = store.read([("ZRANGE", keys.DUE, 0, -1)])
    return set(found)
