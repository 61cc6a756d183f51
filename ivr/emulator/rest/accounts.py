"""The account itself, the only one there is."""

from aiohttp import web

from ivr.emulator.account.world import World
from ivr.emulator.rest.common import Json, make_handler, not_found
from ivr.emulator.rest.form import Form
from ivr.emulator.rest.paging import Pager
from ivr.emulator.runtime.exchange import API_VERSION
from ivr.emulator.runtime.formats import format_rfc2822

SUBRESOURCES = [
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
        web.get(f"/{API_VERSION}/Accounts.json", make_handler(list_page)),
        web.get(f"/{API_VERSION}/Accounts/{{sid}}.json", make_handler(fetch)),
    ]


def to_json(world: World) -> Json:
    sid = world.exchange.account_sid
    base = f"/{API_VERSION}/Accounts/{sid}"
    names = {name: "".join(word.title() for word in name.split("_")) for name in SUBRESOURCES}
    return {
        "sid": sid,
        "friendly_name": ACCOUNT_NAME,
        "auth_token": world.exchange.auth_token,
        "owner_account_sid": sid,
        "status": "active",
        "type": "Full",
        "date_created": format_rfc2822(0),
        "date_updated": format_rfc2822(0),
        "subresource_uris": {name: f"{base}/{path}.json" for name, path in names.items()},
        "uri": f"{base}.json",
    }


ACCOUNT_NAME = "Emulated account"


def list_page(world: World, request: web.Request, form: Form) -> Json:
    status = form.one_of("Status", {"active", "suspended", "closed"}, "active")
    found = (
        [world.exchange.account_sid]
        if status == "active" and form.matches("FriendlyName", ACCOUNT_NAME)
        else []
    )
    return Pager(request=request, key="accounts").render_page(found, lambda _: to_json(world), get_name=str)


def fetch(world: World, request: web.Request, _form: Form) -> Json:
    if request.match_info["sid"] != world.exchange.account_sid:
        raise not_found(request)
    return to_json(world)
