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
from ivr.emulator.rest.common import BASE, WORLD, Json, handler, missing, uri
from ivr.emulator.rest.form import WRONG, Form, Refusal
from ivr.emulator.rest.paging import Pages
from ivr.emulator.runtime.exchange import API_VERSION
from ivr.emulator.runtime.formats import rfc2822

RATE = 8000  # samples per second
SID = "{sid:RE[0-9a-fA-F]+}"
CURRENT = "Twilio.CURRENT"  # the one that runs
PARENTS = ("Calls/{call}", "Conferences/{conference}")


def routes() -> list[web.RouteDef]:
    below = [f"{BASE}/{parent}/Recordings" for parent in PARENTS]
    return [
        web.get(f"{BASE}/Recordings.json", handler(listing)),
        web.get(f"{BASE}/Recordings/{SID}.json", handler(fetch)),
        web.delete(f"{BASE}/Recordings/{SID}.json", handler(delete)),
        web.get(f"{BASE}/Recordings/{SID}{{suffix:(\\.wav|\\.mp3)?}}", media),
        web.post(f"{below[0]}.json", handler(create, 201)),
        *(web.get(f"{parent}.json", handler(listing)) for parent in below),
        *(web.get(f"{parent}/{{sid}}.json", handler(fetch)) for parent in below),
        *(web.post(f"{parent}/{{sid}}.json", handler(update)) for parent in below),
        *(web.delete(f"{parent}/{{sid}}.json", handler(delete)) for parent in below),
    ]


def body(world: World, request: web.Request, recording: Recording) -> Json:
    parent = next((name for name in ("call", "conference") if name in request.match_info), "")
    address = uri(world, *_above(request, parent), "Recordings", recording.sid)
    made = {
        "sid": recording.sid,
        "account_sid": world.exchange.account_sid,
        "api_version": API_VERSION,
        "call_sid": recording.call_sid,
        "conference_sid": recording.conference_sid,
        "date_created": rfc2822(recording.created),
        "date_updated": rfc2822(recording.updated),
        "start_time": rfc2822(recording.created),
        "duration": None if recording.live else str(recording.duration),
        "price": None,
        "price_unit": "USD",
        "status": recording.status(world.exchange.now),
        "channels": recording.channels,
        "source": recording.source,
        "error_code": call_recording.TOO_SHORT if recording.absent else None,
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
    leg = calls.find(world, request, "call")
    told = outgoing_calls.events(world, form, outgoing_calls.RECORDED, "RecordingStatusCallback")
    channels = form.one_of("RecordingChannels", {"mono", "dual"}, "mono")
    track = form.one_of("RecordingTrack", {"inbound", "outbound", "both"}, "both")
    form.one_of("Trim", {"trim-silence", "do-not-trim"})
    if leg.status != "in-progress":
        raise Refusal(400, 21220, "Requested resource is not eligible for recording")
    source = "StartCallRecordingAPI"
    for one in _of(world, request):
        if one.live and one.source == source:
            return body(world, request, one)
    made = call_recording.until_over(
        world, leg, source, told, channels=2 if channels == "dual" else 1
    ).recording
    made.track = track
    return body(world, request, made)


def listing(world: World, request: web.Request, form: Form) -> Json:
    form.flag("IncludeSoftDeleted")  # nothing deleted is kept
    form.dates("DateCreated")
    found = [
        one
        for one in reversed(_of(world, request))
        if form.is_or_absent("CallSid", one.call_sid)
        and form.is_or_absent("ConferenceSid", one.conference_sid)
        and form.within("DateCreated", one.created)
    ]
    return Pages(request=request, key="recordings").page(found, partial(body, world, request))


def fetch(world: World, request: web.Request, form: Form) -> Json:
    form.flag("IncludeSoftDeleted")
    return body(world, request, _find(world, request))


def update(world: World, request: web.Request, form: Form) -> Json:
    recording = _find(world, request)
    if not form.text("Status"):
        raise Refusal(400, WRONG, "Status is required")
    status = form.one_of("Status", {"in-progress", "paused", "stopped"})
    skip = form.one_of("PauseBehavior", {"skip", "silence"}, "silence") == "skip"
    if not recording.live:
        raise Refusal(400, 21220, f"Recording {recording.sid} is not in progress")
    tape = call_recording.Tape(world=world, recording=recording)
    match status:
        case "paused":
            tape.pause(skip=skip)
        case "in-progress":
            tape.resume()
        case _:
            tape.stop()
            return body(world, request, recording) | {"status": "stopped"}
    return body(world, request, recording)


def delete(world: World, request: web.Request, _form: Form) -> None:
    recording = _find(world, request)
    if recording.live:
        raise Refusal(400, 20009, "Recording is in progress and cannot be deleted")
    del world.recordings[recording.sid]


async def media(request: web.Request) -> web.Response:
    recording = _find(request.app[WORLD], request)
    if recording.live:
        raise missing(request)
    sound = io.BytesIO()
    with wave.open(sound, "wb") as file:
        file.setnchannels(recording.channels)
        file.setsampwidth(1)
        file.setframerate(RATE)
        file.writeframes(b"\x80" * RATE * recording.channels * recording.duration)
    return web.Response(body=sound.getvalue(), content_type="audio/x-wav")


def _of(world: World, request: web.Request) -> list[Recording]:
    """Those of the call, of the conference or of the account, whichever the path names; oldest first."""
    call, room = request.match_info.get("call"), request.match_info.get("conference")
    if call:
        calls.find(world, request, "call")
    if room:
        conferences.find(world, request)
    return [
        one
        for one in world.recordings.values()
        if call in {None, one.call_sid} and room in {None, one.conference_sid}
    ]


def _find(world: World, request: web.Request) -> Recording:
    wanted = request.match_info["sid"]
    for one in reversed(_of(world, request)):
        if one.sid == wanted or (wanted == CURRENT and one.live):
            return one
    raise missing(request)


def _above(request: web.Request, parent: str) -> list[str]:
    return [f"{parent.title()}s", request.match_info[parent]] if parent else []
