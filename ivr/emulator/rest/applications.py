"""Applications: webhooks that several numbers and calls have in common.

https://www.twilio.com/docs/usage/api/applications
"""

from functools import partial

from aiohttp import web

from ivr.emulator.account.resources import Application
from ivr.emulator.account.world import World
from ivr.emulator.rest.common import ACCOUNT_PATH, Json, make_handler, not_found, resource_uri
from ivr.emulator.rest.form import Form
from ivr.emulator.rest.paging import Pager
from ivr.emulator.rest.webhook_settings import COMMON_PARAMETERS, read_settings, settings_to_json
from ivr.emulator.runtime.exchange import API_VERSION
from ivr.emulator.runtime.formats import format_rfc2822

SETTINGS = {
    **COMMON_PARAMETERS,
    "SmsStatusCallback": "sms_status_callback",
    "MessageStatusCallback": "message_status_callback",
    "PublicApplicationConnectEnabled": "public_application_connect_enabled",
}


def routes() -> list[web.RouteDef]:
    return [
        web.post(f"{ACCOUNT_PATH}/Applications.json", make_handler(create, 201)),
        web.get(f"{ACCOUNT_PATH}/Applications.json", make_handler(list_page)),
        web.get(f"{ACCOUNT_PATH}/Applications/{{sid}}.json", make_handler(fetch)),
        web.post(f"{ACCOUNT_PATH}/Applications/{{sid}}.json", make_handler(update)),
        web.delete(f"{ACCOUNT_PATH}/Applications/{{sid}}.json", make_handler(delete)),
    ]


def to_json(world: World, application: Application) -> Json:
    return {
        **settings_to_json(application.settings, SETTINGS),
        "sid": application.sid,
        "account_sid": world.exchange.account_sid,
        "api_version": API_VERSION,
        "date_created": format_rfc2822(application.created_at),
        "date_updated": format_rfc2822(application.updated_at),
        "uri": resource_uri(world, "Applications", application.sid),
    }


def create(world: World, _request: web.Request, form: Form) -> Json:
    settings, now = read_settings(form, SETTINGS), world.exchange.now
    sid = world.exchange.sids.new("AP")
    made = Application(sid=sid, created_at=now, updated_at=now, settings=settings)
    world.applications[sid] = made
    return to_json(world, made)


def list_page(world: World, request: web.Request, form: Form) -> Json:
    found = [
        one
        for one in reversed(world.applications.values())
        if form.matches("FriendlyName", one.get("friendly_name"))
    ]
    return Pager(request=request, key="applications").render_page(found, partial(to_json, world))


def fetch(world: World, request: web.Request, _form: Form) -> Json:
    return to_json(world, _find_application(world, request))


def update(world: World, request: web.Request, form: Form) -> Json:
    application = _find_application(world, request)
    application.settings |= read_settings(form, SETTINGS)
    application.updated_at = world.exchange.now
    return to_json(world, application)


def delete(world: World, request: web.Request, _form: Form) -> None:
    del world.applications[_find_application(world, request).sid]


def _find_application(world: World, request: web.Request) -> Application:
    found = world.find_application(request.match_info["sid"])
    if found is None:
        raise not_found(request)
    return found
