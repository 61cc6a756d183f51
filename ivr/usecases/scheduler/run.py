"""The reconciler: whatever is due gets a bell. Any number may run; a bell too many finds nothing left to do."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from typing import Any

import structlog

from ivr.domain.errors import MemoryFull
from ivr.redis_errors import is_outage
from ivr.services import Services
from ivr.store import keys
from ivr.store.queries import due_index
from ivr.store.store import reaching
from ivr.usecases.outages import spool
from ivr.usecases.scheduler import dispatch
from ivr.usecases.scheduler.monitors import Watch

log = structlog.get_logger()

GRACE = 5.0  # seconds until a bell that was lost is rung again
EVERY = 0.2
AGAIN = 0.5  # seconds between attempts to reach the record
FOLLOW = 30.0  # seconds between looks at the Redis server's clock


def run(s: Services) -> None:
    """Run until told to stop. Wakes at once when a change says that something is due now, and every 0.2 s anyway.

    No error ends it, as none ends a worker (see `jobs.work`): an outage passes, and a bug is logged with its traceback at each
    attempt, while `/ready` reports what is overdue.
    """
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
        except Exception as e:
            if is_outage(e):
                log.error("redis_unreachable", why=str(e))  # noqa: TRY400 - an outage, not a bug
                watch.lost()
            else:
                log.exception("scheduler_failed")
            stop.wait(AGAIN)


def once(s: Services) -> int:
    """One look. Returns how many bells were rung."""
    s.clock.follow()
    due = due_index.take(s.store, s.clock.now(), grace=GRACE)
    for member in due:
        try:
            _ring(s, member)
        except Exception as e:
            if is_outage(e):
                raise
            log.exception(
                "enqueue_failed", member=member
            )  # the others are rung; this one is due again after GRACE
    return len(due)


def _ring(s: Services, member: str) -> None:
    """With no room for a job, the look is taken here: transitions go on when memory is full."""
    try:
        with reaching():
            s.bell.ring(member)
    except MemoryFull:
        dispatch.look(s, member)


@contextlib.contextmanager
def _listening(s: Services) -> Iterator[Callable[[], None]]:
    redis: Any = s.store.redis
    pubsub = redis.pubsub(ignore_subscribe_messages=True)

    def wait() -> None:
        pubsub.get_message(timeout=EVERY)

    try:
        pubsub.subscribe(keys.BELL)
        yield wait
    finally:
        pubsub.close()
