"""Waiting for other processes, as long as it takes and no longer."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

LONGEST = 90.0  # a hung test must end; a slow machine is no failure


def eventually(holds: Callable[[], bool]) -> None:
    """Returns as soon as `holds` does; fails after LONGEST seconds."""
    deadline = time.monotonic() + LONGEST
    tick = threading.Event()
    while not holds():
        assert time.monotonic() < deadline, "it never came true"
        tick.wait(0.005)


def lives(pid: int) -> bool:
    """A process that ended but was not waited for by its parent does not live."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat")
    try:
        return status.read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return not Path("/proc/self").exists()


def pings(url: str) -> Callable[[], bool]:
    def ready() -> bool:
        redis = Redis.from_url(url, socket_timeout=1, socket_connect_timeout=1)
        try:
            return bool(redis.ping())
        except RedisError:
            return False
        finally:
            redis.close()

    return ready
