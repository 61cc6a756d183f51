"""Participants of a conference: add, list, fetch, update, remove.

https://www.twilio.com/docs/voice/api/conference-participant-resource
"""

from functools import partial

from aiohttp import web

from ivr.emulator.account.world import World
from ivr.emulator.calls.conference import DEFAULT_MUSIC, Conference, Participant
from ivr.emulator.calls.signals import Ask
from ivr.emulator.rest import conference_calls, conferences
from ivr.emulator.rest.common import BASE, Json, handler, missing, uri
from ivr.emulator.rest.form import Form, Refusal
from ivr.emulator.rest.paging import Pages
from ivr.emulator.runtime.formats import rfc2822

ROOM = f"{BASE}/Conferences/{{conference}}/Participants"
STATUSES = {"queued": "queued", "ringing": "ringing", "in-progress": "connected", "completed": "complete"}


def routes() -> list[web.RouteDef]:
    return [
        web.post(f"{ROOM}.json", handler(create, 201)),
        web.get(f"{ROOM}.json", handler(listing)),
        web.get(f"{ROOM}/{{sid}}.json", handler(fetch)),
        web.post(f"{ROOM}/{{sid}}.json", handler(update)),
        web.delete(f"{ROOM}/{{sid}}.json", handler(delete)),
    ]


def body(world: World, room: Conference, one: Participant) -> Json:
    return {
        "account_sid": world.exchange.account_sid,
        "call_sid": one.leg.sid,
        "label": one.label or None,
        "call_sid_to_coach": one.coaching or None,
        "coaching": bool(one.coaching),
        "conference_sid": room.sid,
        "date_created": rfc2822(one.joined or one.leg.created),
        "date_updated": rfc2822(one.updated or one.leg.created),
        "end_conference_on_exit": one.end,
        "muted": one.muted,
        "hold": one.hold,
        "start_conference_on_enter": one.start,
        "status": STATUSES.get(one.leg.status, "failed"),
        "queue_time": str(int(one.leg.queue_time)),
        "uri": uri(world, "Conferences", room.sid, "Participants", one.leg.sid),
    }


def create(world: World, request: web.Request, form: Form) -> Json:
    """Call somebody into the room; the name of a room that is not there makes it."""
    return body(world, *conference_calls.invite(world, request.match_info["conference"], form))


def listing(world: World, request: web.Request, form: Form) -> Json:
    room = conferences.find(world, request)
    found = [
        one
        for one in room.everybody()
        if one.visible <= world.exchange.now
        and form.is_flag_or_absent("Muted", value=one.muted)
        and form.is_flag_or_absent("Hold", value=one.hold)
        and form.is_flag_or_absent("Coaching", value=bool(one.coaching))
    ]
    pages = Pages(request=request, key="participants", oldest_first=True)
    return pages.page(found, partial(body, world, room), name=lambda one: one.leg.sid)


def fetch(world: World, request: web.Request, _form: Form) -> Json:
    return body(world, *find(world, request))


def update(world: World, request: web.Request, form: Form) -> Json:
    room, one = find(world, request)
    music = Ask(url=form.url("HoldUrl") or DEFAULT_MUSIC, method=form.method("HoldMethod", "GET"))
    wait = Ask(url=form.url("WaitUrl"), method=form.method("WaitMethod"))
    announcement = Ask(url=form.url("AnnounceUrl"), method=form.method("AnnounceMethod"))
    muted, hold = form.flag("Muted"), form.flag("Hold")
    ends, beeps, coaching = form.flag("EndConferenceOnExit"), form.flag("BeepOnExit"), form.flag("Coaching")
    if form.has("EndConferenceOnExit") and not one.hold:  # on hold it is silently ignored
        one.end = ends
        room.modified(one)
    if form.has("BeepOnExit"):
        one.beep = "onExit" if beeps else "false"
    if form.has("WaitUrl"):
        one.wait = wait if wait.url else None
    if form.has("Coaching") or form.has("CallSidToCoach"):
        _coach(room, one, form.text("CallSidToCoach"), ends=form.has("Coaching") and not coaching)
    if form.has("Muted"):
        room.set_muted(one, muted)
    if form.has("Hold"):
        room.set_hold(one, hold, music)
    if announcement.url:
        room.announce(one, announcement)
    one.updated = world.exchange.now
    return body(world, room, one)


def _coach(room: Conference, one: Participant, coached: str, *, ends: bool) -> None:
    coached = coached or one.coaching
    if ends:
        one.coaching = ""
    elif coached not in room.participants:
        raise Refusal(400, 16028, "Participant to be whispered is not present in the conference")
    elif room.participants[coached].hold:
        raise Refusal(400, 16027, "Participant to be whispered is on hold")
    else:
        one.coaching = coached
    room.modified(one)


def delete(world: World, request: web.Request, _form: Form) -> None:
    room, one = find(world, request)
    if one.leg.sid in room.participants:
        room.leave(one, "participant_updated_via_api", kicked=True)
    else:
        one.leg.end("api")


def find(world: World, request: web.Request) -> tuple[Conference, Participant]:
    """By CallSid or label."""
    room, wanted = conferences.find(world, request), request.match_info["sid"]
    for one in room.everybody():
        if wanted in {one.leg.sid, one.label} and one.visible <= world.exchange.now:
            return room, one
    raise missing(request)
