"""The emulator's time: every wait goes through an `EmulatorClock`, so that a test can own it."""

import asyncio
import heapq
import itertools
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable

CLOCK_TOLERANCE_SECONDS = (
    0.001  # seconds: times are told to the millisecond, and a sleeper due at a told time is due
)


class EmulatorClock(ABC):
    mode: str
    speed: float  # seconds of this clock in a second of real time, when nobody moves it

    @abstractmethod
    def now(self) -> float:
        """Seconds since 1970, UTC."""

    @abstractmethod
    async def sleep(self, seconds: float) -> None:
        """Return once `seconds` of this clock have passed. Never early."""

    @abstractmethod
    def next_wake_time(self) -> float | None:
        """When the next sleeper wakes, or None when nobody sleeps."""


class RealClock(EmulatorClock):
    mode = "real"

    def __init__(self, start: float, speed: float = 1.0) -> None:
        self._loop = asyncio.get_running_loop()
        self._start = start
        self._origin = self._loop.time()
        self.speed = speed
        self._sleepers: dict[int, float] = {}
        self._keys = itertools.count()

    def now(self) -> float:
        return self._start + (self._loop.time() - self._origin) * self.speed

    async def sleep(self, seconds: float) -> None:
        key = next(self._keys)
        self._sleepers[key] = self.now() + seconds
        try:
            await asyncio.sleep(max(0.0, seconds) / self.speed)
        finally:
            del self._sleepers[key]

    def next_wake_time(self) -> float | None:
        return min(self._sleepers.values(), default=None)


class ManualClock(EmulatorClock):
    """Stands still until `advance`; then sleepers wake one by one, in order, each with everything it causes."""

    mode = "manual"
    speed = 0.0

    def __init__(self, start: float) -> None:
        self._now = start
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._ordinals = itertools.count()
        self._lock = asyncio.Lock()

    def now(self) -> float:
        return self._now

    async def sleep(self, seconds: float) -> None:
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._now + max(0.0, seconds), next(self._ordinals), woken))
        if seconds <= 0:
            self._wake_due()
        await woken

    def next_wake_time(self) -> float | None:
        while self._sleepers and self._sleepers[0][2].done():
            heapq.heappop(self._sleepers)
        return self._sleepers[0][0] if self._sleepers else None

    async def advance(self, to: float, settle: Callable[[], Awaitable[None]]) -> None:
        """Move to `to` (epoch seconds). `settle` returns when nothing is under way any more."""
        async with self._lock:
            await settle()
            while (at := self.next_wake_time()) is not None and at <= to + CLOCK_TOLERANCE_SECONDS:
                self._now = max(self._now, at)
                heapq.heappop(self._sleepers)[2].set_result(None)
                await settle()
            self._now = max(self._now, to)

    def reset_to(self, at: float) -> None:
        """Another play begins, at an earlier time perhaps. Nobody may be asleep."""
        self._now = at

    def _wake_due(self) -> None:
        while (at := self.next_wake_time()) is not None and at <= self._now:
            heapq.heappop(self._sleepers)[2].set_result(None)
