"""What is wrong with the server that a running line uses."""

from __future__ import annotations

from ivr.store.server import fitness, standby
from ivr.store.server.fitness import RedisFault
from ivr.store.store import Store


def examine(store: Store, *, full_share: float, replicas: int) -> tuple[str, list[RedisFault]]:
    """Return the server's name and version, and its faults. `full_share`: of memory or disk, above which it is nearly full; `replicas`: how
    many are required. Raises Unavailable.
    """
    server, faults = fitness.examine(store.redis, full_share=full_share)
    return server, [*faults, *standby.find_missing_replicas(store.redis, replicas)]
