"""Pictures in texts: those that people send, and those that the app sends to them."""

import secrets

from aiohttp import web

from ivr.emulator.account.world import World
from ivr.emulator.control.common import Json, Wrong, handler
from ivr.emulator.rest.common import WORLD
from ivr.emulator.runtime.faults import Where
from ivr.emulator.webhooks.sender import Hook

LARGEST = 5 * 1024 * 1024  # bytes; https://www.twilio.com/docs/messaging/guides/accepted-mime-types
KINDS = ("image/", "video/", "audio/", "text/vcard", "application/pdf")
HARMLESS = {
    "Content-Security-Policy": "default-src 'none'; sandbox"
}  # an SVG opened by itself could run scripts


def routes() -> list[web.RouteDef]:
    return [
        web.post("/emulator/pictures", keep),
        web.get("/emulator/pictures/{id}", handler(shown)),
        web.get("/emulator/texts/{sid}/media/{index}", handler(sent)),
    ]


async def keep(request: web.Request) -> web.Response:
    """The body is the picture; the answer says at which `url` the app can fetch it once it is sent."""
    world = request.app[WORLD]
    if not request.content_type.startswith(KINDS):
        return web.json_response({"error": "no telephone sends that"}, status=400)
    body = bytearray()
    async for part in request.content.iter_any():
        body += part
        if len(body) > LARGEST:
            return web.json_response({"error": "a picture has 5 MB at most"}, status=413)
    name = secrets.token_urlsafe(12)
    world.pictures[name] = (request.content_type, bytes(body))
    return web.json_response({"url": f"{world.url}/emulator/pictures/{name}"})


def shown(world: World, request: web.Request, _given: Json) -> web.Response:
    return _kept(world, request.match_info["id"])


async def sent(world: World, request: web.Request, _given: Json) -> web.Response:
    """A picture of a text, fetched from the app as Twilio does, for the page that shows it."""
    message = world.messages.get(request.match_info["sid"])
    index = int(request.match_info["index"])
    if message is None or not 0 <= index < len(message.media):
        raise Wrong("no such picture", 404)
    url = message.media[index]
    own = f"{world.url}/emulator/pictures/"
    if url.startswith(own):
        return _kept(world, url.removeprefix(own))
    answer = await world.sent(Hook(url=url, params={}, method="GET", where=Where.MEDIA))
    if answer.error:
        raise Wrong(f"{url}: {answer.why}", 502)
    if not answer.content_type.startswith("image/"):
        raise Wrong(f"{url} is {answer.content_type or 'nothing'}, no picture", 415)
    return _image(answer.content_type, answer.body)


def _kept(world: World, name: str) -> web.Response:
    if name not in world.pictures:
        raise Wrong("no such picture", 404)
    return _image(*world.pictures[name])


def _image(content_type: str, body: bytes) -> web.Response:
    return web.Response(
        body=body, content_type=content_type, headers={**HARMLESS, "Cache-Control": "private, max-age=3600"}
    )
