"""Knowing when nothing is under way: no webhook in flight and no task ready to run.

asyncio asks its selector to wait only when no callback is ready, so a selector that notices being asked to
wait knows that the loop is idle. That needs no private part of asyncio.
"""

import asyncio
import selectors
from collections.abc import Iterator
from contextlib import contextmanager


class IdleDetectingSelector(selectors.DefaultSelector):
    def __init__(self) -> None:
        super().__init__()
        self.idle_waiters: list[asyncio.Future[None]] = []

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if not self.idle_waiters or timeout == 0:
            return super().select(timeout)
        events = super().select(0)
        if not events:
            waiters, self.idle_waiters = self.idle_waiters, []
            for waiter in waiters:
                if not waiter.done():
                    waiter.set_result(None)
        return events


class InFlightCounter:
    """Counts what is under way outside the loop (requests on the wire)."""

    def __init__(self, selector: IdleDetectingSelector) -> None:
        self._selector = selector
        self._none_in_flight = asyncio.Event()
        self._none_in_flight.set()
        self.count = 0
        self.total_started = 0  # how many there have been

    @contextmanager
    def track_request(self) -> Iterator[None]:
        self.count += 1
        self.total_started += 1
        self._none_in_flight.clear()
        try:
            yield
        finally:
            self.count -= 1
            if not self.count:
                self._none_in_flight.set()

    async def wait_until_idle(self) -> None:
        while True:
            await self._none_in_flight.wait()
            idle: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._selector.idle_waiters.append(idle)
            await idle
            if not self.count:
                return
