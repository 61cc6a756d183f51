"""Recordings: list, fetch, listen to, delete. The sound is silence of the right length."""

import io
import wave
from functools import partial

from aiohttp import web

from ivr.emulator.exchange import API_VERSION
from ivr.emulator.formats import rfc2822
from ivr.emulator.resources import Recording
from ivr.emulator.rest.common import BASE, WORLD, Form, Json, handler, missing, page, uri, within
from ivr.emulator.world import World

RATE = 8000  # samples per second


def routes() -> list[web.RouteDef]:
    return [
        web.get(f"{BASE}/Recordings.json", handler(listing)),
        web.get(f"{BASE}/Calls/{{call}}/Recordings.json", handler(listing)),
        web.get(f"{BASE}/Conferences/{{room}}/Recordings.json", handler(listing)),
        web.get(f"{BASE}/Recordings/{{sid:RE[0-9a-f]+}}.json", handler(fetch)),
        web.delete(f"{BASE}/Recordings/{{sid:RE[0-9a-f]+}}.json", handler(delete)),
        web.get(f"{BASE}/Recordings/{{sid:RE[0-9a-f]+}}{{suffix:(\\.wav|\\.mp3)?}}", media),
    ]


def body(world: World, recording: Recording) -> Json:
    address = uri(world, "Recordings", recording.sid)
    return {
        "sid": recording.sid,
        "account_sid": world.exchange.account_sid,
        "api_version": API_VERSION,
        "call_sid": recording.call_sid,
        "conference_sid": recording.conference_sid,
        "date_created": rfc2822(recording.created),
        "date_updated": rfc2822(recording.updated),
        "start_time": rfc2822(recording.created),
        "duration": str(recording.duration),
        "price": None,
        "price_unit": "USD",
        "status": "completed" if world.exchange.now >= recording.ready else "processing",
        "channels": recording.channels,
        "source": recording.source,
        "error_code": None,
        "uri": address,
        "encryption_details": None,
        "subresource_uris": {
            "add_on_results": f"{address[:-5]}/AddOnResults.json",
            "transcriptions": f"{address[:-5]}/Transcriptions.json",
        },
        "media_url": f"{world.url}{address[:-5]}",
    }


def listing(world: World, request: web.Request, _form: Form) -> Json:
    query = request.query
    call = request.match_info.get("call") or query.get("CallSid")
    room = request.match_info.get("room") or query.get("ConferenceSid")
    found = [
        one
        for one in reversed(world.recordings.values())
        if call in {None, one.call_sid}
        and room in {None, one.conference_sid}
        and within(query, "DateCreated", one.created)
    ]
    return page(request, "recordings", found, partial(body, world))


def fetch(world: World, request: web.Request, _form: Form) -> Json:
    return body(world, _find(world, request))


def delete(world: World, request: web.Request, _form: Form) -> None:
    del world.recordings[_find(world, request).sid]


async def media(request: web.Request) -> web.Response:
    recording = _find(request.app[WORLD], request)
    sound = io.BytesIO()
    with wave.open(sound, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(RATE)
        file.writeframes(b"\x80" * RATE * recording.duration)
    return web.Response(body=sound.getvalue(), content_type="audio/x-wav")


def _find(world: World, request: web.Request) -> Recording:
    recording = world.recordings.get(request.match_info["sid"])
    if recording is None:
        raise missing(request)
    return recording
