"""The scheduler's eye on itself: when was anybody last looking, and what may have been missed since?"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import structlog

from ivr.domain.errors import MemoryFull
from ivr.services import Services
from ivr.store.change import Change
from ivr.store.queries import outages, scheduler
from ivr.store.store import translate_redis_errors
from ivr.usecases.event_log.archive import DailyArchiver
from ivr.usecases.privacy.erased_list import ErasedList
from ivr.usecases.quarantine import state as quarantine_state
from ivr.usecases.quarantine.rollback_detector import RollbackDetector
from ivr.usecases.scheduler.alarms import AlarmMonitor

log = structlog.get_logger()


class SchedulerMonitor:
    """One per scheduler; any number may watch."""

    HEARTBEAT_SECONDS = 10.0  # seconds between notes that somebody looks
    OUTAGE_RETRY_SECONDS = 60.0  # seconds until an outage that could not be made good is tried again
    RECORDINGS_CHECK_SECONDS = 600.0  # seconds between looks for messages whose webhook was lost
    MARGIN_SECONDS = (
        1200.0  # seconds: a message is as old as its beginning, and Twilio works on it after its end
    )

    def __init__(self) -> None:
        self._was_unreachable = True  # just started
        self._heartbeat_at = self._twilio_asked_at = 0.0
        self._alarm_monitor = AlarmMonitor()
        self._archive_monitor = DailyArchiver()
        self._erased_list = ErasedList()
        self._rollback_detector: RollbackDetector | None = None

    def on_connection_lost(self) -> None:
        """Redis cannot be reached."""
        self._was_unreachable = True

    def check(self, services: Services) -> None:
        """Called at every look of the scheduler. Raises Unavailable."""
        now = services.clock.now()
        # a Redis server that took over may be behind
        self._heartbeat_at, self._twilio_asked_at = (
            min(self._heartbeat_at, now),
            min(self._twilio_asked_at, now),
        )
        self._rollback_detector = self._rollback_detector or RollbackDetector(services.settings.spool)
        if self._was_unreachable:
            self._rollback_detector.check(services)
            self._record_outage(services)
            self._was_unreachable, self._twilio_asked_at = False, now
        self._alarm_monitor.check(services)
        self._archive_monitor.run_next_step(services)
        if now - self._heartbeat_at >= self.HEARTBEAT_SECONDS:
            self._heartbeat_at = now
            self._rollback_detector.check(services)
            self._erased_list.synchronize(services)
            _write(services, partial(scheduler.set_last_run, now))
        if now - self._twilio_asked_at >= self.OUTAGE_RETRY_SECONDS and services.store.read(outages.exists()):
            self._twilio_asked_at = now
            _enqueue(services, outages.RECORD_KEY)
        if now - self._twilio_asked_at >= self.RECORDINGS_CHECK_SECONDS:
            since, self._twilio_asked_at = self._twilio_asked_at - self.MARGIN_SECONDS, now
            if not _enqueue(services, f"recordings:{since:.0f}"):
                _write(services, partial(outages.begin, since))  # tried again like an outage, in a minute

    def _record_outage(self, services: Services) -> None:
        """An outage ends: from when on is kept until it was made good; an earlier one that was not counts.

        A database that was restored is brought up to date by another look (usecases/restore/run.py).
        """
        looked = services.store.read(scheduler.get_last_run())
        if looked is None or quarantine_state.get_current(services.store) is not None:
            return
        _write(services, partial(outages.begin, looked - self.MARGIN_SECONDS))
        _enqueue(services, outages.RECORD_KEY)


def _enqueue(services: Services, key: str) -> bool:
    """Enqueue a job; False when memory is full. That must not keep the scheduler from what is due."""
    try:
        with translate_redis_errors():
            services.jobs.enqueue(key)
    except MemoryFull:
        log.warning("enqueue_refused_memory_full", member=key)
        return False
    return True


def _write(services: Services, write: Callable[[Change], None]) -> None:
    """As a change, because that is written even when memory is full."""
    change = services.store.begin()
    write(change)
    services.store.commit_best_effort(change)
