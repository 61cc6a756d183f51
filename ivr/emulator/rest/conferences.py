"""Conferences: list, fetch, update."""

from functools import partial

from aiohttp import web

from ivr.emulator.account.world import World
from ivr.emulator.calls.conference import Conference
from ivr.emulator.calls.signals import Ask
from ivr.emulator.rest.common import BASE, Json, handler, missing, uri
from ivr.emulator.rest.form import Form, Refusal
from ivr.emulator.rest.paging import Pages
from ivr.emulator.runtime.exchange import API_VERSION
from ivr.emulator.runtime.formats import rfc2822


def routes() -> list[web.RouteDef]:
    return [
        web.get(f"{BASE}/Conferences.json", handler(listing)),
        web.get(f"{BASE}/Conferences/{{conference}}.json", handler(fetch)),
        web.post(f"{BASE}/Conferences/{{conference}}.json", handler(update)),
    ]


def body(world: World, room: Conference) -> Json:
    address = uri(world, "Conferences", room.sid)
    return {
        "sid": room.sid,
        "account_sid": world.exchange.account_sid,
        "date_created": rfc2822(room.created),
        "date_updated": rfc2822(room.updated),
        "api_version": API_VERSION,
        "friendly_name": room.name,
        "region": "us1",
        "status": room.status,
        "uri": address,
        "subresource_uris": {
            "participants": f"{address[:-5]}/Participants.json",
            "recordings": f"{address[:-5]}/Recordings.json",
        },
        "reason_conference_ended": room.reason,
        "call_sid_ending_conference": room.ended_by.leg.sid if room.ended_by else None,
    }


def listing(world: World, request: web.Request, form: Form) -> Json:
    form.one_of("Status", {"init", "in-progress", "completed"})
    form.dates("DateCreated", "DateUpdated")
    found = [
        room
        for room in reversed(world.conferences.values())
        if room.visible <= world.exchange.now
        and form.is_or_absent("FriendlyName", room.name)
        and form.is_or_absent("Status", room.status)
        and form.within("DateCreated", room.created)
        and form.within("DateUpdated", room.updated)
    ]
    return Pages(request=request, key="conferences").page(found, partial(body, world))


def fetch(world: World, request: web.Request, _form: Form) -> Json:
    return body(world, find(world, request))


def update(world: World, request: web.Request, form: Form) -> Json:
    room = find(world, request)
    status = form.one_of("Status", {"completed"})
    url, method = form.url("AnnounceUrl"), form.method("AnnounceMethod")
    if room.status == "completed":
        raise Refusal(400, 16022, "Conference does not exist or is completed")
    if status:
        room.finish("conference-ended-via-api")
    elif url:
        for participant in room.participants.values():
            room.announce(participant, Ask(url=url, method=method))
    return body(world, room)


def find(world: World, request: web.Request) -> Conference:
    room = world.conferences.get(request.match_info["conference"])
    if room is None or room.visible > world.exchange.now:
        raise missing(request)
    return room
