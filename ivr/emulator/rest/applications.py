"""Applications: webhooks that several numbers and calls have in common.

https://www.twilio.com/docs/usage/api/applications
"""

from functools import partial

from aiohttp import web

from ivr.emulator.account.resources import Application
from ivr.emulator.account.world import World
from ivr.emulator.rest.common import BASE, Json, handler, missing, uri
from ivr.emulator.rest.form import Form
from ivr.emulator.rest.paging import Pages
from ivr.emulator.rest.webhook_settings import COMMON, given, shown
from ivr.emulator.runtime.exchange import API_VERSION
from ivr.emulator.runtime.formats import rfc2822

SETTINGS = {
    **COMMON,
    "SmsStatusCallback": "sms_status_callback",
    "MessageStatusCallback": "message_status_callback",
    "PublicApplicationConnectEnabled": "public_application_connect_enabled",
}


def routes() -> list[web.RouteDef]:
    return [
        web.post(f"{BASE}/Applications.json", handler(create, 201)),
        web.get(f"{BASE}/Applications.json", handler(listing)),
        web.get(f"{BASE}/Applications/{{sid}}.json", handler(fetch)),
        web.post(f"{BASE}/Applications/{{sid}}.json", handler(update)),
        web.delete(f"{BASE}/Applications/{{sid}}.json", handler(delete)),
    ]


def body(world: World, application: Application) -> Json:
    return {
        **shown(application.settings, SETTINGS),
        "sid": application.sid,
        "account_sid": world.exchange.account_sid,
        "api_version": API_VERSION,
        "date_created": rfc2822(application.created),
        "date_updated": rfc2822(application.updated),
        "uri": uri(world, "Applications", application.sid),
    }


def create(world: World, _request: web.Request, form: Form) -> Json:
    settings, now = given(form, SETTINGS), world.exchange.now
    sid = world.exchange.sids.new("AP")
    made = Application(sid=sid, created=now, updated=now, settings=settings)
    world.applications[sid] = made
    return body(world, made)


def listing(world: World, request: web.Request, form: Form) -> Json:
    found = [
        one
        for one in reversed(world.applications.values())
        if form.is_or_absent("FriendlyName", one.get("friendly_name"))
    ]
    return Pages(request=request, key="applications").page(found, partial(body, world))


def fetch(world: World, request: web.Request, _form: Form) -> Json:
    return body(world, _find(world, request))


def update(world: World, request: web.Request, form: Form) -> Json:
    application = _find(world, request)
    application.settings |= given(form, SETTINGS)
    application.updated = world.exchange.now
    return body(world, application)


def delete(world: World, request: web.Request, _form: Form) -> None:
    del world.applications[_find(world, request).sid]


def _find(world: World, request: web.Request) -> Application:
    found = world.application(request.match_info["sid"])
    if found is None:
        raise missing(request)
    return found
