"""The server's own snapshot: have it written, count what is in it, and go on from it. For `ivr backup` and `ivr restore`."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from redis import Redis
from redis.exceptions import RedisError

from ivr.domain.errors import CalorError
from ivr.domain.records.promise import ENDED
from ivr.store import keys

SAVE_TIMEOUT_SECONDS = 3600.0  # for the server to write its snapshot


class SnapshotFailed(CalorError):
    """The server did not write a snapshot that can be read here."""


def save(redis: Redis) -> tuple[Path, bool]:
    """Have the server write its snapshot. Return where it is, and whether nobody else has it written: then it is ours to delete.

    Raises SnapshotFailed.
    """
    try:
        config: Any = redis.config_get("dir", "dbfilename", "save")
    except RedisError as e:
        raise SnapshotFailed(
            "This server does not say where it writes. Take the snapshot that its provider offers; see docs/operations.md."
        ) from e
    dump = Path(config["dir"]) / config["dbfilename"]
    before = redis.info("persistence")
    was_there = dump.exists()
    redis.bgsave(schedule=True)
    _wait_until(lambda: _is_saved(redis, before), "the snapshot")
    if not dump.exists():
        raise SnapshotFailed(
            f"The server has written {dump}, which is not on this machine. Run `ivr backup` there, or take its provider's snapshot."
        )
    return dump, not was_there and not config.get("save")


def begin_append_only_file(redis: Redis) -> None:
    """Have a server that has loaded a snapshot keep every write from now on, and wait until all is in that file. Raises SnapshotFailed."""
    redis.config_set("appendonly", "yes")
    _wait_until(lambda: _is_rewritten(redis), "the append-only file")


def count_records(redis: Redis) -> dict[str, int]:
    """What is in a record. Nothing with a lifetime is counted: it may have ended since."""
    found = {
        record_type: int(redis.zcard(keys.created_index(record_type)))
        for record_type in ("contact", "promise", "case", "agent", "text")
    }
    ended = {state.value for state in ENDED}
    pipe: Any = redis.pipeline(transaction=False)
    names: Any = redis.zrange(keys.created_index("promise"), 0, -1)
    for name in names:
        pipe.hget(f"promise:{name}", "state")
    states = pipe.execute()
    return {
        **found,
        "open promises": sum(state not in ended for state in states),
        "wake": int(redis.zcard(keys.DUE)),
        "event log entries": int(redis.xlen(keys.EVENT_LOG)),
    }


def get_line_time(redis: Redis) -> float:
    """By the clock that the line goes by, epoch seconds."""
    driven: Any = redis.get(keys.MANUAL_CLOCK)
    if driven:
        return float(driven)
    seconds, micros = redis.time()
    return float(seconds) + float(micros) / 1e6


def get_server_version(redis: Redis) -> str:
    """Valkey 9.0.1."""
    info: dict[str, Any] = redis.info("server")
    valkey = info.get("valkey_version")
    return f"Valkey {valkey}" if valkey else f"Redis {info['redis_version']}"


def _is_saved(redis: Redis, before: dict[str, Any]) -> bool:
    now: dict[str, Any] = redis.info("persistence")
    if now["rdb_bgsave_in_progress"] or now["rdb_saves"] == before["rdb_saves"]:
        if now["rdb_last_bgsave_status"] != "ok" and not now["rdb_bgsave_in_progress"]:
            raise SnapshotFailed("The server could not write its snapshot. Look at its disk and its log.")
        return False
    return True


def _is_rewritten(redis: Redis) -> bool:
    now: dict[str, Any] = redis.info("persistence")
    busy = now["aof_rewrite_in_progress"] or now["aof_rewrite_scheduled"]
    return bool(now["aof_enabled"] and not busy and now["aof_last_bgrewrite_status"] == "ok")


def _wait_until(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + SAVE_TIMEOUT_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise SnapshotFailed(
                f"The server did not finish {what} within {SAVE_TIMEOUT_SECONDS / 60:.0f} minutes."
            )
        time.sleep(0.05)  # noqa: TID251 - the server tells nobody when it is done
