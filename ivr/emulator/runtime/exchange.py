"""What every part of the emulator shares: time, the journal, identifiers, webhooks and background tasks."""

import asyncio
import sys
import traceback
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any

from ivr.emulator.runtime.clock import EmulatorClock
from ivr.emulator.runtime.event_log import EventLog
from ivr.emulator.runtime.faults import FaultInjector, FaultKind, RequestKind
from ivr.emulator.runtime.formats import SidGenerator, format_rfc2822
from ivr.emulator.runtime.idle import InFlightCounter
from ivr.emulator.webhooks.request import WebhookRequest
from ivr.emulator.webhooks.sender import WebhookSender

REORDER_DELAY_SECONDS = 1.0  # seconds that a reordered event is behind
API_VERSION = "2010-04-01"


@dataclass(kw_only=True)
class Exchange:
    account_sid: str
    auth_token: str
    clock: EmulatorClock
    event_log: EventLog
    sids: SidGenerator
    faults: FaultInjector
    in_flight: InFlightCounter
    webhooks: WebhookSender
    tasks: set[asyncio.Task[Any]] = field(default_factory=set)
    _last_callback_tasks: dict[str, asyncio.Task[None]] = field(default_factory=dict)

    @property
    def now(self) -> float:
        return self.clock.now()

    def spawn(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Run in the background; a fault of the emulator's own is written down, never lost."""
        task = asyncio.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self._on_task_done)
        return task

    def send_callback(self, subject: str, request: WebhookRequest) -> None:
        """Send a status event. Those about one subject leave in order, each after the one before was answered."""
        fault = self.faults.trigger(RequestKind.CALLBACK, request.url, FaultKind.REORDER)
        before = None if fault else self._last_callback_tasks.get(subject)
        request.kind = RequestKind.CALLBACK
        task = self.spawn(
            self._send_after(before, request, (fault.seconds or REORDER_DELAY_SECONDS) if fault else 0.0)
        )
        if not fault:
            self._last_callback_tasks[subject] = task
            task.add_done_callback(lambda _: self._forget_callback_task(subject, task))

    def timestamp(self) -> str:
        return format_rfc2822(self.now) or ""

    async def cancel_tasks(self) -> None:
        for task in list(self.tasks):
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        self._last_callback_tasks.clear()

    async def _send_after(
        self, predecessor: asyncio.Task[None] | None, request: WebhookRequest, delay: float
    ) -> None:
        if predecessor is not None:
            await asyncio.wait({predecessor})
        if delay:
            await self.clock.sleep(delay)
        await self.webhooks.send(request)

    def _forget_callback_task(self, subject: str, task: asyncio.Task[None]) -> None:
        if self._last_callback_tasks.get(subject) is task:
            del self._last_callback_tasks[subject]

    def _on_task_done(self, task: asyncio.Task[Any]) -> None:
        self.tasks.discard(task)
        if not task.cancelled() and (problem := task.exception()):
            text = "".join(traceback.format_exception(problem))
            self.event_log.write_error(0, f"the emulator failed: {problem!r}", trace=text)
            print(text, file=sys.stderr)  # noqa: T201 - nobody reads a journal that is about to be lost
