"""Whether the record of a line asks for nothing, so that a clock moved by hand may go on."""

from __future__ import annotations

from typing import Any

from ivr.services import Services
from ivr.store import keys
from ivr.usecases.scheduler.run import GRACE_SECONDS

# the clock; jobs queued, taken and running; when the next look is due; how many looks are due within ARGV
IDLE_SCRIPT = """#!lua flags=no-writes
local work = 0
for i = 3, #KEYS, 3 do
  work = work + redis.call('LLEN', KEYS[i]) + redis.call('LLEN', KEYS[i + 1]) + redis.call('ZCARD', KEYS[i + 2])
end
local first = redis.call('ZRANGE', KEYS[2], 0, 0, 'WITHSCORES')
return {redis.call('GET', KEYS[1]), work, first[2] or false, redis.call('ZCOUNT', KEYS[2], ARGV[1], ARGV[2])}
"""


class IdleCheck:
    """One command for each question: a stage asks some fifty times a second."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._script: Any = services.store.redis.register_script(IDLE_SCRIPT)

    def is_idle(self, *, await_enqueued: bool) -> bool:
        """Whether no job is queued, taken or running and no look is due.

        `await_enqueued`: also that no look was moved on by the grace period just now: its job may not be queued yet.
        """
        clock = self._services.clock
        now = clock.now()
        seen, work, due, moved = self._query(now)
        clock.set_manual_time(seen)
        if work or clock.now() != now or (due and float(due) <= now):
            return False
        return not (moved and await_enqueued)

    def describe(self) -> str:
        """Return what it finds now, for the message of a failure."""
        _, work, due, moved = self._query(self._services.clock.now())
        first = self._services.store.redis.zrange(keys.DUE, 0, 4, withscores=True)
        return f"jobs {work}, next look {due}, moved on {moved}, looks {first}"

    def _query(self, now: float) -> tuple[str | None, int, str | None, int]:
        again = now + GRACE_SECONDS
        names = [keys.MANUAL_CLOCK, keys.DUE, *self._services.jobs.list_work_keys()]
        found: tuple[str | None, int, str | None, int] = self._script(
            keys=names, args=[again - 0.001, again + 0.001]
        )
        return found
