"""When somebody must next look: the due index, the lease, the outbox and the deadline timer at once."""

from __future__ import annotations

from ivr.store import keys
from ivr.store.queries import queues
from ivr.store.store import Store, reaching


def take(store: Store, now: float, *, grace: float, most: int = 200) -> list[str]:
    """Members that are due; each will be due again after `grace` seconds if nothing comes of it."""
    with reaching():
        return list(store.take_script(args=[now, grace, most]))


def at(store: Store, member: str) -> float:
    """When the member is to be looked at, as it stands; 0 when never."""
    (found,) = store.read([("ZSCORE", keys.WAKE, member)])
    return float(found or 0.0)


def done(store: Store, member: str, seen: float) -> None:
    """Nobody need look again, unless somebody has asked for it since the wake that was `seen`."""
    with reaching():
        store.done_script(args=[member, repr(seen)])


def earliest(store: Store) -> float | None:
    """When the next look is due, epoch seconds; None when nothing is owed."""
    (found,) = store.read([("ZRANGE", keys.WAKE, 0, 0, "WITHSCORES")])
    return next((at for _, at in queues.pairs(found)), None)


def owed(store: Store) -> set[str]:
    (found,) = store.read([("ZRANGE", keys.WAKE, 0, -1)])
    return set(found)
