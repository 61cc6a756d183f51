"""The time of a play: a clock moved by hand for the line and for the emulator, on from event to event.

Between two events the line settles: no webhook is in flight, no job runs and nothing is due.
"""

from __future__ import annotations

import math
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ivr.cli.demo.stage_idle import IdleCheck
from ivr.domain.errors import CalorError
from ivr.services import Services
from ivr.settings import Settings
from ivr.store.queries import due_index, stage

SETTLE_TIMEOUT_SECONDS = 20.0  # seconds of real time in which nothing at all happens while something is due
MAX_ENQUEUE_SECONDS = 0.2  # seconds of real time from a wake that is taken to its bell, at most
LOST_JOB_SECONDS = 5.0  # seconds of real time after which a job that goes on was its worker's last
CLOCK_PATH = "/emulator/clock"
SETTLED_CLOCK_PATH = (
    f"{CLOCK_PATH}?settled=0.05"  # answered when nothing is on the wire there, or after so many real seconds
)
MIN_PAUSE_SECONDS, MAX_PAUSE_SECONDS = 0.002, 0.01  # seconds of real time between two looks
JsonObject = dict[str, Any]
MAX_STEP_SECONDS = 5.0  # most seconds of play time between looks


class StageStuck(CalorError):
    """The line does not settle."""


@dataclass(kw_only=True)
class StageTime(ABC):
    """`settle_timeout_seconds`: real seconds after which a line that does not settle is given up (`StageStuck`)."""

    settle_timeout_seconds: float = SETTLE_TIMEOUT_SECONDS
    max_enqueue_seconds: float = (
        MAX_ENQUEUE_SECONDS  # in a long play 0: a bell that is about to be rung rings in the next second
    )
    settings: Settings = field(init=False)
    services: Services = field(init=False)
    # the emulator's clock, as long as nobody did anything there
    idle_clock: JsonObject | None = field(init=False, default=None)
    idle_check: IdleCheck = field(init=False)
    scheduler_woken_at: float = field(
        init=False, default=0.0
    )  # play time at which the reconciler was last woken

    @abstractmethod
    def call_control_api(self, method: str, path: str, body: Any = None) -> Any:
        """Ask the emulator; whatever may change something there sets `idle_clock` to None."""

    @property
    def now(self) -> float:
        return stage.get_clock(self.services.store)

    def play(self, seconds: float, *, until: Callable[[], bool] | None = None) -> bool:
        """Let time pass, from event to event; stops early when `until` says so. True when it did."""
        end = round(self.now + seconds, 3)  # the clock counts milliseconds
        self.settle()
        while True:
            if until is not None and until():
                return True
            now = self.services.clock.now()
            if now >= end:
                return until is None
            self._step(min(end, max(now + 0.01, self._next_event_time(now))))

    def _step(self, to: float) -> None:
        """Move both clocks and wait until everything has settled again.

        Most events on the telephone network (somebody is still listening, a prompt goes on) reach nobody. When the
        emulator sent nothing and the record has nothing due, nothing can be under way: that takes one look, and no
        waiting. The reconciler is still woken every STEP seconds of play time, for what it does on its own.
        """
        before = self.idle_clock
        self._set_clocks(to)
        after = self.idle_clock
        quiet = before is not None and after is not None and before["sent"] == after["sent"]
        if quiet and to - self.scheduler_woken_at < MAX_STEP_SECONDS and self._is_redis_idle(math.inf):
            return
        self._wake_scheduler()
        self.settle()

    def jump_to(self, moment: float) -> None:
        """On to that moment in one stride: what the line does within it, it does at its end. For long plays."""
        self._move_clocks(moment)
        self.settle()

    def get_emulator_clock(self) -> JsonObject:
        """Return the emulator's clock: when something happens next there, since when some caller has heard nothing."""
        clock: JsonObject = self.idle_clock or self.call_control_api("GET", CLOCK_PATH)
        return clock

    def _next_event_time(self, now: float) -> float:
        clock = self.get_emulator_clock()
        due = self.services.store.read(due_index.get_earliest())
        return min(
            clock["next"] or now + MAX_STEP_SECONDS, due or now + MAX_STEP_SECONDS, now + MAX_STEP_SECONDS
        )

    def _move_clocks(self, to: float) -> None:
        self._set_clocks(to)
        self._wake_scheduler()

    def _set_clocks(self, to: float) -> None:
        """The record's clock, then the emulator's, whose answer comes once nothing is on the wire there."""
        stage.set_clock(self.services.store, to)
        self.services.clock.set_manual_time(f"{to:.3f}")
        clock: JsonObject = self.call_control_api("POST", CLOCK_PATH, {"to": to})
        self.idle_clock = None if clock["busy"] else clock

    def _wake_scheduler(self) -> None:
        """Have it look now, not within 0.2 s of real time."""
        self.scheduler_woken_at = self.services.clock.now()
        stage.wake_scheduler(self.services.store)

    def settle(self) -> None:
        """Wait, in real time, until no webhook is in flight, no job runs and nothing is due.

        That is so when the record rests between two looks at the emulator, and the emulator sent nothing from the one
        to the other. The pause between looks grows: a look costs three processes more than waiting a little longer.
        """
        began, pause = time.monotonic(), MIN_PAUSE_SECONDS
        before, let_go = self.idle_clock, False
        while True:
            spent = time.monotonic() - began
            clock: JsonObject | None = (
                self.call_control_api("GET", SETTLED_CLOCK_PATH) if self._is_redis_idle(spent) else None
            )
            if clock is not None and clock["busy"]:
                clock = None
            if before is not None and clock is not None and before["sent"] == clock["sent"]:
                self.idle_clock = clock
                return
            before = clock
            if spent > self.settle_timeout_seconds:
                raise StageStuck(
                    f"Something is still under way after {self.settle_timeout_seconds:.0f} s: {self._describe_pending_work()}"
                )
            if spent > LOST_JOB_SECONDS and not let_go:
                let_go = True
                self.services.jobs.discard_taken_jobs()
            if clock is None:
                time.sleep(pause)
                pause = min(pause * 1.5, MAX_PAUSE_SECONDS)

    def _is_redis_idle(self, waited_seconds: float) -> bool:
        """Whether the record asks for nothing now; one round trip. `waited_seconds`: real seconds of waiting so far."""
        return not any(self.settings.spool.glob("*.json")) and self.idle_check.is_idle(
            await_enqueued=waited_seconds <= self.max_enqueue_seconds
        )

    def _describe_pending_work(self) -> str:
        return f"emulator {self.call_control_api('GET', CLOCK_PATH)}, record {self.idle_check.describe()}, now {self.now}"
