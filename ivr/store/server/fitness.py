"""Is this Redis fit to hold what is owed? Asked at start-up, by `ivr doctor`, and again and again while the line runs.

A promise is spoken only once it is on disk (I3); so the server must write each change through before it answers, keep
everything, and be recent enough for the scripts. Why not less: docs/decisions and the measurements there. A server can
stop being fit: somebody sets it otherwise, its disk fills, another one takes its place.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from redis import Redis
from redis.exceptions import RedisError, ResponseError

from ivr.domain.errors import BadSetting, Unavailable
from ivr.store.server import disk

MIN_MAJOR_VERSION = 7  # function flags in scripts (`#!lua flags=allow-oom`)
FULL_SHARE = 0.8
MIN_FREE_DISK_BYTES = (
    64 * 1024 * 1024
)  # bytes of disk: with less a server that must write everything down stops within minutes


@dataclass(frozen=True, kw_only=True)
class RedisFault:
    """`loses_a_second`: bearable by IVR_ACCEPT_ONE_SECOND_LOSS. `is_fatal`: start-up stops; otherwise a warning.

    `name`: a word for metrics and for whoever looks for it in a log.
    """

    name: str
    problem: str
    fix: str
    loses_a_second: bool = False
    is_fatal: bool = True


def examine(redis: Redis, *, full_share: float = FULL_SHARE) -> tuple[str, list[RedisFault]]:
    """The server in a few words, and what is wrong with it. `redis` decodes responses. Raises Unavailable.

    `full_share`: the share of memory or disk in use from which on it is a fault.
    """
    try:
        info: dict[str, Any] = redis.info()
        config = _read_config(redis)
        under = disk.find_redis_disk(redis, config)
    except RedisError as e:
        raise Unavailable(
            f"REDIS_URL: the record cannot be reached ({type(e).__name__}). Start it, or correct the address."
        ) from e
    version = str(info.get("valkey_version") or info.get("redis_version", "0"))
    name = "Valkey" if "valkey_version" in info else "Redis"
    faults = [
        *_check_durability(info, config),
        *_check_retention(info, config, version),
        *_check_space(info, under, full_share),
    ]
    return f"{name} {version}", faults


def require_fit(redis: Redis, *, accept_one_second_loss: bool) -> None:
    """Raises BadSetting when promises made in this Redis could be lost, and Unavailable when it cannot be reached."""
    server, faults = examine(redis)
    grave = [f for f in faults if f.is_fatal and not (f.loses_a_second and accept_one_second_loss)]
    if grave:
        raise BadSetting("\n".join(f"REDIS_URL: {server} {f.problem}. {f.fix}" for f in grave))


def _read_config(redis: Redis) -> dict[str, str] | None:
    try:
        found = redis.config_get("append*", "maxmemory*", "dir")
    except ResponseError:  # managed services forbid CONFIG
        return None
    return {str(name): str(value) for name, value in found.items()}


def _check_durability(info: dict[str, Any], config: dict[str, str] | None) -> Iterator[RedisFault]:
    """Is a change on disk before it is answered?"""
    if config is None:
        yield RedisFault(
            name="sync",
            problem="does not tell how safely it writes"
            if info.get("aof_enabled")
            else "does not tell how safely it writes, and has no append-only file",
            fix="See that its append-only file is synced always; if it cannot be, IVR_ACCEPT_ONE_SECOND_LOSS=1 accepts what that may cost.",
            loses_a_second=True,
        )
    elif config.get("appendonly") != "yes":
        yield RedisFault(
            name="append-only",
            problem="keeps nothing when it stops",
            fix="Set `appendonly yes` and `appendfsync always`.",
        )
    elif not info.get("aof_enabled", 1):
        yield RedisFault(
            name="append-only",
            problem="is set to write an append-only file and does not",
            fix="Look at its log and its disk, then `CONFIG SET appendonly yes` again.",
        )
    elif config.get("appendfsync") != "always":
        yield RedisFault(
            name="sync",
            problem="can lose its last second",
            fix="Set `appendfsync always`, or accept the loss with IVR_ACCEPT_ONE_SECOND_LOSS=1.",
            loses_a_second=True,
        )
    if info.get("aof_last_write_status", "ok") != "ok":
        yield RedisFault(
            name="append-only",
            problem="cannot write its append-only file",
            fix="Look at its disk: is it full?",
        )


def _check_retention(
    info: dict[str, Any], config: dict[str, str] | None, version: str
) -> Iterator[RedisFault]:
    """Does it keep everything, and is it the one to write to?"""
    if int(version.partition(".")[0]) < MIN_MAJOR_VERSION:
        yield RedisFault(
            name="version", problem="is too old", fix=f"Use version {MIN_MAJOR_VERSION} or later, or Valkey."
        )
    policy = (config or {}).get("maxmemory-policy") or info.get("maxmemory_policy")
    if policy != "noeviction":
        yield RedisFault(
            name="eviction",
            problem=f"throws promises away when memory is full ({policy})",
            fix="Set `maxmemory-policy noeviction`.",
        )
    if info.get("role") not in (None, "master"):
        yield RedisFault(name="replica", problem="is a replica", fix="Give the address of the primary.")


def _check_space(
    info: dict[str, Any], redis_disk: disk.Disk | None, full_share: float
) -> Iterator[RedisFault]:
    used, most = int(info.get("used_memory", 0)), int(info.get("maxmemory", 0))
    if most and used > full_share * most:
        yield RedisFault(
            name="memory",
            problem=f"has {100 * used // most} % of its memory in use",
            fix="Give it more memory: when it is full, no new promise can be made.",
            is_fatal=False,
        )
    if info.get("aof_last_bgrewrite_status", "ok") != "ok":
        yield RedisFault(
            name="rewrite",
            problem="could not rewrite its append-only file, which grows until it can",
            fix="Look at its disk and memory: a rewrite needs room for a second copy.",
            is_fatal=False,
        )
    if redis_disk is not None and (
        redis_disk.used_share > full_share or redis_disk.free_bytes < MIN_FREE_DISK_BYTES
    ):
        yield RedisFault(
            name="disk",
            problem=f"has {redis_disk.free_bytes // 1024**2} MB of disk left, {100 * redis_disk.used_share:.0f} % of its disk in use ({redis_disk.folder})",
            fix="Make room on it: when it is full, the record stops, and callers hear the fallback.",
            is_fatal=redis_disk.free_bytes < MIN_FREE_DISK_BYTES,
        )
