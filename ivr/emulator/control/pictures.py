"""Pictures in texts: those that people send, and those that the app sends to them."""

import secrets

from aiohttp import web

from ivr.emulator.account.world import World
from ivr.emulator.control.common import ControlApiError, Json, make_handler
from ivr.emulator.rest.common import WORLD_KEY
from ivr.emulator.runtime.faults import RequestKind
from ivr.emulator.webhooks.request import WebhookRequest

MAX_PICTURE_BYTES = 5 * 1024 * 1024  # bytes; https://www.twilio.com/docs/messaging/guides/accepted-mime-types
ACCEPTED_TYPES = ("image/", "video/", "audio/", "text/vcard", "application/pdf")
SANDBOX_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; sandbox"
}  # an SVG opened by itself could run scripts


def routes() -> list[web.RouteDef]:
    return [
        web.post("/emulator/pictures", upload_picture),
        web.get("/emulator/pictures/{id}", make_handler(get_uploaded)),
        web.get("/emulator/texts/{sid}/media/{index}", make_handler(get_text_picture)),
    ]


async def upload_picture(request: web.Request) -> web.Response:
    """The body is the picture; the answer says at which `url` the app can fetch it once it is sent."""
    world = request.app[WORLD_KEY]
    if not request.content_type.startswith(ACCEPTED_TYPES):
        return web.json_response({"error": "no telephone sends that"}, status=400)
    body = bytearray()
    async for part in request.content.iter_any():
        body += part
        if len(body) > MAX_PICTURE_BYTES:
            return web.json_response({"error": "a picture has 5 MB at most"}, status=413)
    name = secrets.token_urlsafe(12)
    world.pictures[name] = (request.content_type, bytes(body))
    return web.json_response({"url": f"{world.url}/emulator/pictures/{name}"})


def get_uploaded(world: World, request: web.Request, _payload: Json) -> web.Response:
    return _uploaded_response(world, request.match_info["id"])


async def get_text_picture(world: World, request: web.Request, _payload: Json) -> web.Response:
    """A picture of a text, fetched from the app as Twilio does, for the page that shows it."""
    message = world.messages.get(request.match_info["sid"])
    index = int(request.match_info["index"])
    if message is None or not 0 <= index < len(message.media_urls):
        raise ControlApiError("no such picture", 404)
    url = message.media_urls[index]
    own = f"{world.url}/emulator/pictures/"
    if url.startswith(own):
        return _uploaded_response(world, url.removeprefix(own))
    answer = await world.send_webhook(
        WebhookRequest(url=url, params={}, method="GET", kind=RequestKind.MEDIA)
    )
    if answer.error_code:
        raise ControlApiError(f"{url}: {answer.error_message}", 502)
    if not answer.content_type.startswith("image/"):
        raise ControlApiError(f"{url} is {answer.content_type or 'nothing'}, no picture", 415)
    return _image_response(answer.content_type, answer.body)


def _uploaded_response(world: World, name: str) -> web.Response:
    if name not in world.pictures:
        raise ControlApiError("no such picture", 404)
    return _image_response(*world.pictures[name])


def _image_response(content_type: str, body: bytes) -> web.Response:
    return web.Response(
        body=body,
        content_type=content_type,
        headers={**SANDBOX_HEADERS, "Cache-Control": "private, max-age=3600"},
    )
