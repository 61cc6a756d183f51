"""The servers that would take over: are they there, and would it go well? Asked by `ivr doctor`, and again while the line runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from redis import Redis
from redis.exceptions import RedisError, ResponseError

from ivr.domain.errors import Unavailable
from ivr.store.server.fitness import RedisFault

MAX_LAG_SECONDS = 10  # seconds; more, and it is not there


def find_missing_replicas(redis: Redis, required: int) -> list[RedisFault]:
    """No reason not to start: calls go on meanwhile. `redis` decodes responses. Raises Unavailable."""
    there, _ = _read_replication(redis) if required else (0, None)
    if there >= required:
        return []
    return [
        RedisFault(
            name="replicas",
            problem=f"has {there} replicas that keep up, and IVR_REPLICAS asks for {required}",
            fix="Start them, or look at their logs: until they are there nothing new is promised, and callers stay in line.",
            is_fatal=False,
        )
    ]


def list_advice(redis: Redis, required: int) -> list[RedisFault]:
    """What works, and could go better. `redis` decodes responses. Raises Unavailable."""
    there, least = _read_replication(redis)
    return [*_iterate_advice(there, required, least)]


def _iterate_advice(online: int, required: int, min_replicas: int | None) -> Iterator[RedisFault]:
    if online and not required:
        yield RedisFault(
            name="replicas",
            problem="has replicas that nobody waits for: what was told in the last moment before a failover may be lost",
            fix="Set IVR_REPLICAS=1.",
            is_fatal=False,
        )
    elif required and online == required:
        yield RedisFault(
            name="replicas",
            problem="has no replica to spare: while one is away nothing new is promised",
            fix="Add one.",
            is_fatal=False,
        )
    elif online > required and min_replicas == 0:
        yield RedisFault(
            name="replicas",
            problem="goes on writing when it is cut off from its replicas, and that is lost when another has taken over",
            fix="Set `min-replicas-to-write 1` and `min-replicas-max-lag 10` on every server.",
            is_fatal=False,
        )


def _read_replication(redis: Redis) -> tuple[int, int | None]:
    """Replicas that keep up; and min-replicas-to-write, None when the server does not tell."""
    try:
        return _count_online_replicas(redis.info("replication")), _read_min_replicas(redis)
    except RedisError as e:
        raise Unavailable(f"REDIS_URL: the record cannot be reached ({type(e).__name__}).") from e


def _count_online_replicas(info: Mapping[str, Any]) -> int:
    found = (told for name, told in info.items() if name.startswith("slave") and isinstance(told, dict))
    return sum(
        told.get("state") == "online" and int(told.get("lag", MAX_LAG_SECONDS)) < MAX_LAG_SECONDS
        for told in found
    )


def _read_min_replicas(redis: Redis) -> int | None:
    try:
        told = redis.config_get("min-replicas-to-write")
    except ResponseError:  # managed services forbid CONFIG
        return None
    return int(told.get("min-replicas-to-write") or 0)
