"""The reconciler's eye on itself: when was anybody last looking, and what may have been missed since?"""

from __future__ import annotations

import structlog

from ivr.domain.errors import MemoryFull
from ivr.services import Services
from ivr.store import keys
from ivr.store.change import Change
from ivr.store.store import reaching
from ivr.usecases.event_log.archive import Daily
from ivr.usecases.privacy.erased_list import List
from ivr.usecases.quarantine import state as quarantine_state
from ivr.usecases.quarantine.rollback_detector import Eye
from ivr.usecases.scheduler.alarms import Rounds

log = structlog.get_logger()


class Watch:
    """One per reconciler; any number may watch."""

    BEAT = 10.0  # seconds between notes that somebody looks
    AGAIN = 60.0  # seconds until an outage that could not be made good is tried again
    ROUND = 600.0  # seconds between looks for messages whose webhook was lost
    MARGIN = 1200.0  # seconds: a message is as old as its beginning, and Twilio works on it after its end

    def __init__(self) -> None:
        self._gap = True  # just started
        self._beat = self._asked = 0.0
        self._rounds = Rounds()
        self._daily = Daily()
        self._forgotten = List()
        self._eye: Eye | None = None

    def lost(self) -> None:
        """The record cannot be reached."""
        self._gap = True

    def look(self, s: Services) -> None:
        """Called at every look of the reconciler. Raises Unavailable."""
        now = s.clock.now()
        # a Redis server that took over may be behind
        self._beat, self._asked = min(self._beat, now), min(self._asked, now)
        self._eye = self._eye or Eye(s.settings.spool)
        if self._gap:
            self._eye.look(s)
            self._mark(s)
            self._gap, self._asked = False, now
        self._rounds.look(s)
        self._daily.look(s)
        if now - self._beat >= self.BEAT:
            self._beat = now
            self._eye.look(s)
            self._forgotten.look(s)
            _write(s, "SET", keys.LOOKED, f"{now:.3f}")
        if now - self._asked >= self.AGAIN and s.store.read([("EXISTS", keys.OUTAGE)])[0]:
            self._asked = now
            _ring(s, keys.OUTAGE + ":")
        if now - self._asked >= self.ROUND:
            since, self._asked = self._asked - self.MARGIN, now
            if not _ring(s, f"recordings:{since:.0f}"):
                _write(s, "SET", keys.OUTAGE, f"{since:.3f}", "NX")  # tried again like an outage, in a minute

    def _mark(self, s: Services) -> None:
        """An outage ends: from when on is kept until it was made good; an earlier one that was not counts.

        A record that was restored is brought up to date by another look (usecases/restore/run.py).
        """
        (looked,) = s.store.read([("GET", keys.LOOKED)])
        if looked is None or quarantine_state.current(s.store) is not None:
            return
        since = f"{float(looked) - self.MARGIN:.3f}"
        _write(s, "SET", keys.OUTAGE, since, "NX")
        _ring(s, keys.OUTAGE + ":")


def _ring(s: Services, member: str) -> bool:
    """Enqueue a job; False when memory is full. That must not keep the reconciler from what is due."""
    try:
        with reaching():
            s.bell.ring(member)
    except MemoryFull:
        log.warning("enqueue_refused_memory_full", member=member)
        return False
    return True


def _write(s: Services, *command: str) -> None:
    """As a change, because that is written even when memory is full."""
    change = Change(now=s.clock.now())
    change.op(*command)
    s.store.commit(change)
