"""Knowing when nothing is under way: no webhook in flight and no task ready to run.

asyncio asks its selector to wait only when no callback is ready, so a selector that notices being asked to
wait knows that the loop is idle. That needs no private part of asyncio.
"""

import asyncio
import selectors
from collections.abc import Iterator
from contextlib import contextmanager


class WatchfulSelector(selectors.DefaultSelector):
    def __init__(self) -> None:
        super().__init__()
        self.waiters: list[asyncio.Future[None]] = []

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if not self.waiters or timeout == 0:
            return super().select(timeout)
        events = super().select(0)
        if not events:
            waiters, self.waiters = self.waiters, []
            for waiter in waiters:
                if not waiter.done():
                    waiter.set_result(None)
        return events


class Busy:
    """Counts what is under way outside the loop (requests on the wire)."""

    def __init__(self, selector: WatchfulSelector) -> None:
        self._selector = selector
        self._quiet = asyncio.Event()
        self._quiet.set()
        self.count = 0
        self.begun = 0  # how many there have been

    @contextmanager
    def working(self) -> Iterator[None]:
        self.count += 1
        self.begun += 1
        self._quiet.clear()
        try:
            yield
        finally:
            self.count -= 1
            if not self.count:
                self._quiet.set()

    async def settled(self) -> None:
        while True:
            await self._quiet.wait()
            idle: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._selector.waiters.append(idle)
            await idle
            if not self.count:
                return
