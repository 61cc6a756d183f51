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
from ivr.emulator.control.watching import clock_now
from ivr.emulator.rest.common import WORLD
from ivr.emulator.runtime.clock import ManualClock

LOOK = 1.0  # seconds of real time between looks whether the page is still there
BEAT = 10  # looks without news until a sign of life
TOGETHER = 0.03  # seconds in which news are gathered, so that a burst is told at once
AT_ONCE = 500  # entries in one piece
OLD_LEGS = 200  # ended legs that a new page is told of


def routes() -> list[web.RouteDef]:
    return [web.get("/emulator/events", events)]


async def events(request: web.Request) -> web.StreamResponse:
    """`after`: the entry to go on from, negative for the last so many; `phones`: numbers that this page holds meanwhile."""
    world = request.app[WORLD]
    try:
        after = int(request.query.get("after", "0"))
    except ValueError:
        return web.json_response({"error": "after is no number"}, status=400)
    feed = Feed(world=world, after=after, last=request.headers.get("Last-Event-ID", ""))
    numbers = [one for one in request.query.get("phones", "").replace(" ", "+").split(",") if one]
    headers = {"Content-Type": "text/event-stream", "Cache-Control": "no-store"}
    response = web.StreamResponse(headers=headers)
    await response.prepare(request)
    quiet = 0
    with world.holding(numbers):
        while request.transport is not None and not request.transport.is_closing():
            stirred = world.exchange.journal.news  # before looking: what comes meanwhile sets it
            told = feed.news() or (event("beat", clock_now(world)) if quiet >= BEAT else "")
            try:
                if told:
                    quiet = 0
                    await response.write(told.encode())
                    await asyncio.sleep(TOGETHER)
                async with asyncio.timeout(LOOK):
                    await stirred.wait()
            except TimeoutError:
                quiet += 1
            except ConnectionResetError:
                break
    return response


def event(name: str, data: Any, ident: str = "") -> str:
    return f"{f'id: {ident}{chr(10)}' if ident else ''}event: {name}\ndata: {json.dumps(data)}\n\n"


@dataclass(kw_only=True)
class Feed:
    """What one page has been told, and so what is new to it."""

    world: World
    after: int
    last: str  # the id of the last entry it had: run.n
    run: str = ""
    cursor: int = 0
    clock: float | None = None
    legs: dict[str, Json] = field(default_factory=dict)

    def news(self) -> str:
        journal = self.world.exchange.journal
        told: list[str] = []
        if self.run != journal.run:
            told.append(self._begin())
        told += self._new_legs()  # an entry about a leg makes sense to one who knows whose it is
        while part := journal.since(self.cursor, AT_ONCE):
            self.cursor = part[-1]["n"]
            told += [event("entry", self._entry(one), f"{journal.run}.{one['n']}") for one in part]
        told += self._changed_legs()
        return "".join([*self._moved(), *told])

    def _begin(self) -> str:
        journal = self.world.exchange.journal
        again, (run, _, n) = bool(self.run), self.last.partition(".")
        count = journal.count
        if not again and run == journal.run and n.isdigit():
            self.cursor = int(n)
        elif again or run:  # it counted in another run
            self.cursor = max(0, count + self.after) if self.after < 0 else 0
        else:
            self.cursor = max(0, count + self.after) if self.after < 0 else self.after
        self.run = journal.run
        self.legs.clear()
        ended = [leg for leg in self.world.calls.values() if not leg.alive]
        self.legs |= {leg.sid: {} for leg in ended[:-OLD_LEGS]}
        return event("hello", {"run": self.run, "clock": clock_now(self.world)})

    def _new_legs(self) -> list[str]:
        new = [leg for leg in self.world.calls.values() if leg.sid not in self.legs]
        return [self._leg(leg.sid, leg.summary()) for leg in new]

    def _changed_legs(self) -> list[str]:
        """What one says of a leg that has ended is told once."""
        told = []
        for sid, before in self.legs.items():
            leg = self.world.calls.get(sid)
            if not before or leg is None or before["ended"] is not None:
                continue
            now = leg.summary()
            if now | {"duration": 0} != before | {"duration": 0}:  # it grows by itself
                told.append((sid, now))
        return [self._leg(sid, now) for sid, now in told]

    def _leg(self, sid: str, summary: Json) -> str:
        self.legs[sid] = summary
        return event("leg", summary)

    def _entry(self, entry: Json) -> Json:
        """A text's entry, with its pictures; a sound's, without the sound."""
        if entry["kind"] == "media":
            return {**entry, "answer": ""}
        message = self.world.messages.get(entry.get("sid", "")) if entry["kind"] == "texted" else None
        return {**entry, "media": list(message.media)} if message else entry

    def _moved(self) -> list[str]:
        """A clock that stands still until somebody moves it is told whenever it was moved."""
        clock = self.world.exchange.clock
        if not isinstance(clock, ManualClock) or clock.now() == self.clock:
            return []
        self.clock = clock.now()
        return [event("clock", clock_now(self.world))]
