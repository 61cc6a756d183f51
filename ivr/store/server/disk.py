"""The disk under Redis, when it is a disk of this machine."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from redis import Redis

LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, kw_only=True)
class Disk:
    """`free_bytes`: in bytes; `used_share` as df counts it: what is kept for root alone is not free."""

    folder: Path
    used_share: float
    free_bytes: int


def find_redis_disk(redis: Redis, config: Mapping[str, str] | None) -> Disk | None:
    """None when the server is elsewhere, or does not say where it writes: then only its own words tell of its disk.

    `config`: of the server. That its append-only folder is found here shows that "here" is the same machine, and no
    container's own idea of a path.
    """
    if not config or not config.get("dir") or not _is_local(redis):
        return None
    folder = Path(config["dir"])
    if not (folder / config.get("appenddirname", "appendonlydir")).is_dir():
        return None
    return get_disk(folder)


def get_disk(folder: Path) -> Disk:
    """The disk that a folder is on."""
    found = shutil.disk_usage(folder)
    return Disk(folder=folder, used_share=found.used / max(1, found.used + found.free), free_bytes=found.free)


def _is_local(redis: Redis) -> bool:
    how = redis.connection_pool.connection_kwargs
    return bool(how.get("path")) or how.get("host") in LOCAL_HOSTS
