"""The reconciler: whatever is due gets a bell. Any number may run; a bell too many finds nothing left to do."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from typing import Any

import structlog
from redis.exceptions import RedisError

from ivr.domain.errors import MemoryFull, Unavailable
from ivr.services import Services
from ivr.store import keys, wake
from ivr.store.store import reaching
from ivr.usecases import spool, tend
from ivr.usecases.watch import Watch

log = structlog.get_logger()

GRACE = 5.0  # seconds until a bell that was lost is rung again
EVERY = 0.2
AGAIN = 1.0  # seconds between attempts to reach the record
FOLLOW = 30.0  # seconds between looks at the Redis server's clock


def run(s: Services) -> None:
    """Until told to stop. Wakes at once when a change says that something is due now, and every 0.2 s anyway."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    drain, watch = spool.Drain(s.settings.spool), Watch()
    while not stop.is_set():
        try:
            with _listening(s) as wait:  # anew after an outage: another server may be the primary now
                while not stop.is_set():
                    watch.look(s)  # first: a record that went back rings nobody
                    once(s)
                    drain.run(s)
                    wait()
        except (Unavailable, RedisError) as e:
            log.error("record_unreachable", why=str(e))  # noqa: TRY400 - an outage, not a bug
            watch.lost()
            stop.wait(AGAIN)


def once(s: Services) -> int:
    """One look. Returns how many bells were rung."""
    s.clock.follow()
    due = wake.take(s.store, s.clock.now(), grace=GRACE)
    for member in due:
        _ring(s, member)
    return len(due)


def _ring(s: Services, member: str) -> None:
    """With no room for a job, the look is taken here: transitions go on when memory is full."""
    try:
        with reaching():
            s.bell.ring(member)
    except MemoryFull:
        tend.look(s, member)


@contextlib.contextmanager
def _listening(s: Services) -> Iterator[Callable[[], None]]:
    redis: Any = s.store.redis
    pubsub = redis.pubsub(ignore_subscribe_messages=True)
    pubsub.subscribe(keys.BELL)

    def wait() -> None:
        pubsub.get_message(timeout=EVERY)

    try:
        yield wait
    finally:
        pubsub.close()
