"""Time, the journal, what is going on, and what goes wrong."""

import asyncio
from contextlib import suppress
from functools import partial

from aiohttp import web

from ivr.emulator.account.world import World
from ivr.emulator.calls.leg import Leg
from ivr.emulator.control.common import Json, Wrong, handler, leg_of
from ivr.emulator.runtime.clock import ManualClock
from ivr.emulator.runtime.formats import iso


def routes() -> list[web.RouteDef]:
    return [
        web.get("/emulator/clock", handler(clock)),
        web.post("/emulator/clock", handler(move_clock)),
        web.get("/emulator/log", handler(log)),
        web.get("/emulator/legs", handler(legs)),
        web.get("/emulator/legs/{sid}", handler(one_leg)),
        web.get("/emulator/conferences", handler(conferences)),
        web.get("/emulator/faults", handler(faults)),
        web.post("/emulator/faults", handler(add_fault)),
        web.delete("/emulator/faults", handler(clear_faults)),
        web.delete("/emulator/faults/{id}", handler(clear_faults)),
        web.post("/emulator/reset", handler(reset)),
        web.put("/emulator/settings", handler(settings)),
    ]


async def clock(world: World, request: web.Request, _given: Json) -> Json:
    """With `?settled=SECONDS` the answer waits until nothing is on the wire, for so many real seconds at most."""
    if "settled" in request.query:
        await _settled(world, float(request.query["settled"]))
    return clock_now(world)


def clock_now(world: World) -> Json:
    time = world.exchange.clock
    now, following = time.now(), time.next()
    callers = [leg for leg in world.calls.values() if leg.direction == "inbound"]
    return {
        "mode": time.mode,
        "speed": time.speed,
        "now": iso(now),
        "epoch": round(now, 3),
        "busy": world.exchange.busy.count,
        "sent": world.exchange.busy.begun,
        "next": None if following is None else round(following, 3),
        "silent_since": min((leg.silent_since for leg in callers if leg.silent_since), default=None),
    }


async def move_clock(world: World, _request: web.Request, given: Json) -> Json:
    time = _moved_by_hand(world)
    to = float(given["to"]) if "to" in given else time.now() + float(given["by"])
    patience = float(given["patience"]) if "patience" in given else None

    await time.advance(to, partial(_settled, world, patience))
    world.exchange.journal.stir()
    return clock_now(world)


async def _settled(world: World, patience: float | None) -> None:
    """What is under way may take as long as it takes, or `patience` real seconds: then it is not waited for."""
    with suppress(TimeoutError):
        async with asyncio.timeout(patience):
            await world.exchange.busy.settled()


async def log(world: World, request: web.Request, _given: Json) -> Json:
    after, wait = int(request.query.get("after", "0")), float(request.query.get("wait", "0"))
    return {"entries": await world.exchange.journal.after(after, wait)}


def legs(world: World, request: web.Request, _given: Json) -> Json:
    """All of them; with `?alive` those that have not ended."""
    every = world.calls.values()
    return {"legs": [leg.summary() for leg in every if leg.alive or "alive" not in request.query]}


def one_leg(world: World, request: web.Request, _given: Json) -> Json:
    leg: Leg = leg_of(world, request)
    timeline = [one for one in world.exchange.journal.entries if one["call"] == leg.sid]
    return {**leg.summary(), "timeline": timeline}


def conferences(world: World, _request: web.Request, _given: Json) -> Json:
    return {
        "conferences": [
            {
                "sid": room.sid,
                "name": room.name,
                "status": room.status,
                "reason": room.reason,
                "participants": [
                    {"sid": one.leg.sid, "who": one.leg.who, "label": one.label, "hold": one.hold,
                     "muted": one.muted, "coaching": one.coaching, "end_on_exit": one.end}
                    for one in room.participants.values()
                ],
            }
            for room in world.conferences.values()
        ]
    }  # fmt: skip


def faults(world: World, _request: web.Request, _given: Json) -> Json:
    return {"faults": [one.as_json() for one in world.exchange.faults.active.values()]}


def add_fault(world: World, _request: web.Request, given: Json) -> Json:
    added = world.exchange.faults.add(**given)
    world.exchange.journal.stir()
    return {"id": added.id}


def clear_faults(world: World, request: web.Request, _given: Json) -> Json:
    active = world.exchange.faults.active
    if "id" not in request.match_info:
        active.clear()
    elif active.pop(int(request.match_info["id"]), None) is None:
        raise Wrong("no such fault", 404)
    return {"faults": len(active)}


async def reset(world: World, _request: web.Request, given: Json) -> Json:
    """Everything but the clock; one that is moved by hand begins at `to`, when told."""
    begin = partial(_moved_by_hand(world).begin, float(given["to"])) if "to" in given else None
    await world.reset()
    if begin is not None:
        begin()
    return clock_now(world)


def _moved_by_hand(world: World) -> ManualClock:
    clock = world.exchange.clock
    if not isinstance(clock, ManualClock):
        raise Wrong("the clock runs by itself", 409)
    return clock


def settings(world: World, _request: web.Request, given: Json) -> Json:
    world.cps = float(given.get("cps", world.cps))
    world.recording_ready = float(given.get("recording_ready", world.recording_ready))
    return {"cps": world.cps, "recording_ready": world.recording_ready}
