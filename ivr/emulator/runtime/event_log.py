"""The record of everything that happened, in order: what tests assert on."""

import asyncio
import secrets
from bisect import bisect_left
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

from ivr.emulator.runtime.clock import Clock
from ivr.emulator.runtime.formats import iso

Entry = dict[str, Any]
WEEK = 7 * 86_400.0  # seconds


@dataclass(kw_only=True)
class Journal:
    """`keep`: seconds that entries, and whatever else is over, are remembered (see World.tidy)."""

    clock: Clock
    keep: float = WEEK
    entries: list[Entry] = field(default_factory=list)
    on_error: list[Callable[[Entry], None]] = field(default_factory=list)
    _gone: int = 0  # entries let go, so that numbers stay what they were
    run: str = field(default_factory=lambda: secrets.token_hex(4))  # changes when counting begins anew
    news: asyncio.Event = field(default_factory=asyncio.Event)  # set, then replaced, when there is any

    @property
    def count(self) -> int:
        """Entries written so far, those let go included."""
        return self._gone + len(self.entries)

    def write(self, kind: str, *, call: str | None = None, who: str | None = None, **facts: Any) -> Entry:
        """Add an entry; `n` counts from 1, `at` is ISO 8601 UTC, `epoch` the same in seconds."""
        now = self.clock.now()
        entry = {
            "n": self.count + 1,
            "at": iso(now),
            "epoch": round(now, 3),
            "kind": kind,
            "call": call,
            "who": who,
            **facts,
        }
        self.entries.append(entry)
        self.stir()
        return entry

    def error(self, code: int, message: str, *, call: str | None = None, **facts: Any) -> None:
        """What Twilio shows a developer in its debugger."""
        entry = self.write("error", call=call, code=code, message=message, **facts)
        for tell in self.on_error:
            tell(entry)

    async def after(self, n: int, wait: float) -> list[Entry]:
        """Entries numbered above `n`, waiting up to `wait` real seconds for the first."""
        if self.count <= n and wait > 0:
            with suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    while self.count <= n:
                        await self.news.wait()
        return self.since(n)

    def since(self, n: int, most: int | None = None) -> list[Entry]:
        """Entries numbered above `n` that are still remembered, the first `most` of them."""
        first = max(0, n - self._gone)
        return self.entries[first : None if most is None else first + most]

    def stir(self) -> None:
        """Wake those who watch: something changed, though it may be no entry, such as what a leg hears."""
        self.news.set()
        self.news = asyncio.Event()

    def clear(self) -> None:
        self.entries.clear()
        self._gone = 0
        self.run = secrets.token_hex(4)
        self.stir()

    def let_go(self, before: float) -> None:
        """Forget entries from before that moment, in epoch seconds."""
        old = bisect_left(self.entries, before, key=itemgetter("epoch"))
        del self.entries[:old]
        self._gone += old
