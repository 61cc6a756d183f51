"""Time, the journal, what is going on, and what goes wrong."""

import asyncio
from contextlib import suppress
from functools import partial

from aiohttp import web

from ivr.emulator.account.world import World
from ivr.emulator.calls.leg import CallLeg
from ivr.emulator.control.common import ControlApiError, Json, find_leg, make_handler
from ivr.emulator.control.leg_json import leg_to_json
from ivr.emulator.runtime.clock import ManualClock
from ivr.emulator.runtime.formats import format_iso


def routes() -> list[web.RouteDef]:
    return [
        web.get("/emulator/clock", make_handler(get_clock)),
        web.post("/emulator/clock", make_handler(move_clock)),
        web.get("/emulator/log", make_handler(get_log)),
        web.get("/emulator/legs", make_handler(list_legs)),
        web.get("/emulator/legs/{sid}", make_handler(get_leg)),
        web.get("/emulator/conferences", make_handler(list_conferences)),
        web.get("/emulator/faults", make_handler(list_faults)),
        web.post("/emulator/faults", make_handler(add_fault)),
        web.delete("/emulator/faults", make_handler(clear_faults)),
        web.delete("/emulator/faults/{id}", make_handler(clear_faults)),
        web.post("/emulator/reset", make_handler(reset_emulator)),
        web.put("/emulator/settings", make_handler(change_settings)),
    ]


async def get_clock(world: World, request: web.Request, _payload: Json) -> Json:
    """With `?settled=SECONDS` the answer waits until nothing is on the wire, for so many real seconds at most."""
    if "settled" in request.query:
        await _wait_until_idle(world, float(request.query["settled"]))
    return clock_to_json(world)


def clock_to_json(world: World) -> Json:
    time = world.exchange.clock
    now, following = time.now(), time.next_wake_time()
    callers = [leg for leg in world.calls.values() if leg.direction == "inbound"]
    return {
        "mode": time.mode,
        "speed": time.speed,
        "now": format_iso(now),
        "epoch": round(now, 3),
        "busy": world.exchange.in_flight.count,
        "sent": world.exchange.in_flight.total_started,
        "next": None if following is None else round(following, 3),
        "silent_since": min((leg.silent_since for leg in callers if leg.silent_since), default=None),
    }


async def move_clock(world: World, _request: web.Request, payload: Json) -> Json:
    time = _require_manual_clock(world)
    to = float(payload["to"]) if "to" in payload else time.now() + float(payload["by"])
    patience = float(payload["patience"]) if "patience" in payload else None

    await time.advance(to, partial(_wait_until_idle, world, patience))
    world.exchange.event_log.notify_watchers()
    return clock_to_json(world)


async def _wait_until_idle(world: World, max_seconds: float | None) -> None:
    """What is under way may take as long as it takes, or `max_seconds` real seconds: then it is not waited for."""
    with suppress(TimeoutError):
        async with asyncio.timeout(max_seconds):
            await world.exchange.in_flight.wait_until_idle()


async def get_log(world: World, request: web.Request, _payload: Json) -> Json:
    after, wait = int(request.query.get("after", "0")), float(request.query.get("wait", "0"))
    return {"entries": await world.exchange.event_log.wait_for_entries(after, wait)}


def list_legs(world: World, request: web.Request, _payload: Json) -> Json:
    """All of them; with `?alive` those that have not ended."""
    every = world.calls.values()
    return {"legs": [leg_to_json(leg) for leg in every if leg.is_alive or "alive" not in request.query]}


def get_leg(world: World, request: web.Request, _payload: Json) -> Json:
    leg: CallLeg = find_leg(world, request)
    timeline = [one for one in world.exchange.event_log.entries if one["call"] == leg.sid]
    return {**leg_to_json(leg), "timeline": timeline}


def list_conferences(world: World, _request: web.Request, _payload: Json) -> Json:
    return {
        "conferences": [
            {
                "sid": room.sid,
                "name": room.name,
                "status": room.status,
                "reason": room.end_reason,
                "participants": [
                    {"sid": one.leg.sid, "who": one.leg.who, "label": one.label, "hold": one.hold,
                     "muted": one.muted, "coaching": one.coached_call_sid, "end_on_exit": one.ends_on_exit}
                    for one in room.participants.values()
                ],
            }
            for room in world.conferences.values()
        ]
    }  # fmt: skip


def list_faults(world: World, _request: web.Request, _payload: Json) -> Json:
    return {"faults": [one.as_json() for one in world.exchange.faults.active.values()]}


def add_fault(world: World, _request: web.Request, payload: Json) -> Json:
    added = world.exchange.faults.add(**payload)
    world.exchange.event_log.notify_watchers()
    return {"id": added.id}


def clear_faults(world: World, request: web.Request, _payload: Json) -> Json:
    active = world.exchange.faults.active
    if "id" not in request.match_info:
        active.clear()
    elif active.pop(int(request.match_info["id"]), None) is None:
        raise ControlApiError("no such fault", 404)
    return {"faults": len(active)}


async def reset_emulator(world: World, _request: web.Request, payload: Json) -> Json:
    """Everything but the clock; one that is moved by hand begins at `to`, when told."""
    begin = partial(_require_manual_clock(world).reset_to, float(payload["to"])) if "to" in payload else None
    await world.reset()
    if begin is not None:
        begin()
    return clock_to_json(world)


def _require_manual_clock(world: World) -> ManualClock:
    clock = world.exchange.clock
    if not isinstance(clock, ManualClock):
        raise ControlApiError("the clock runs by itself", 409)
    return clock


def change_settings(world: World, _request: web.Request, payload: Json) -> Json:
    world.cps = float(payload.get("cps", world.cps))
    world.recording_delay_seconds = float(payload.get("recording_ready", world.recording_delay_seconds))
    return {"cps": world.cps, "recording_ready": world.recording_delay_seconds}
