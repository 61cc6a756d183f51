"""The account itself."""

from aiohttp import web

from ivr.emulator.exchange import API_VERSION
from ivr.emulator.formats import rfc2822
from ivr.emulator.rest.common import Form, Json, handler, missing
from ivr.emulator.world import World

PARTS = ["calls", "conferences", "incoming_phone_numbers", "messages", "queues", "recordings"]


def routes() -> list[web.RouteDef]:
    return [web.get(f"/{API_VERSION}/Accounts/{{sid}}.json", handler(fetch))]


def fetch(world: World, request: web.Request, _form: Form) -> Json:
    sid = world.exchange.account_sid
    if request.match_info["sid"] != sid:
        raise missing(request)
    base = f"/{API_VERSION}/Accounts/{sid}"
    names = {name: "".join(word.title() for word in name.split("_")) for name in PARTS}
    return {
        "sid": sid,
        "friendly_name": "Emulated account",
        "auth_token": world.exchange.auth_token,
        "owner_account_sid": sid,
        "status": "active",
        "type": "Full",
        "date_created": rfc2822(0),
        "date_updated": rfc2822(0),
        "subresource_uris": {name: f"{base}/{path}.json" for name, path in names.items()},
        "uri": f"{base}.json",
    }
