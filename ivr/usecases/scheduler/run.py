"""The scheduler: whatever is due gets a job. Any number may run; a job too many finds nothing left to do."""

from __future__ import annotations

import signal
import threading

import structlog

from ivr.domain.errors import MemoryFull
from ivr.redis_errors import is_outage
from ivr.services import Services
from ivr.store.queries import due_index, scheduler
from ivr.store.store import translate_redis_errors
from ivr.usecases.outages import spool
from ivr.usecases.scheduler import dispatch
from ivr.usecases.scheduler.monitors import SchedulerMonitor

log = structlog.get_logger()

GRACE_SECONDS = 5.0  # seconds until a job that was lost is enqueued again
POLL_SECONDS = 0.2
RECONNECT_SECONDS = 0.5  # seconds between attempts to reach Redis


def run(services: Services) -> None:
    """Run until told to stop. Wakes at once when a change says that something is due now, and every 0.2 s anyway.

    No error ends it, as none ends a worker (see `jobs.serve_queue`): an outage passes, and a bug is logged with its traceback at each
    attempt, while `/ready` reports what is overdue.
    """
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    drain, watch = spool.Drain(services.settings.spool), SchedulerMonitor()
    while not stop.is_set():
        try:
            with scheduler.listen_for_due(
                services.store, seconds=POLL_SECONDS
            ) as wait:  # anew after an outage: another server may be the primary now
                while not stop.is_set():
                    watch.check(services)  # first: a database that went back rings nobody
                    enqueue_due(services)
                    drain.run(services)
                    wait()
        except Exception as e:
            if is_outage(e):
                log.error("redis_unreachable", why=str(e))  # noqa: TRY400 - an outage, not a bug
                watch.on_connection_lost()
            else:
                log.exception("scheduler_failed")
            stop.wait(RECONNECT_SECONDS)


def enqueue_due(services: Services) -> int:
    """One look. Returns how many jobs were enqueued."""
    services.clock.sync()
    due = due_index.take_due(services.store, services.clock.now(), grace_seconds=GRACE_SECONDS)
    for member in due:
        try:
            _enqueue(services, member)
        except Exception as e:
            if is_outage(e):
                raise
            log.exception(
                "enqueue_failed", member=member
            )  # the others are enqueued; this one is due again after GRACE_SECONDS
    return len(due)


def _enqueue(services: Services, key: str) -> None:
    """With no room for a job, the look is taken here: transitions go on when memory is full."""
    try:
        with translate_redis_errors():
            services.jobs.enqueue(key)
    except MemoryFull:
        dispatch.process_due(services, key)
