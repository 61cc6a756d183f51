"""The servers that would take over: are they there, and would it go well? Asked by `ivr doctor`, and again while the line runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from redis import Redis
from redis.exceptions import RedisError, ResponseError

from ivr.domain.errors import Unavailable
from ivr.store.server.fitness import Fault

LAG = 10  # seconds; more, and it is not there


def missing(redis: Redis, wanted: int) -> list[Fault]:
    """No reason not to start: calls go on meanwhile. `redis` decodes responses. Raises Unavailable."""
    there, _ = _ask(redis) if wanted else (0, None)
    if there >= wanted:
        return []
    return [
        Fault(
            name="replicas",
            what=f"has {there} replicas that keep up, and IVR_REPLICAS asks for {wanted}",
            fix="Start them, or look at their logs: until they are there nothing new is promised, and callers stay in line.",
            grave=False,
        )
    ]


def advice(redis: Redis, wanted: int) -> list[Fault]:
    """What works, and could go better. `redis` decodes responses. Raises Unavailable."""
    there, least = _ask(redis)
    return [*_advice(there, wanted, least)]


def _advice(there: int, wanted: int, least: int | None) -> Iterator[Fault]:
    if there and not wanted:
        yield Fault(
            name="replicas",
            what="has replicas that nobody waits for: what was told in the last moment before a failover may be lost",
            fix="Set IVR_REPLICAS=1.",
            grave=False,
        )
    elif wanted and there == wanted:
        yield Fault(
            name="replicas",
            what="has no replica to spare: while one is away nothing new is promised",
            fix="Add one.",
            grave=False,
        )
    elif there > wanted and least == 0:
        yield Fault(
            name="replicas",
            what="goes on writing when it is cut off from its replicas, and that is lost when another has taken over",
            fix="Set `min-replicas-to-write 1` and `min-replicas-max-lag 10` on every server.",
            grave=False,
        )


def _ask(redis: Redis) -> tuple[int, int | None]:
    """Replicas that keep up; and min-replicas-to-write, None when the server does not tell."""
    try:
        return _there(redis.info("replication")), _least(redis)
    except RedisError as e:
        raise Unavailable(f"REDIS_URL: the record cannot be reached ({type(e).__name__}).") from e


def _there(info: Mapping[str, Any]) -> int:
    found = (told for name, told in info.items() if name.startswith("slave") and isinstance(told, dict))
    return sum(told.get("state") == "online" and int(told.get("lag", LAG)) < LAG for told in found)


def _least(redis: Redis) -> int | None:
    try:
        told = redis.config_get("min-replicas-to-write")
    except ResponseError:  # managed services forbid CONFIG
        return None
    return int(told.get("min-replicas-to-write") or 0)
