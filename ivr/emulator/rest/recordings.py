"""Recordings of the account, of a call and of a conference. The sound is silence of the right length.

https://www.twilio.com/docs/voice/api/recording
"""

import io
import wave
from functools import partial

from aiohttp import web

from ivr.emulator.account.resources import Recording
from ivr.emulator.account.world import World
from ivr.emulator.calls import recording as call_recording
from ivr.emulator.rest import calls, conferences, outgoing_calls
from ivr.emulator.rest.common import ACCOUNT_PATH, WORLD_KEY, Json, make_handler, not_found, resource_uri
from ivr.emulator.rest.form import INVALID_PARAMETER, Form, RestApiError
from ivr.emulator.rest.paging import Pager
from ivr.emulator.runtime.exchange import API_VERSION
from ivr.emulator.runtime.formats import format_rfc2822

SAMPLES_PER_SECOND = 8000  # samples per second
SID_PATH = "{sid:RE[0-9a-fA-F]+}"
CURRENT_RECORDING = "Twilio.CURRENT"  # the one that runs
PARENT_PATHS = ("Calls/{call}", "Conferences/{conference}")


def routes() -> list[web.RouteDef]:
    below = [f"{ACCOUNT_PATH}/{parent}/Recordings" for parent in PARENT_PATHS]
    return [
        web.get(f"{ACCOUNT_PATH}/Recordings.json", make_handler(list_page)),
        web.get(f"{ACCOUNT_PATH}/Recordings/{SID_PATH}.json", make_handler(fetch)),
        web.delete(f"{ACCOUNT_PATH}/Recordings/{SID_PATH}.json", make_handler(delete)),
        web.get(f"{ACCOUNT_PATH}/Recordings/{SID_PATH}{{suffix:(\\.wav|\\.mp3)?}}", get_media),
        web.post(f"{below[0]}.json", make_handler(create, 201)),
        *(web.get(f"{parent}.json", make_handler(list_page)) for parent in below),
        *(web.get(f"{parent}/{{sid}}.json", make_handler(fetch)) for parent in below),
        *(web.post(f"{parent}/{{sid}}.json", make_handler(update)) for parent in below),
        *(web.delete(f"{parent}/{{sid}}.json", make_handler(delete)) for parent in below),
    ]


def to_json(world: World, request: web.Request, recording: Recording) -> Json:
    parent = next((name for name in ("call", "conference") if name in request.match_info), "")
    address = resource_uri(world, *_parent_path(request, parent), "Recordings", recording.sid)
    made = {
        "sid": recording.sid,
        "account_sid": world.exchange.account_sid,
        "api_version": API_VERSION,
        "call_sid": recording.call_sid,
        "conference_sid": recording.conference_sid,
        "date_created": format_rfc2822(recording.created_at),
        "date_updated": format_rfc2822(recording.updated_at),
        "start_time": format_rfc2822(recording.created_at),
        "duration": None if recording.is_running else str(recording.duration),
        "price": None,
        "price_unit": "USD",
        "status": recording.status(world.exchange.now),
        "channels": recording.channels,
        "source": recording.source,
        "error_code": call_recording.RECORDING_TOO_SHORT if recording.is_absent else None,
        "uri": address,
        "encryption_details": None,
    }
    if parent == "call":
        return made | {"track": recording.track}
    if parent:
        return made
    return made | {
        "subresource_uris": {
            "add_on_results": f"{address[:-5]}/AddOnResults.json",
            "transcriptions": f"{address[:-5]}/Transcriptions.json",
        },
        "media_url": f"{world.url}{address[:-5]}",
    }


