"""The pictures of a text: list, fetch, where the file is, delete.

https://www.twilio.com/docs/messaging/api/media-resource
"""

from functools import partial

from aiohttp import web

from ivr.emulator.account import messages as account_messages
from ivr.emulator.account.resources import Message
from ivr.emulator.account.world import World
from ivr.emulator.rest import messages
from ivr.emulator.rest.common import BASE, WORLD, Json, handler, missing, uri
from ivr.emulator.rest.form import Form
from ivr.emulator.rest.paging import Pages
from ivr.emulator.runtime.formats import rfc2822

MEDIA = f"{BASE}/Messages/{{sid}}/Media"


def routes() -> list[web.RouteDef]:
    return [
        web.get(f"{MEDIA}.json", handler(listing)),
        web.get(f"{MEDIA}/{{media}}.json", handler(fetch)),
        web.delete(f"{MEDIA}/{{media}}.json", handler(delete)),
        web.get(f"{MEDIA}/{{media:ME[0-9a-f]+}}", file),
    ]


def body(world: World, message: Message, sid: str) -> Json:
    url = message.media[message.media_sids.index(sid)]
    return {
        "sid": sid,
        "account_sid": world.exchange.account_sid,
        "parent_sid": message.sid,
        "content_type": account_messages.content_type(world, url),
        "date_created": rfc2822(message.created),
        "date_updated": rfc2822(message.updated),
        "uri": uri(world, "Messages", message.sid, "Media", sid),
    }


def listing(world: World, request: web.Request, form: Form) -> Json:
    message = messages.find(world, request)
    found = tuple(filter(None, message.media_sids)) if form.within("DateCreated", message.created) else ()
    pages = Pages(request=request, key="media_list", oldest_first=True)
    return pages.page(found, partial(body, world, message), name=str)


def fetch(world: World, request: web.Request, _form: Form) -> Json:
    message, index = _find(world, request)
    return body(world, message, message.media_sids[index])


def delete(world: World, request: web.Request, _form: Form) -> None:
    """From the account; the telephone that it was sent from or to has it still."""
    message, gone = _find(world, request)
    message.media_sids = tuple("" if index == gone else one for index, one in enumerate(message.media_sids))


async def file(request: web.Request) -> web.StreamResponse:
    """Twilio sends on to where the file is."""
    message, index = _find(request.app[WORLD], request)
    return web.Response(status=307, headers={"Location": message.media[index]})


def _find(world: World, request: web.Request) -> tuple[Message, int]:
    message, wanted = messages.find(world, request), request.match_info["media"]
    if wanted not in message.media_sids:
        raise missing(request)
    return message, message.media_sids.index(wanted)
