"""Calls: create, fetch, list, update, delete."""

from functools import partial

from aiohttp import web

from ivr.emulator.account.world import World
from ivr.emulator.calls.leg import ENDED_STATUSES, CallLeg
from ivr.emulator.calls.leg_lifecycle import end_after
from ivr.emulator.calls.signals import TwimlSource
from ivr.emulator.rest import outgoing_calls
from ivr.emulator.rest.common import ACCOUNT_PATH, Json, make_handler, not_found, resource_uri
from ivr.emulator.rest.form import Form, RestApiError
from ivr.emulator.rest.paging import Pager
from ivr.emulator.runtime.exchange import API_VERSION
from ivr.emulator.runtime.formats import format_national, format_rfc2822

SUBRESOURCES = [
    "notifications",
    "recordings",
    "payments",
    "events",
    "siprec",
    "streams",
    "transcriptions",
    "user_defined_message_subscriptions",
    "user_defined_messages",
]
STATUSES = frozenset({"queued", "ringing", "in-progress"}) | ENDED_STATUSES


def routes() -> list[web.RouteDef]:
    return [
        web.post(f"{ACCOUNT_PATH}/Calls.json", make_handler(create, 201)),
        web.get(f"{ACCOUNT_PATH}/Calls.json", make_handler(list_page)),
        web.get(f"{ACCOUNT_PATH}/Calls/{{sid}}.json", make_handler(fetch)),
        web.post(f"{ACCOUNT_PATH}/Calls/{{sid}}.json", make_handler(update)),
        web.delete(f"{ACCOUNT_PATH}/Calls/{{sid}}.json", make_handler(delete)),
    ]


def to_json(world: World, leg: CallLeg) -> Json:
    address = resource_uri(world, "Calls", leg.sid)
    parts = {name: f"{address[:-5]}/{_to_camel_case(name)}.json" for name in SUBRESOURCES}
    return {
        "sid": leg.sid,
        "date_created": format_rfc2822(leg.created_at),
        "date_updated": format_rfc2822(leg.updated_at),
        "parent_call_sid": leg.parent_call_sid,
        "account_sid": world.exchange.account_sid,
        "to": leg.to,
        "to_formatted": format_national(leg.to),
        "from": leg.from_,
        "from_formatted": format_national(leg.from_),
        "phone_number_sid": leg.number_sid,
        "status": leg.status,
        "start_time": format_rfc2822(leg.answered_at),
        "end_time": format_rfc2822(leg.ended_at),
        "duration": None if leg.ended_at is None else str(leg.duration),
        "price": None,
        "price_unit": "USD",
        "direction": leg.direction,
        "answered_by": leg.answered_by,
        "api_version": API_VERSION,
        "forwarded_from": leg.extra_params.get("ForwardedFrom"),
        "group_sid": None,
        "caller_name": leg.extra_params.get("CallerName"),
        "queue_time": str(int(leg.queue_milliseconds)),
        "trunk_sid": None,
        "uri": address,
        "subresource_uris": parts,
    }


def create(world: World, _request: web.Request, form: Form) -> Json:
    return to_json(world, outgoing_calls.create_call(world, form))


def list_page(world: World, request: web.Request, form: Form) -> Json:
    form.one_of("Status", STATUSES)
    form.check_dates("StartTime", "EndTime")
    found = [
        leg
        for leg in reversed(world.calls.values())
        if form.matches("To", leg.to)
        and form.matches("From", leg.from_)
        and form.matches("Status", leg.status)
        and form.matches("ParentCallSid", leg.parent_call_sid)
        and form.matches_date("StartTime", leg.answered_at or leg.created_at)
        and form.matches_date("EndTime", leg.ended_at)
    ]
    return Pager(request=request, key="calls").render_page(found, partial(to_json, world))


def fetch(world: World, request: web.Request, _form: Form) -> Json:
    return to_json(world, find_call(world, request, "sid"))


def update(world: World, request: web.Request, form: Form) -> Json:
    leg = find_call(world, request, "sid")
    status = form.one_of("Status", {"completed", "canceled"})
    instructions = outgoing_calls.read_twiml(form) if form.text("Url") or form.text("Twiml") else None
    fallback = form.url("FallbackUrl"), form.method("FallbackMethod")
    told = outgoing_calls.read_status_callback(world, form, outgoing_calls.CALL_EVENTS, "StatusCallback")
    longest = form.integer("TimeLimit", 0, 1, outgoing_calls.MAX_TIME_LIMIT_SECONDS)
    if not leg.is_alive or (instructions and not status and leg.status != "in-progress"):
        raise RestApiError(400, 21220, "Call is not in-progress. Cannot redirect.")
    if form.is_given("FallbackUrl"):
        leg.fallback = TwimlSource(url=fallback[0], method=fallback[1])
    if form.is_given("StatusCallback"):
        leg.status_callback = told
    if longest:
        world.exchange.spawn(end_after(leg, longest))
    if status == "completed" or (status == "canceled" and leg.answered_at is None):
        leg.end("api")
    elif instructions and leg.status == "in-progress":
        leg.redirect(instructions)
    leg.touch()
    return to_json(world, leg)


def delete(world: World, request: web.Request, _form: Form) -> None:
    leg = find_call(world, request, "sid")
    if leg.is_alive:
        raise RestApiError(409, 20009, "Call is in progress and cannot be deleted")
    del world.calls[leg.sid]


def find_call(world: World, request: web.Request, path_parameter: str) -> CallLeg:
    leg = world.calls.get(request.match_info[path_parameter])
    if leg is None:
        raise not_found(request)
    return leg


def _to_camel_case(name: str) -> str:
    return "".join(part.title() for part in name.split("_"))
