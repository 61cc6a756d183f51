"""The record of everything that happened, in order: what tests assert on."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

from ivr.emulator.clock import Clock
from ivr.emulator.formats import iso

Entry = dict[str, Any]


@dataclass(kw_only=True)
class Journal:
    clock: Clock
    entries: list[Entry] = field(default_factory=list)
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    def write(self, kind: str, *, call: str | None = None, who: str | None = None, **facts: Any) -> Entry:
        """Add an entry; `n` counts from 1, `at` is ISO 8601 UTC, `epoch` the same in seconds."""
        now = self.clock.now()
        entry = {
            "n": len(self.entries) + 1,
            "at": iso(now),
            "epoch": round(now, 3),
            "kind": kind,
            "call": call,
            "who": who,
            **facts,
        }
        self.entries.append(entry)
        self._news.set()
        self._news = asyncio.Event()
        return entry

    def error(self, code: int, message: str, *, call: str | None = None, **facts: Any) -> None:
        """What Twilio shows a developer in its debugger."""
        self.write("error", call=call, code=code, message=message, **facts)

    async def after(self, n: int, wait: float) -> list[Entry]:
        """Entries numbered above `n`, waiting up to `wait` real seconds for the first."""
        if len(self.entries) <= n and wait > 0:
            try:
                async with asyncio.timeout(wait):
                    while len(self.entries) <= n:
                        await self._news.wait()
            except TimeoutError:
                return []
        return self.entries[n:]

    def clear(self) -> None:
        self.entries.clear()
