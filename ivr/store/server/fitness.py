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

OLDEST = 7  # function flags in scripts (`#!lua flags=allow-oom`)
FULL = 0.8
LEAST = (
    64 * 1024 * 1024
)  # bytes of disk: with less a server that must write everything down stops within minutes


@dataclass(frozen=True, kw_only=True)
class Fault:
    """`loses_a_second`: bearable by IVR_ACCEPT_ONE_SECOND_LOSS. `grave`: start-up stops; otherwise a warning.

    `name`: a word for metrics and for whoever looks for it in a log.
    """

    name: str
    what: str
    fix: str
    loses_a_second: bool = False
    grave: bool = True


def examine(redis: Redis, *, full: float = FULL) -> tuple[str, list[Fault]]:
    """The server in a few words, and what is wrong with it. `redis` decodes responses. Raises Unavailable.

    `full`: the share of memory or disk in use from which on it is a fault.
    """
    try:
        info: dict[str, Any] = redis.info()
        config = _config(redis)
        under = disk.under(redis, config)
    except RedisError as e:
        raise Unavailable(
            f"REDIS_URL: the record cannot be reached ({type(e).__name__}). Start it, or correct the address."
        ) from e
    version = str(info.get("valkey_version") or info.get("redis_version", "0"))
    name = "Valkey" if "valkey_version" in info else "Redis"
    faults = [*_writing(info, config), *_keeping(info, config, version), *_room(info, under, full)]
    return f"{name} {version}", faults


def check(redis: Redis, *, accept_one_second_loss: bool) -> None:
    """Raises BadSetting when promises made in this Redis could be lost, and Unavailable when it cannot be reached."""
    server, faults = examine(redis)
    grave = [f for f in faults if f.grave and not (f.loses_a_second and accept_one_second_loss)]
    if grave:
        raise BadSetting("\n".join(f"REDIS_URL: {server} {f.what}. {f.fix}" for f in grave))


def _config(redis: Redis) -> dict[str, str] | None:
    try:
        found = redis.config_get("append*", "maxmemory*", "dir")
    except ResponseError:  # managed services forbid CONFIG
        return None
    return {str(name): str(value) for name, value in found.items()}


def _writing(info: dict[str, Any], config: dict[str, str] | None) -> Iterator[Fault]:
    """Is a change on disk before it is answered?"""
    if config is None:
        yield Fault(
            name="sync",
            what="does not tell how safely it writes"
            if info.get("aof_enabled")
            else "does not tell how safely it writes, and has no append-only file",
            fix="See that its append-only file is synced always; if it cannot be, IVR_ACCEPT_ONE_SECOND_LOSS=1 accepts what that may cost.",
            loses_a_second=True,
        )
    elif config.get("appendonly") != "yes":
        yield Fault(
            name="append-only",
            what="keeps nothing when it stops",
            fix="Set `appendonly yes` and `appendfsync always`.",
        )
    elif not info.get("aof_enabled", 1):
        yield Fault(
            name="append-only",
            what="is set to write an append-only file and does not",
            fix="Look at its log and its disk, then `CONFIG SET appendonly yes` again.",
        )
    elif config.get("appendfsync") != "always":
        yield Fault(
            name="sync",
            what="can lose its last second",
            fix="Set `appendfsync always`, or accept the loss with IVR_ACCEPT_ONE_SECOND_LOSS=1.",
            loses_a_second=True,
        )
    if info.get("aof_last_write_status", "ok") != "ok":
        yield Fault(
            name="append-only",
            what="cannot write its append-only file",
            fix="Look at its disk: is it full?",
        )


def _keeping(info: dict[str, Any], config: dict[str, str] | None, version: str) -> Iterator[Fault]:
    """Does it keep everything, and is it the one to write to?"""
    if int(version.partition(".")[0]) < OLDEST:
        yield Fault(name="version", what="is too old", fix=f"Use version {OLDEST} or later, or Valkey.")
    policy = (config or {}).get("maxmemory-policy") or info.get("maxmemory_policy")
    if policy != "noeviction":
        yield Fault(
            name="eviction",
            what=f"throws promises away when memory is full ({policy})",
            fix="Set `maxmemory-policy noeviction`.",
        )
    if info.get("role") not in (None, "master"):
        yield Fault(name="replica", what="is a replica", fix="Give the address of the primary.")


def _room(info: dict[str, Any], under: disk.Disk | None, full: float) -> Iterator[Fault]:
    used, most = int(info.get("used_memory", 0)), int(info.get("maxmemory", 0))
    if most and used > full * most:
        yield Fault(
            name="memory",
            what=f"has {100 * used // most} % of its memory in use",
            fix="Give it more memory: when it is full, no new promise can be made.",
            grave=False,
        )
    if info.get("aof_last_bgrewrite_status", "ok") != "ok":
        yield Fault(
            name="rewrite",
            what="could not rewrite its append-only file, which grows until it can",
            fix="Look at its disk and memory: a rewrite needs room for a second copy.",
            grave=False,
        )
    if under is not None and (under.used > full or under.free < LEAST):
        yield Fault(
            name="disk",
            what=f"has {under.free // 1024**2} MB of disk left, {100 * under.used:.0f} % of its disk in use ({under.folder})",
            fix="Make room on it: when it is full, the record stops, and callers hear the fallback.",
            grave=under.free < LEAST,
        )
