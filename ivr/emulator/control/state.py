"""Everything there is in the account at this moment, for the switchboard."""

from itertools import islice

from aiohttp import web

from ivr.emulator.account.world import World
from ivr.emulator.control.common import Json, make_handler
from ivr.emulator.control.leg_json import leg_to_json
from ivr.emulator.control.watching import clock_to_json, list_conferences, list_faults

MAX_PER_KIND = 200  # of a kind, the latest; whoever is on the line is always among them


def routes() -> list[web.RouteDef]:
    return [web.get("/emulator/state", make_handler(get_state))]


def get_state(world: World, request: web.Request, payload: Json) -> Json:
    now = world.exchange.now
    latest = set(islice(reversed(world.calls), MAX_PER_KIND))
    return {
        "clock": clock_to_json(world),
        "numbers": [
            {"number": one.phone_number, "voice_url": one.get("voice_url"), "sms_url": one.get("sms_url")}
            for one in world.numbers.values()
        ],
        "phones": [
            {
                "number": one.number,
                "name": one.name,
                "answers": one.answers,
                "held": bool(world.attended_phones[one.number]),
            }
            for one in world.phones.values()
        ],
        "legs": [leg_to_json(leg) for leg in world.calls.values() if leg.is_alive or leg.sid in latest],
        **list_conferences(world, request, payload),
        "queues": _queues_to_json(world, now),
        "recordings": _recordings_to_json(world, now),
        "messages": _messages_to_json(world),
        **list_faults(world, request, payload),
    }


def _queues_to_json(world: World, now: float) -> list[Json]:
    return [
        {
            "sid": one.sid,
            "name": one.name,
            "members": [
                {"sid": member.leg.sid, "who": member.leg.who, "since": member.enqueued_at}
                for member in one.members
            ],
            "average": one.average_wait_seconds(now),
        }
        for one in world.queues.values()
    ]


def _recordings_to_json(world: World, now: float) -> list[Json]:
    latest = islice(reversed(world.recordings.values()), MAX_PER_KIND)
    return [
        {
            "sid": one.sid,
            "call": one.call_sid,
            "source": one.source,
            "duration": one.duration,
            "words": one.words,
            "created": one.created_at,
            "ready": one.ready_at <= now,
        }
        for one in latest
    ]


def _messages_to_json(world: World) -> list[Json]:
    latest = islice(reversed(world.messages.values()), MAX_PER_KIND)
    return [
        {
            "sid": one.sid,
            "from": one.from_,
            "to": one.to,
            "body": one.body,
            "direction": one.direction,
            "status": one.status,
            "created": one.created_at,
            "media": list(one.media_urls),
            "error": one.error_code,
        }
        for one in latest
    ]
