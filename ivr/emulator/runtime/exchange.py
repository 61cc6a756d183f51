"""What every part of the emulator shares: time, the journal, identifiers, webhooks and background tasks."""

import asyncio
import sys
import traceback
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any

from ivr.emulator.runtime.clock import Clock
from ivr.emulator.runtime.event_log import Journal
from ivr.emulator.runtime.faults import Faults, What, Where
from ivr.emulator.runtime.formats import Sids, rfc2822
from ivr.emulator.runtime.idle import Busy
from ivr.emulator.webhooks.sender import Hook, Hooks

OVERTAKEN = 1.0  # seconds that a reordered event is behind
API_VERSION = "2010-04-01"


@dataclass(kw_only=True)
class Exchange:
    account_sid: str
    auth_token: str
    clock: Clock
    journal: Journal
    sids: Sids
    faults: Faults
    busy: Busy
    hooks: Hooks
    tasks: set[asyncio.Task[Any]] = field(default_factory=set)
    _chains: dict[str, asyncio.Task[None]] = field(default_factory=dict)

    @property
    def now(self) -> float:
        return self.clock.now()

    def spawn(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Run in the background; a fault of the emulator's own is written down, never lost."""
        task = asyncio.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self._finished)
        return task

    def callback(self, subject: str, hook: Hook) -> None:
        """Send a status event. Those about one subject leave in order, each after the one before was answered."""
        fault = self.faults.strike(Where.CALLBACK, hook.url, What.REORDER)
        before = None if fault else self._chains.get(subject)
        hook.where = Where.CALLBACK
        task = self.spawn(self._send_after(before, hook, (fault.seconds or OVERTAKEN) if fault else 0.0))
        if not fault:
            self._chains[subject] = task
            task.add_done_callback(lambda _: self._unchain(subject, task))

    def timestamp(self) -> str:
        return rfc2822(self.now) or ""

    async def stop(self) -> None:
        for task in list(self.tasks):
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        self._chains.clear()

    async def _send_after(self, before: asyncio.Task[None] | None, hook: Hook, delay: float) -> None:
        if before is not None:
            await asyncio.wait({before})
        if delay:
            await self.clock.sleep(delay)
        await self.hooks.send(hook)

    def _unchain(self, subject: str, task: asyncio.Task[None]) -> None:
        if self._chains.get(subject) is task:
            del self._chains[subject]

    def _finished(self, task: asyncio.Task[Any]) -> None:
        self.tasks.discard(task)
        if not task.cancelled() and (problem := task.exception()):
            text = "".join(traceback.format_exception(problem))
            self.journal.error(0, f"the emulator failed: {problem!r}", trace=text)
            print(text, file=sys.stderr)  # noqa: T201 - nobody reads a journal that is about to be lost
