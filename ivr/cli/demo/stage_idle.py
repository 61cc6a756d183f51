"""Whether the record of a line asks for nothing, so that a clock moved by hand may go on."""

from __future__ import annotations

from ivr.services import Services
from ivr.store.queries import stage
from ivr.store.queries.stage import OpenWork, WorkFinder
from ivr.usecases.scheduler.run import GRACE_SECONDS


class IdleCheck:
    """One command for each question: a stage asks some fifty times a second."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._finder = WorkFinder(services.store, services.jobs.list_work_keys())

    def is_idle(self, *, await_enqueued: bool) -> bool:
        """Whether no job is queued, taken or running and no look is due.

        `await_enqueued`: also that no look was moved on by the grace period just now: its job may not be queued yet.
        """
        clock = self._services.clock
        now = clock.now()
        work = self._find_work(now)
        clock.set_manual_time(work.clock)
        if work.job_count or clock.now() != now or (work.due_at is not None and work.due_at <= now):
            return False
        return not (work.due_in_span and await_enqueued)

    def describe(self) -> str:
        """Return what it finds now, for the message of a failure."""
        work = self._find_work(self._services.clock.now())
        first = stage.list_first_due(self._services.store, 5)
        return f"jobs {work.job_count}, next look {work.due_at}, moved on {work.due_in_span}, looks {first}"

    def _find_work(self, now: float) -> OpenWork:
        again = now + GRACE_SECONDS
        return self._finder.find(again - 0.001, again + 0.001)
