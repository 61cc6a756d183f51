"""Conferences: list, fetch, update."""

from functools import partial

from aiohttp import web

from ivr.emulator.account.world import World
from ivr.emulator.calls.conference import Conference
from ivr.emulator.calls.signals import TwimlSource
from ivr.emulator.rest.common import ACCOUNT_PATH, Json, make_handler, not_found, resource_uri
from ivr.emulator.rest.form import Form, RestApiError
from ivr.emulator.rest.paging import Pager
from ivr.emulator.runtime.exchange import API_VERSION
from ivr.emulator.runtime.formats import format_rfc2822


def routes() -> list[web.RouteDef]:
    return [
        web.get(f"{ACCOUNT_PATH}/Conferences.json", make_handler(list_page)),
        web.get(f"{ACCOUNT_PATH}/Conferences/{{conference}}.json", make_handler(fetch)),
        web.post(f"{ACCOUNT_PATH}/Conferences/{{conference}}.json", make_handler(update)),
    ]


def to_json(world: World, conference: Conference) -> Json:
    address = resource_uri(world, "Conferences", conference.sid)
    return {
        "sid": conference.sid,
        "account_sid": world.exchange.account_sid,
        "date_created": format_rfc2822(conference.created_at),
        "date_updated": format_rfc2822(conference.updated_at),
        "api_version": API_VERSION,
        "friendly_name": conference.name,
        "region": "us1",
        "status": conference.status,
        "uri": address,
        "subresource_uris": {
            "participants": f"{address[:-5]}/Participants.json",
            "recordings": f"{address[:-5]}/Recordings.json",
        },
        "reason_conference_ended": conference.end_reason,
        "call_sid_ending_conference": conference.ended_by.leg.sid if conference.ended_by else None,
    }


def list_page(world: World, request: web.Request, form: Form) -> Json:
    form.one_of("Status", {"init", "in-progress", "completed"})
    form.check_dates("DateCreated", "DateUpdated")
    found = [
        room
        for room in reversed(world.conferences.values())
        if room.visible_at <= world.exchange.now
        and form.matches("FriendlyName", room.name)
        and form.matches("Status", room.status)
        and form.matches_date("DateCreated", room.created_at)
        and form.matches_date("DateUpdated", room.updated_at)
    ]
    return Pager(request=request, key="conferences").render_page(found, partial(to_json, world))


def fetch(world: World, request: web.Request, _form: Form) -> Json:
    return to_json(world, find_conference(world, request))


def update(world: World, request: web.Request, form: Form) -> Json:
    room = find_conference(world, request)
    status = form.one_of("Status", {"completed"})
    url, method = form.url("AnnounceUrl"), form.method("AnnounceMethod")
    if room.status == "completed":
        raise RestApiError(400, 16022, "Conference does not exist or is completed")
    if status:
        room.end("conference-ended-via-api")
    elif url:
        for participant in room.participants.values():
            room.play_announcement(participant, TwimlSource(url=url, method=method))
    return to_json(world, room)


def find_conference(world: World, request: web.Request) -> Conference:
    room = world.conferences.get(request.match_info["conference"])
    if room is None or room.visible_at > world.exchange.now:
        raise not_found(request)
    return room