def create(world: World, request: web.Request, form: Form) -> Json:
    """Record a live call from here on. A second wish while one runs makes no second recording."""
    leg = calls.find_call(world, request, "call")
    told = outgoing_calls.read_status_callback(
        world, form, outgoing_calls.RECORDING_EVENTS, "RecordingStatusCallback"
    )
    channels = form.one_of("RecordingChannels", {"mono", "dual"}, "mono")
    track = form.one_of("RecordingTrack", {"inbound", "outbound", "both"}, "both")
    form.one_of("Trim", {"trim-silence", "do-not-trim"})
    if leg.status != "in-progress":
        raise RestApiError(400, 21220, "Requested resource is not eligible for recording")
    source = "StartCallRecordingAPI"
    for one in _list_recordings(world, request):
        if one.is_running and one.source == source:
            return to_json(world, request, one)
    made = call_recording.record_call(
        world, leg, source, told, channels=2 if channels == "dual" else 1
    ).recording
    made.track = track
    return to_json(world, request, made)


def list_page(world: World, request: web.Request, form: Form) -> Json:
    form.flag("IncludeSoftDeleted")  # nothing deleted is kept
    form.check_dates("DateCreated")
    found = [
        one
        for one in reversed(_list_recordings(world, request))
        if form.matches("CallSid", one.call_sid)
        and form.matches("ConferenceSid", one.conference_sid)
        and form.matches_date("DateCreated", one.created_at)
    ]
    return Pager(request=request, key="recordings").render_page(found, partial(to_json, world, request))


def fetch(world: World, request: web.Request, form: Form) -> Json:
    form.flag("IncludeSoftDeleted")
    return to_json(world, request, _find_recording(world, request))


def update(world: World, request: web.Request, form: Form) -> Json:
    recording = _find_recording(world, request)
    if not form.text("Status"):
        raise RestApiError(400, INVALID_PARAMETER, "Status is required")
    status = form.one_of("Status", {"in-progress", "paused", "stopped"})
    skip = form.one_of("PauseBehavior", {"skip", "silence"}, "silence") == "skip"
    if not recording.is_running:
        raise RestApiError(400, 21220, f"Recording {recording.sid} is not in progress")
    tape = call_recording.Recorder(world=world, recording=recording)
    match status:
        case "paused":
            tape.pause(skip=skip)
        case "in-progress":
            tape.resume()
        case _:
            tape.stop()
            return to_json(world, request, recording) | {"status": "stopped"}
    return to_json(world, request, recording)


def delete(world: World, request: web.Request, _form: Form) -> None:
    recording = _find_recording(world, request)
    if recording.is_running:
        raise RestApiError(400, 20009, "Recording is in progress and cannot be deleted")
    del world.recordings[recording.sid]


async def get_media(request: web.Request) -> web.Response:
    recording = _find_recording(request.app[WORLD_KEY], request)
    if recording.is_running:
        raise not_found(request)
    sound = io.BytesIO()
    with wave.open(sound, "wb") as file:
        file.setnchannels(recording.channels)
        file.setsampwidth(1)
        file.setframerate(SAMPLES_PER_SECOND)
        file.writeframes(b"\x80" * SAMPLES_PER_SECOND * recording.channels * recording.duration)
    return web.Response(body=sound.getvalue(), content_type="audio/x-wav")


def _list_recordings(world: World, request: web.Request) -> list[Recording]:
    """Those of the call, of the conference or of the account, whichever the path names; oldest first."""
    call, room = request.match_info.get("call"), request.match_info.get("conference")
    if call:
        calls.find_call(world, request, "call")
    if room:
        conferences.find_conference(world, request)
    return [
        one
        for one in world.recordings.values()
        if call in {None, one.call_sid} and room in {None, one.conference_sid}
    ]


def _find_recording(world: World, request: web.Request) -> Recording:
    wanted = request.match_info["sid"]
    for one in reversed(_list_recordings(world, request)):
        if one.sid == wanted or (wanted == CURRENT_RECORDING and one.is_running):
            return one
    raise not_found(request)


def _parent_path(request: web.Request, parent: str) -> list[str]:
    return [f"{parent.title()}s", request.match_info[parent]] if parent else []
