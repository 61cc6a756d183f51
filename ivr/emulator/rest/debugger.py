"""What Twilio noted about calls: Notifications (errors and warnings) and Events (the requests of a call).

https://www.twilio.com/docs/usage/api/notification-deprecated, https://www.twilio.com/docs/voice/api/call-event-resource
"""

from functools import partial

from aiohttp import web

from ivr.emulator.account.world import World
from ivr.emulator.rest import calls
from ivr.emulator.rest.common import ACCOUNT_PATH, Json, make_handler, not_found, resource_uri
from ivr.emulator.rest.form import MORE_INFO, Form
from ivr.emulator.rest.paging import Pager
from ivr.emulator.runtime.event_log import LogEntry
from ivr.emulator.runtime.exchange import API_VERSION
from ivr.emulator.runtime.formats import format_rfc2822

REQUEST_ENTRY_KINDS = frozenset({"webhook", "callback"})
ERROR_LEVEL, WARNING_LEVEL = "0", "1"  # how Twilio numbers its log levels
# Of TwiML's own codes most are warnings; these are not (https://www.twilio.com/docs/api/errors).
TWIML_ERROR_CODES = frozenset({13201, 13224, 13225, 13227})


def routes() -> list[web.RouteDef]:
    return [
        web.get(f"{ACCOUNT_PATH}/Notifications.json", make_handler(list_page)),
        web.get(f"{ACCOUNT_PATH}/Notifications/{{sid}}.json", make_handler(fetch)),
        web.get(f"{ACCOUNT_PATH}/Calls/{{call}}/Notifications.json", make_handler(list_page)),
        web.get(f"{ACCOUNT_PATH}/Calls/{{call}}/Notifications/{{sid}}.json", make_handler(fetch)),
        web.get(f"{ACCOUNT_PATH}/Calls/{{call}}/Events.json", make_handler(list_call_events)),
    ]


def to_json(world: World, request: web.Request, entry: LogEntry) -> Json:
    call = request.match_info.get("call")
    above = ["Calls", call] if call else []
    return {
        "sid": notification_sid(entry),
        "account_sid": world.exchange.account_sid,
        "api_version": API_VERSION,
        "call_sid": entry["call"],
        "date_created": format_rfc2822(entry["epoch"]),
        "date_updated": format_rfc2822(entry["epoch"]),
        "error_code": str(entry["code"]),
        "log": log_level_number(entry),
        "message_date": format_rfc2822(entry["epoch"]),
        "message_text": entry["message"],
        "more_info": f"{MORE_INFO}/{entry['code']}",
        "request_method": None,
        "request_url": entry.get("url"),
        "uri": resource_uri(world, *above, "Notifications", notification_sid(entry)),
    }


def notification_sid(entry: LogEntry) -> str:
    return f"NO{entry['n']:032x}"


def log_level_number(entry: LogEntry) -> str:
    code = entry["code"]
    return (
        WARNING_LEVEL
        if code == 12200 or (13_000 <= code < 14_000 and code not in TWIML_ERROR_CODES)
        else ERROR_LEVEL
    )


def list_page(world: World, request: web.Request, form: Form) -> Json:
    log = form.one_of("Log", {ERROR_LEVEL, WARNING_LEVEL})
    form.check_dates("MessageDate")
    found = [
        entry
        for entry in _list_errors(world, request)
        if log in {"", log_level_number(entry)} and form.matches_date("MessageDate", entry["epoch"])
    ]
    pages = Pager(request=request, key="notifications")
    return pages.render_page(found, partial(to_json, world, request), get_name=notification_sid)


def fetch(world: World, request: web.Request, _form: Form) -> Json:
    for entry in _list_errors(world, request):
        if notification_sid(entry) == request.match_info["sid"]:
            more = dict.fromkeys(["request_variables", "response_body", "response_headers"], "")
            return to_json(world, request, entry) | more
    raise not_found(request)


def list_call_events(world: World, request: web.Request, _form: Form) -> Json:
    """The requests that Twilio made about the call, oldest first."""
    leg = calls.find_call(world, request, "call")
    found = [
        one
        for one in world.exchange.event_log.entries
        if one["kind"] in REQUEST_ENTRY_KINDS and one["call"] == leg.sid
    ]
    pages = Pager(request=request, key="events", oldest_first=True)
    return pages.render_page(found, _event_to_json, get_name=lambda entry: f"EV{entry['n']:032x}")


def _event_to_json(entry: LogEntry) -> Json:
    return {
        "request": {"method": entry["method"], "url": entry["url"], "parameters": entry["params"]},
        "response": {
            "response_code": entry["status"],
            "request_duration": round(entry["milliseconds"]),
            "content_type": None,
            "response_body": entry["answer"],
            "date_created": format_rfc2822(entry["epoch"]),
        },
    }


def _list_errors(world: World, request: web.Request) -> list[LogEntry]:
    """Newest first."""
    call = request.match_info.get("call")
    if call:
        calls.find_call(world, request, "call")
    return [
        one
        for one in reversed(world.exchange.event_log.entries)
        if one["kind"] == "error" and one["code"] and call in {None, one["call"]}
    ]
