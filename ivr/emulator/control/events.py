"""Everything as it happens: server-sent events, so that a page misses nothing.

Events: `hello` (first, and again when the journal begins anew), `entry` (of the journal, with an id), `leg` (whenever
what is known of it changed: status, what it hears, what is being said), `clock`, and `beat` when nothing else is told.
"""

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from ivr.emulator.account.world import World
from ivr.emulator.control.common import Json
from ivr.emulator.control.leg_json import leg_to_json
from ivr.emulator.control.watching import clock_to_json
from ivr.emulator.rest.common import WORLD_KEY
from ivr.emulator.runtime.clock import ManualClock

POLL_SECONDS = 1.0  # seconds of real time between looks whether the page is still there
POLLS_PER_HEARTBEAT = 10  # looks without news until a sign of life
BATCH_SECONDS = 0.03  # seconds in which news are gathered, so that a burst is told at once
MAX_ENTRIES_PER_CHUNK = 500  # entries in one piece
MAX_ENDED_LEGS = 200  # ended legs that a new page is told of


def routes() -> list[web.RouteDef]:
    return [web.get("/emulator/events", stream_events)]


async def stream_events(request: web.Request) -> web.StreamResponse:
    """`after`: the entry to go on from, negative for the last so many; `phones`: numbers that this page holds meanwhile."""
    world = request.app[WORLD_KEY]
    try:
        after = int(request.query.get("after", "0"))
    except ValueError:
        return web.json_response({"error": "after is no number"}, status=400)
    feed = PageFeed(world=world, start_after=after, last_event_id=request.headers.get("Last-Event-ID", ""))
    numbers = [one for one in request.query.get("phones", "").replace(" ", "+").split(",") if one]
    headers = {"Content-Type": "text/event-stream", "Cache-Control": "no-store"}
    response = web.StreamResponse(headers=headers)
    await response.prepare(request)
    quiet = 0
    with world.attend_phones(numbers):
        while request.transport is not None and not request.transport.is_closing():
            stirred = world.exchange.event_log.changed  # before looking: what comes meanwhile sets it
            told = feed.take_changes() or (
                format_event("beat", clock_to_json(world)) if quiet >= POLLS_PER_HEARTBEAT else ""
            )
            try:
                if told:
                    quiet = 0
                    await response.write(told.encode())
                    await asyncio.sleep(BATCH_SECONDS)
                async with asyncio.timeout(POLL_SECONDS):
                    await stirred.wait()
            except TimeoutError:
                quiet += 1
            except ConnectionResetError:
                break
    return response


def format_event(name: str, data: Any, event_id: str = "") -> str:
    return f"{f'id: {event_id}{chr(10)}' if event_id else ''}event: {name}\ndata: {json.dumps(data)}\n\n"


@dataclass(kw_only=True)
class PageFeed:
    """What one page has been told, and so what is new to it."""

    world: World
    start_after: int
    last_event_id: str  # the id of the last entry it had: run.n
    run_id: str = ""
    cursor: int = 0
    reported_clock: float | None = None
    reported_legs: dict[str, Json] = field(default_factory=dict)

    def take_changes(self) -> str:
        journal = self.world.exchange.event_log
        told: list[str] = []
        if self.run_id != journal.run_id:
            told.append(self._start_run())
        told += self._new_legs()  # an entry about a leg makes sense to one who knows whose it is
        while part := journal.entries_after(self.cursor, MAX_ENTRIES_PER_CHUNK):
            self.cursor = part[-1]["n"]
            told += [
                format_event("entry", self._entry_to_json(one), f"{journal.run_id}.{one['n']}")
                for one in part
            ]
        told += self._changed_legs()
        return "".join([*self._clock_events(), *told])

    def _start_run(self) -> str:
        journal = self.world.exchange.event_log
        again, (run, _, n) = bool(self.run_id), self.last_event_id.partition(".")
        count = journal.count
        if not again and run == journal.run_id and n.isdigit():
            self.cursor = int(n)
        elif again or run:  # it counted in another run
            self.cursor = max(0, count + self.start_after) if self.start_after < 0 else 0
        else:
            self.cursor = max(0, count + self.start_after) if self.start_after < 0 else self.start_after
        self.run_id = journal.run_id
        self.reported_legs.clear()
        ended = [leg for leg in self.world.calls.values() if not leg.is_alive]
        self.reported_legs |= {leg.sid: {} for leg in ended[:-MAX_ENDED_LEGS]}
        return format_event("hello", {"run": self.run_id, "clock": clock_to_json(self.world)})

    def _new_legs(self) -> list[str]:
        new = [leg for leg in self.world.calls.values() if leg.sid not in self.reported_legs]
        return [self._leg_event(leg.sid, leg_to_json(leg)) for leg in new]

    def _changed_legs(self) -> list[str]:
        """What one says of a leg that has ended is told once."""
        told = []
        for sid, before in self.reported_legs.items():
            leg = self.world.calls.get(sid)
            if not before or leg is None or before["ended"] is not None:
                continue
            now = leg_to_json(leg)
            if now | {"duration": 0} != before | {"duration": 0}:  # it grows by itself
                told.append((sid, now))
        return [self._leg_event(sid, now) for sid, now in told]

    def _leg_event(self, sid: str, summary: Json) -> str:
        self.reported_legs[sid] = summary
        return format_event("leg", summary)

    def _entry_to_json(self, entry: Json) -> Json:
        """A text's entry, with its pictures; a sound's, without the sound."""
        if entry["kind"] == "media":
            return {**entry, "answer": ""}
        message = self.world.messages.get(entry.get("sid", "")) if entry["kind"] == "texted" else None
        return {**entry, "media": list(message.media_urls)} if message else entry

    def _clock_events(self) -> list[str]:
        """A clock that stands still until somebody moves it is told whenever it was moved."""
        clock = self.world.exchange.clock
        if not isinstance(clock, ManualClock) or clock.now() == self.reported_clock:
            return []
        self.reported_clock = clock.now()
        return [format_event("clock", clock_to_json(self.world))]
