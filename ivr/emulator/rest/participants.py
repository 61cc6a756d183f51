"""Participants of a conference: add, list, fetch, update, remove."""

from dataclasses import replace
from functools import partial

from aiohttp import web

from ivr.emulator.conference import DEFAULT_MUSIC, Conference, Participant
from ivr.emulator.dialling import Detection, Outbound, detect_meanwhile, ring, turn
from ivr.emulator.flow import End, Flow
from ivr.emulator.formats import flag, rfc2822
from ivr.emulator.leg import Leg
from ivr.emulator.life import live
from ivr.emulator.rest import calls, conferences
from ivr.emulator.rest.common import BASE, Form, Json, Refusal, handler, missing, page, uri
from ivr.emulator.signals import Ask, Events
from ivr.emulator.verbs.conference import EVENTS, stay
from ivr.emulator.world import World

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
    name = request.match_info["conference"]
    room = world.conferences.get(name)
    if room and room.status == "completed":
        raise Refusal(400, 16022, "Conference does not exist or is completed")
    label = form.text("Label")
    everybody = room.everybody() if room else []
    if label and any(one.label == label for one in everybody):
        raise Refusal(400, 16026, "Participant label is in use by another participant")
    leg = calls.new_call(world, form.text("To"), form.text("From"))
    leg.events = calls.events(world, form, calls.EVENTS, "StatusCallback")
    room = room or world.conference(name)
    if not room.everybody():
        room.events = _events(world, form)
    member = _member(leg, form, label)
    room.expected[leg.sid] = member
    call = Outbound(ask=Ask(), timeout=float(form.text("Timeout") or "60"), detection=_detection(form))
    world.exchange.spawn(live(world, leg, partial(_come, world, room, call, member)))
    return body(world, room, member)


async def _come(world: World, room: Conference, call: Outbound, member: Participant) -> End:
    leg = member.leg
    try:
        await leg.wait(turn(world, leg))
        if not await ring(world, leg, call.timeout) or room.status == "completed":
            return End.HUNG_UP
    finally:
        room.expected.pop(leg.sid, None)
    if call.detection:
        world.exchange.spawn(detect_meanwhile(leg, call.detection))
    await stay(Flow(world=world, leg=leg), room, member, hang_up_on_star=False)
    return End.RAN_OUT


def _member(leg: Leg, form: Form, label: str) -> Participant:
    coached = form.text("CallSidToCoach")
    member = Participant(
        leg=leg,
        label=label,
        muted=flag(form.text("Muted")),
        coaching=coached if flag(form.text("Coaching"), default=bool(coached)) else "",
        start=flag(form.text("StartConferenceOnEnter") or "true"),
        end=flag(form.text("EndConferenceOnExit")),
        beep=form.text("Beep") or "true",
    )
    if form.has("WaitUrl"):
        url, method = form.text("WaitUrl"), form.text("WaitMethod") or "POST"
        member.wait = Ask(url=url, method=method) if url else None
    return member


def _detection(form: Form) -> Detection | None:
    mode, url = form.text("MachineDetection"), form.text("AmdStatusCallback")
    callback = Events(url=url, method=form.text("AmdStatusCallbackMethod") or "POST") if url else None
    return Detection(mode=mode, blocking=False, callback=callback) if mode else None


def _events(world: World, form: Form) -> Events | None:
    events = calls.events(world, form, frozenset(EVENTS), "ConferenceStatusCallback")
    if events and not form.all("ConferenceStatusCallbackEvent"):
        return replace(events, names=frozenset({"start", "end"}))
    return events


def listing(world: World, request: web.Request, _form: Form) -> Json:
    room, query = conferences.find(world, request), request.query
    found = [
        one
        for one in room.everybody()
        if one.visible <= world.exchange.now
        and flag(query.get("Muted"), default=one.muted) == one.muted
        and flag(query.get("Hold"), default=one.hold) == one.hold
        and flag(query.get("Coaching"), default=bool(one.coaching)) == bool(one.coaching)
    ]
    return page(request, "participants", found, partial(body, world, room))


def fetch(world: World, request: web.Request, _form: Form) -> Json:
    return body(world, *find(world, request))


def update(world: World, request: web.Request, form: Form) -> Json:
    room, one = find(world, request)
    if form.has("EndConferenceOnExit") and not one.hold:  # on hold it is silently ignored
        one.end = flag(form.text("EndConferenceOnExit"))
        room.modified(one)
    if form.has("Coaching") or form.has("CallSidToCoach"):
        _coach(room, one, form)
    if form.has("Muted"):
        room.set_muted(one, flag(form.text("Muted")))
    if form.has("Hold"):
        url = form.text("HoldUrl")
        music = Ask(url=url or DEFAULT_MUSIC, method=form.text("HoldMethod") or "GET")
        room.set_hold(one, flag(form.text("Hold")), music)
    if url := form.text("AnnounceUrl"):
        room.announce(one, Ask(url=url, method=form.text("AnnounceMethod") or "POST"))
    one.updated = world.exchange.now
    return body(world, room, one)


def _coach(room: Conference, one: Participant, form: Form) -> None:
    coached = form.text("CallSidToCoach") or one.coaching
    if not flag(form.text("Coaching"), default=True):
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
