"""The record as one file: what the server itself wrote of one moment, and a manifest that says what is in it.

A file is believed only when a server of our own has loaded it and found what the manifest says: when it is made, when it
is checked, and when it is restored.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from redis import Redis
from redis.exceptions import RedisError

from ivr.cli.data import backup_file
from ivr.cli.data.backup_file import DUMP, BackupManifest, BadBackup
from ivr.cli.data.scratch_server import ScratchServer, run_scratch_server
from ivr.domain.records.promise import ENDED
from ivr.store import keys

SAVE_TIMEOUT_SECONDS = 3600.0  # seconds for the server to write its snapshot


def make(redis: Redis, to: Path) -> BackupManifest:
    """A snapshot of this server in the file `to`, loaded once to see that it can be. The server goes on meanwhile.

    Raises BadBackup when the server's disk cannot be read from here, or the copy cannot be loaded.
    """
    if to.exists():
        raise BadBackup(f"{to} is there already: choose another name.")
    to.parent.mkdir(parents=True, exist_ok=True)
    at = _get_line_time(redis)
    dump, ours = _save(redis)
    with tempfile.TemporaryDirectory(prefix=".calor-", dir=to.parent) as name:
        copy = Path(name) / DUMP
        digest = backup_file.copy_with_digest(dump, copy)
        if ours:
            dump.unlink(missing_ok=True)  # nobody else reads it, and it is as private as the record
        with run_scratch_server(ScratchServer(folder=Path(name))) as loaded:
            manifest = BackupManifest(
                at=at,
                server=_get_server_version(redis),
                sha256=digest,
                size=copy.stat().st_size,
                counts=count_records(loaded),
            )
        backup_file.pack(copy, manifest, to)
    return manifest


def check(file: Path) -> BackupManifest:
    """The manifest, when what it says is what is there. Raises BadBackup."""
    with tempfile.TemporaryDirectory(prefix="calor-") as name:
        manifest = backup_file.unpack(file, Path(name))
        with run_scratch_server(ScratchServer(folder=Path(name))) as loaded:
            _check_counts(file, manifest, count_records(loaded))
    return manifest


def restore(file: Path, folder: Path, prepare: Callable[[Redis, BackupManifest], None]) -> BackupManifest:
    """The record as it was, in a data folder that is not there yet or is empty. Raises BadBackup.

    `prepare` is written into it before anybody else can open it: that it was restored must not depend on memory.
    """
    if folder.exists() and any(folder.iterdir()):
        raise BadBackup(
            f"{folder} is not empty. A record is restored into an empty folder, never over another."
        )
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".calor-", dir=folder.parent) as name:
        work = Path(name) / "data"
        work.mkdir(mode=0o700)
        manifest = backup_file.unpack(file, work)
        with run_scratch_server(ScratchServer(folder=work)) as redis:
            _check_counts(file, manifest, count_records(redis))
            prepare(redis, manifest)
            redis.config_set("appendonly", "yes")  # from now on it is kept as the line keeps it
            _wait_until(lambda: _is_rewritten(redis), "the append-only file")
        (work / DUMP).unlink()
        if folder.exists():
            folder.rmdir()
        work.rename(folder)
        backup_file.sync_folder(folder.parent)
    return manifest


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


# ---- the server that is copied


def _save(redis: Redis) -> tuple[Path, bool]:
    """Where the server has written its snapshot, and whether it is ours to take away: nobody else has it written."""
    try:
        config: Any = redis.config_get("dir", "dbfilename", "save")
    except RedisError as e:
        raise BadBackup(
            "This server does not say where it writes. Take the snapshot that its provider offers; see docs/operations.md."
        ) from e
    dump = Path(config["dir"]) / config["dbfilename"]
    before = redis.info("persistence")
    was_there = dump.exists()
    redis.bgsave(schedule=True)
    _wait_until(lambda: _is_saved(redis, before), "the snapshot")
    if not dump.exists():
        raise BadBackup(
            f"The server has written {dump}, which is not on this machine. Run `ivr backup` there, or take its provider's snapshot."
        )
    return dump, not was_there and not config.get("save")


def _is_saved(redis: Redis, before: dict[str, Any]) -> bool:
    now: dict[str, Any] = redis.info("persistence")
    if now["rdb_bgsave_in_progress"] or now["rdb_saves"] == before["rdb_saves"]:
        if now["rdb_last_bgsave_status"] != "ok" and not now["rdb_bgsave_in_progress"]:
            raise BadBackup("The server could not write its snapshot. Look at its disk and its log.")
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
            raise BadBackup(
                f"The server did not finish {what} within {SAVE_TIMEOUT_SECONDS / 60:.0f} minutes."
            )
        time.sleep(0.05)


def _get_line_time(redis: Redis) -> float:
    """By the clock that the line goes by."""
    driven: Any = redis.get(keys.MANUAL_CLOCK)
    if driven:
        return float(driven)
    seconds, micros = redis.time()
    return float(seconds) + float(micros) / 1e6


def _get_server_version(redis: Redis) -> str:
    info: dict[str, Any] = redis.info("server")
    valkey = info.get("valkey_version")
    return f"Valkey {valkey}" if valkey else f"Redis {info['redis_version']}"


def _check_counts(file: Path, manifest: BackupManifest, found: dict[str, int]) -> None:
    wrong = [f"{found.get(n, 0)} {n} instead of {k}" for n, k in manifest.counts.items() if found.get(n) != k]
    if wrong:
        raise BadBackup(f"{file} does not hold what it says: {', '.join(wrong)}.")
