"""Is this Redis fit to hold what is owed? Asked at start-up, and by `ivr doctor`.

A promise is spoken only once it is on disk (I3); so the server must write each change through before it answers, keep
everything, and be recent enough for the scripts. Why not less: docs/decisions and the measurements there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from redis import Redis
from redis.exceptions import RedisError, ResponseError

from ivr.domain.errors import BadSetting, Unavailable

OLDEST = 7  # function flags in scripts (`#!lua flags=allow-oom`)
FULL = 0.8


@dataclass(frozen=True, kw_only=True)
class Fault:
    """`loses_a_second`: bearable by IVR_ACCEPT_ONE_SECOND_LOSS. `grave`: start-up stops; otherwise a warning."""

    what: str
    fix: str
    loses_a_second: bool = False
    grave: bool = True


def examine(redis: Redis) -> tuple[str, list[Fault]]:
    """The server in a few words, and what is wrong with it. `redis` decodes responses. Raises Unavailable."""
    try:
        info: dict[str, Any] = redis.info()
        config = _config(redis)
    except RedisError as e:
        raise Unavailable(
            f"REDIS_URL: the record cannot be reached ({type(e).__name__}). Start it, or correct the address."
        ) from e
    version = str(info.get("valkey_version") or info.get("redis_version", "0"))
    name = "Valkey" if "valkey_version" in info else "Redis"
    return f"{name} {version}", [*_faults(info, config, version)]


def check(redis: Redis, *, accept_one_second_loss: bool) -> None:
    """Raises BadSetting when promises made in this Redis could be lost, and Unavailable when it cannot be reached."""
    server, faults = examine(redis)
    grave = [f for f in faults if f.grave and not (f.loses_a_second and accept_one_second_loss)]
    if grave:
        raise BadSetting("\n".join(f"REDIS_URL: {server} {f.what}. {f.fix}" for f in grave))


def _config(redis: Redis) -> dict[str, str] | None:
    try:
        found = redis.config_get("append*", "maxmemory*")
    except ResponseError:  # managed services forbid CONFIG
        return None
    return {str(name): str(value) for name, value in found.items()}


def _faults(info: dict[str, Any], config: dict[str, str] | None, version: str) -> Iterator[Fault]:
    if int(version.partition(".")[0]) < OLDEST:
        yield Fault(what="is too old", fix=f"Use version {OLDEST} or later, or Valkey.")
    if config is None:
        yield Fault(
            what="does not tell how safely it writes",
            fix="See that its append-only file is synced always; if it cannot be, IVR_ACCEPT_ONE_SECOND_LOSS=1 accepts what that may cost.",
            loses_a_second=True,
        )
    elif config.get("appendonly") != "yes":
        yield Fault(what="keeps nothing when it stops", fix="Set `appendonly yes` and `appendfsync always`.")
    elif config.get("appendfsync") != "always":
        yield Fault(
            what="can lose its last second",
            fix="Set `appendfsync always`, or accept the loss with IVR_ACCEPT_ONE_SECOND_LOSS=1.",
            loses_a_second=True,
        )
    policy = (config or {}).get("maxmemory-policy") or info.get("maxmemory_policy")
    if policy != "noeviction":
        yield Fault(
            what=f"throws promises away when memory is full ({policy})",
            fix="Set `maxmemory-policy noeviction`.",
        )
    if info.get("role") not in (None, "master"):
        yield Fault(what="is a replica", fix="Give the address of the primary.")
    used, most = int(info.get("used_memory", 0)), int(info.get("maxmemory", 0))
    if most and used > FULL * most:
        yield Fault(
            what=f"has {100 * used // most} % of its memory in use",
            fix="Give it more memory: when it is full, no new promise can be made.",
            grave=False,
        )
    if info.get("aof_last_write_status", "ok") != "ok":
        yield Fault(what="cannot write its append-only file", fix="Look at its disk: is it full?")
