"""What Twilio noted about calls: Notifications (errors and warnings) and Events (the requests of a call).

https://www.twilio.com/docs/usage/api/notification-deprecated, https://www.twilio.com/docs/voice/api/call-event-resource
"""

from functools import partial

from aiohttp import web

from ivr.emulator.account.world import World
from ivr.emulator.rest import calls
from ivr.emulator.rest.common import BASE, Json, handler, missing, uri
from ivr.emulator.rest.form import MORE_INFO, Form
from ivr.emulator.rest.paging import Pages
from ivr.emulator.runtime.event_log import Entry
from ivr.emulator.runtime.exchange import API_VERSION
from ivr.emulator.runtime.formats import rfc2822

REQUESTS = frozenset({"webhook", "callback"})
ERROR, WARNING = "0", "1"  # how Twilio numbers its log levels
# Of TwiML's own codes most are warnings; these are not (https://www.twilio.com/docs/api/errors).
GRAVE = frozenset({13201, 13224, 13225, 13227})


def routes() -> list[web.RouteDef]:
    return [
        web.get(f"{BASE}/Notifications.json", handler(listing)),
        web.get(f"{BASE}/Notifications/{{sid}}.json", handler(fetch)),
        web.get(f"{BASE}/Calls/{{call}}/Notifications.json", handler(listing)),
        web.get(f"{BASE}/Calls/{{call}}/Notifications/{{sid}}.json", handler(fetch)),
        web.get(f"{BASE}/Calls/{{call}}/Events.json", handler(events)),
    ]


def body(world: World, request: web.Request, entry: Entry) -> Json:
    call = request.match_info.get("call")
    above = ["Calls", call] if call else []
    return {
        "sid": sid_of(entry),
        "account_sid": world.exchange.account_sid,
        "api_version": API_VERSION,
        "call_sid": entry["call"],
        "date_created": rfc2822(entry["epoch"]),
        "date_updated": rfc2822(entry["epoch"]),
        "error_code": str(entry["code"]),
        "log": level(entry),
        "message_date": rfc2822(entry["epoch"]),
        "message_text": entry["message"],
        "more_info": f"{MORE_INFO}/{entry['code']}",
        "request_method": None,
        "request_url": entry.get("url"),
        "uri": uri(world, *above, "Notifications", sid_of(entry)),
    }


def sid_of(entry: Entry) -> str:
    return f"NO{entry['n']:032x}"


def level(entry: Entry) -> str:
    code = entry["code"]
    return WARNING if code == 12200 or (13_000 <= code < 14_000 and code not in GRAVE) else ERROR


def listing(world: World, request: web.Request, form: Form) -> Json:
    log = form.one_of("Log", {ERROR, WARNING})
    form.dates("MessageDate")
    found = [
        entry
        for entry in _errors(world, request)
        if log in {"", level(entry)} and form.within("MessageDate", entry["epoch"])
    ]
    pages = Pages(request=request, key="notifications")
    return pages.page(found, partial(body, world, request), name=sid_of)


def fetch(world: World, request: web.Request, _form: Form) -> Json:
    for entry in _errors(world, request):
        if sid_of(entry) == request.match_info["sid"]:
            more = dict.fromkeys(["request_variables", "response_body", "response_headers"], "")
            return body(world, request, entry) | more
    raise missing(request)


def events(world: World, request: web.Request, _form: Form) -> Json:
    """The requests that Twilio made about the call, oldest first."""
    leg = calls.find(world, request, "call")
    found = [
        one for one in world.exchange.journal.entries if one["kind"] in REQUESTS and one["call"] == leg.sid
    ]
    pages = Pages(request=request, key="events", oldest_first=True)
    return pages.page(found, _event, name=lambda entry: f"EV{entry['n']:032x}")


def _event(entry: Entry) -> Json:
    return {
        "request": {"method": entry["method"], "url": entry["url"], "parameters": entry["params"]},
        "response": {
            "response_code": entry["status"],
            "request_duration": round(entry["milliseconds"]),
            "content_type": None,
            "response_body": entry["answer"],
            "date_created": rfc2822(entry["epoch"]),
        },
    }


def _errors(world: World, request: web.Request) -> list[Entry]:
    """Newest first."""
    call = request.match_info.get("call")
    if call:
        calls.find(world, request, "call")
    return [
        one
        for one in reversed(world.exchange.journal.entries)
        if one["kind"] == "error" and one["code"] and call in {None, one["call"]}
    ]
