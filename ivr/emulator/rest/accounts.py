"""The account itself, the only one there is."""

from aiohttp import web

from ivr.emulator.account.world import World
from ivr.emulator.rest.common import Json, handler, missing
from ivr.emulator.rest.form import Form
from ivr.emulator.rest.paging import Pages
from ivr.emulator.runtime.exchange import API_VERSION
from ivr.emulator.runtime.formats import rfc2822

PARTS = [
    "applications",
    "calls",
    "conferences",
    "incoming_phone_numbers",
    "messages",
    "notifications",
    "queues",
    "recordings",
]


def routes() -> list[web.RouteDef]:
    return [
        web.get(f"/{API_VERSION}/Accounts.json", handler(listing)),
        web.get(f"/{API_VERSION}/Accounts/{{sid}}.json", handler(fetch)),
    ]


def body(world: World) -> Json:
    sid = world.exchange.account_sid
    base = f"/{API_VERSION}/Accounts/{sid}"
    names = {name: "".join(word.title() for word in name.split("_")) for name in PARTS}
    return {
        "sid": sid,
        "friendly_name": NAME,
        "auth_token": world.exchange.auth_token,
        "owner_account_sid": sid,
        "status": "active",
        "type": "Full",
        "date_created": rfc2822(0),
        "date_updated": rfc2822(0),
        "subresource_uris": {name: f"{base}/{path}.json" for name, path in names.items()},
        "uri": f"{base}.json",
    }


NAME = "Emulated account"


def listing(world: World, request: web.Request, form: Form) -> Json:
    status = form.one_of("Status", {"active", "suspended", "closed"}, "active")
    found = (
        [world.exchange.account_sid] if status == "active" and form.is_or_absent("FriendlyName", NAME) else []
    )
    return Pages(request=request, key="accounts").page(found, lambda _: body(world), name=str)


def fetch(world: World, request: web.Request, _form: Form) -> Json:
    if request.match_info["sid"] != world.exchange.account_sid:
        raise missing(request)
    return body(world)
