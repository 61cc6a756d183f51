"""Everything there is in the account at this moment, for the switchboard."""

from itertools import islice

from aiohttp import web

from ivr.emulator.account.world import World
from ivr.emulator.control.common import Json, handler
from ivr.emulator.control.watching import clock_now, conferences, faults

MOST = 200  # of a kind, the latest; whoever is on the line is always among them


def routes() -> list[web.RouteDef]:
    return [web.get("/emulator/state", handler(state))]


def state(world: World, request: web.Request, given: Json) -> Json:
    now = world.exchange.now
    latest = set(islice(reversed(world.calls), MOST))
    return {
        "clock": clock_now(world),
        "numbers": [
            {"number": one.phone_number, "voice_url": one.get("voice_url"), "sms_url": one.get("sms_url")}
            for one in world.numbers.values()
        ],
        "phones": [
            {
                "number": one.number,
                "name": one.name,
                "answers": one.answers,
                "held": bool(world.hands[one.number]),
            }
            for one in world.phones.values()
        ],
        "legs": [leg.summary() for leg in world.calls.values() if leg.alive or leg.sid in latest],
        **conferences(world, request, given),
        "queues": _queues(world, now),
        "recordings": _recordings(world, now),
        "messages": _messages(world),
        **faults(world, request, given),
    }


def _queues(world: World, now: float) -> list[Json]:
    return [
        {
            "sid": one.sid,
            "name": one.name,
            "members": [
                {"sid": member.leg.sid, "who": member.leg.who, "since": member.enqueued}
                for member in one.members
            ],
            "average": one.average(now),
        }
        for one in world.queues.values()
    ]


def _recordings(world: World, now: float) -> list[Json]:
    latest = islice(reversed(world.recordings.values()), MOST)
    return [
        {
            "sid": one.sid,
            "call": one.call_sid,
            "source": one.source,
            "duration": one.duration,
            "words": one.words,
            "created": one.created,
            "ready": one.ready <= now,
        }
        for one in latest
    ]


def _messages(world: World) -> list[Json]:
    latest = islice(reversed(world.messages.values()), MOST)
    return [
        {
            "sid": one.sid,
            "from": one.from_,
            "to": one.to,
            "body": one.body,
            "direction": one.direction,
            "status": one.status,
            "created": one.created,
            "media": list(one.media),
            "error": one.error_code,
        }
        for one in latest
    ]
