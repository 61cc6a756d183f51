"""Participants of a conference: add, list, fetch, update, remove.

https://www.twilio.com/docs/voice/api/conference-participant-resource
"""

from functools import partial

from aiohttp import web

from ivr.emulator.account.world import World
from ivr.emulator.calls.conference import DEFAULT_MUSIC, Conference, Participant
from ivr.emulator.calls.signals import TwimlSource
from ivr.emulator.rest import conference_calls, conferences
from ivr.emulator.rest.common import ACCOUNT_PATH, Json, make_handler, not_found, resource_uri
from ivr.emulator.rest.form import Form, RestApiError
from ivr.emulator.rest.paging import Pager
from ivr.emulator.runtime.formats import format_rfc2822

PARTICIPANTS_PATH = f"{ACCOUNT_PATH}/Conferences/{{conference}}/Participants"
STATUS_BY_CALL_STATUS = {
    "queued": "queued",
    "ringing": "ringing",
    "in-progress": "connected",
    "completed": "complete",
}


def routes() -> list[web.RouteDef]:
    return [
        web.post(f"{PARTICIPANTS_PATH}.json", make_handler(create, 201)),
        web.get(f"{PARTICIPANTS_PATH}.json", make_handler(list_page)),
        web.get(f"{PARTICIPANTS_PATH}/{{sid}}.json", make_handler(fetch)),
        web.post(f"{PARTICIPANTS_PATH}/{{sid}}.json", make_handler(update)),
        web.delete(f"{PARTICIPANTS_PATH}/{{sid}}.json", make_handler(delete)),
    ]


def to_json(world: World, conference: Conference, participant: Participant) -> Json:
    return {
        "account_sid": world.exchange.account_sid,
        "call_sid": participant.leg.sid,
        "label": participant.label or None,
        "call_sid_to_coach": participant.coached_call_sid or None,
        "coaching": bool(participant.coached_call_sid),
        "conference_sid": conference.sid,
        "date_created": format_rfc2822(participant.joined_at or participant.leg.created_at),
        "date_updated": format_rfc2822(participant.updated_at or participant.leg.created_at),
        "end_conference_on_exit": participant.ends_on_exit,
        "muted": participant.muted,
        "hold": participant.hold,
        "start_conference_on_enter": participant.starts_on_enter,
        "status": STATUS_BY_CALL_STATUS.get(participant.leg.status, "failed"),
        "queue_time": str(int(participant.leg.queue_milliseconds)),
        "uri": resource_uri(world, "Conferences", conference.sid, "Participants", participant.leg.sid),
    }


def create(world: World, request: web.Request, form: Form) -> Json:
    """Call somebody into the room; the name of a room that is not there makes it."""
    return to_json(world, *conference_calls.add_participant(world, request.match_info["conference"], form))


def list_page(world: World, request: web.Request, form: Form) -> Json:
    room = conferences.find_conference(world, request)
    found = [
        one
        for one in room.list_participants()
        if one.visible_at <= world.exchange.now
        and form.matches_flag("Muted", value=one.muted)
        and form.matches_flag("Hold", value=one.hold)
        and form.matches_flag("Coaching", value=bool(one.coached_call_sid))
    ]
    pages = Pager(request=request, key="participants", oldest_first=True)
    return pages.render_page(found, partial(to_json, world, room), get_name=lambda one: one.leg.sid)


def fetch(world: World, request: web.Request, _form: Form) -> Json:
    return to_json(world, *find_participant(world, request))


def update(world: World, request: web.Request, form: Form) -> Json:
    room, one = find_participant(world, request)
    music = TwimlSource(url=form.url("HoldUrl") or DEFAULT_MUSIC, method=form.method("HoldMethod", "GET"))
    wait = TwimlSource(url=form.url("WaitUrl"), method=form.method("WaitMethod"))
    announcement = TwimlSource(url=form.url("AnnounceUrl"), method=form.method("AnnounceMethod"))
    muted, hold = form.flag("Muted"), form.flag("Hold")
    ends, beeps, coaching = form.flag("EndConferenceOnExit"), form.flag("BeepOnExit"), form.flag("Coaching")
    if form.is_given("EndConferenceOnExit") and not one.hold:  # on hold it is silently ignored
        one.ends_on_exit = ends
        room.on_modified(one)
    if form.is_given("BeepOnExit"):
        one.beep = "onExit" if beeps else "false"
    if form.is_given("WaitUrl"):
        one.wait_twiml = wait if wait.url else None
    if form.is_given("Coaching") or form.is_given("CallSidToCoach"):
        _set_coaching(room, one, form.text("CallSidToCoach"), stop=form.is_given("Coaching") and not coaching)
    if form.is_given("Muted"):
        room.set_muted(one, muted)
    if form.is_given("Hold"):
        room.set_hold(one, hold, music)
    if announcement.url:
        room.play_announcement(one, announcement)
    one.updated_at = world.exchange.now
    return to_json(world, room, one)


def _set_coaching(
    conference: Conference, participant: Participant, coached_call_sid: str, *, stop: bool
) -> None:
    coached_call_sid = coached_call_sid or participant.coached_call_sid
    if stop:
        participant.coached_call_sid = ""
    elif coached_call_sid not in conference.participants:
        raise RestApiError(400, 16028, "Participant to be whispered is not present in the conference")
    elif conference.participants[coached_call_sid].hold:
        raise RestApiError(400, 16027, "Participant to be whispered is on hold")
    else:
        participant.coached_call_sid = coached_call_sid
    conference.on_modified(participant)


def delete(world: World, request: web.Request, _form: Form) -> None:
    room, one = find_participant(world, request)
    if one.leg.sid in room.participants:
        room.leave(one, "participant_updated_via_api", kicked=True)
    else:
        one.leg.end("api")


def find_participant(world: World, request: web.Request) -> tuple[Conference, Participant]:
    """By CallSid or label."""
    room, wanted = conferences.find_conference(world, request), request.match_info["sid"]
    for one in room.list_participants():
        if wanted in {one.leg.sid, one.label} and one.visible_at <= world.exchange.now:
            return room, one
    raise not_found(request)
