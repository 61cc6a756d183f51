"""The pictures of a text: list, fetch, where the file is, delete.

https://www.twilio.com/docs/messaging/api/media-resource
"""

from functools import partial

from aiohttp import web

from ivr.emulator.account import messages as account_messages
from ivr.emulator.account.resources import Message
from ivr.emulator.account.world import World
from ivr.emulator.rest import messages
from ivr.emulator.rest.common import ACCOUNT_PATH, WORLD_KEY, Json, make_handler, not_found, resource_uri
from ivr.emulator.rest.form import Form
from ivr.emulator.rest.paging import Pager
from ivr.emulator.runtime.formats import format_rfc2822

MEDIA_PATH = f"{ACCOUNT_PATH}/Messages/{{sid}}/Media"


def routes() -> list[web.RouteDef]:
    return [
        web.get(f"{MEDIA_PATH}.json", make_handler(list_page)),
        web.get(f"{MEDIA_PATH}/{{media}}.json", make_handler(fetch)),
        web.delete(f"{MEDIA_PATH}/{{media}}.json", make_handler(delete)),
        web.get(f"{MEDIA_PATH}/{{media:ME[0-9a-f]+}}", redirect_to_file),
    ]


def to_json(world: World, message: Message, sid: str) -> Json:
    url = message.media_urls[message.media_sids.index(sid)]
    return {
        "sid": sid,
        "account_sid": world.exchange.account_sid,
        "parent_sid": message.sid,
        "content_type": account_messages.media_content_type(world, url),
        "date_created": format_rfc2822(message.created_at),
        "date_updated": format_rfc2822(message.updated_at),
        "uri": resource_uri(world, "Messages", message.sid, "Media", sid),
    }


def list_page(world: World, request: web.Request, form: Form) -> Json:
    message = messages.find_message(world, request)
    found = (
        tuple(filter(None, message.media_sids))
        if form.matches_date("DateCreated", message.created_at)
        else ()
    )
    pages = Pager(request=request, key="media_list", oldest_first=True)
    return pages.render_page(found, partial(to_json, world, message), get_name=str)


def fetch(world: World, request: web.Request, _form: Form) -> Json:
    message, index = _find_media(world, request)
    return to_json(world, message, message.media_sids[index])


def delete(world: World, request: web.Request, _form: Form) -> None:
    """From the account; the telephone that it was sent from or to has it still."""
    message, gone = _find_media(world, request)
    message.media_sids = tuple("" if index == gone else one for index, one in enumerate(message.media_sids))


async def redirect_to_file(request: web.Request) -> web.StreamResponse:
    """Twilio sends on to where the file is."""
    message, index = _find_media(request.app[WORLD_KEY], request)
    return web.Response(status=307, headers={"Location": message.media_urls[index]})


def _find_media(world: World, request: web.Request) -> tuple[Message, int]:
    message, wanted = messages.find_message(world, request), request.match_info["media"]
    if wanted not in message.media_sids:
        raise not_found(request)
    return message, message.media_sids.index(wanted)
