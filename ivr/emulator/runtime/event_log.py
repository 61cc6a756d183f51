"""The record of everything that happened, in order: what tests assert on."""

import asyncio
import secrets
from bisect import bisect_left
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

from ivr.emulator.runtime.clock import EmulatorClock
from ivr.emulator.runtime.formats import format_iso

LogEntry = dict[str, Any]
WEEK_SECONDS = 7 * 86_400.0  # seconds


@dataclass(kw_only=True)
class EventLog:
    """`retention_seconds`: seconds that entries, and whatever else is over, are remembered (see World.remove_expired)."""

    clock: EmulatorClock
    retention_seconds: float = WEEK_SECONDS
    entries: list[LogEntry] = field(default_factory=list)
    on_error: list[Callable[[LogEntry], None]] = field(default_factory=list)
    _dropped_count: int = 0  # entries let go, so that numbers stay what they were
    run_id: str = field(default_factory=lambda: secrets.token_hex(4))  # changes when counting begins anew
    changed: asyncio.Event = field(default_factory=asyncio.Event)  # set, then replaced, when there is any

    @property
    def count(self) -> int:
        """Entries written so far, those let go included."""
        return self._dropped_count + len(self.entries)

    def write(self, kind: str, *, call: str | None = None, who: str | None = None, **facts: Any) -> LogEntry:
        """Add an entry; `n` counts from 1, `at` is ISO 8601 UTC, `epoch` the same in seconds."""
        now = self.clock.now()
        entry = {
            "n": self.count + 1,
            "at": format_iso(now),
            "epoch": round(now, 3),
            "kind": kind,
            "call": call,
            "who": who,
            **facts,
        }
        self.entries.append(entry)
        self.notify_watchers()
        return entry

    def write_error(self, code: int, message: str, *, call: str | None = None, **facts: Any) -> None:
        """What Twilio shows a developer in its debugger."""
        entry = self.write("error", call=call, code=code, message=message, **facts)
        for tell in self.on_error:
            tell(entry)

    async def wait_for_entries(self, after: int, max_wait_seconds: float) -> list[LogEntry]:
        """Entries numbered above `after`, waiting up to `max_wait_seconds` real seconds for the first."""
        if self.count <= after and max_wait_seconds > 0:
            with suppress(TimeoutError):
                async with asyncio.timeout(max_wait_seconds):
                    while self.count <= after:
                        await self.changed.wait()
        return self.entries_after(after)

    def entries_after(self, after: int, limit: int | None = None) -> list[LogEntry]:
        """Entries numbered above `after` that are still remembered, the first `limit` of them."""
        first = max(0, after - self._dropped_count)
        return self.entries[first : None if limit is None else first + limit]

    def notify_watchers(self) -> None:
        """Wake those who watch: something changed, though it may be no entry, such as what a leg hears."""
        self.changed.set()
        self.changed = asyncio.Event()

    def clear(self) -> None:
        self.entries.clear()
        self._dropped_count = 0
        self.run_id = secrets.token_hex(4)
        self.notify_watchers()

    def drop_before(self, cutoff: float) -> None:
        """Forget entries from before that moment, in epoch seconds."""
        old = bisect_left(self.entries, cutoff, key=itemgetter("epoch"))
        del self.entries[:old]
        self._dropped_count += old
