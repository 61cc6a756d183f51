"""Calls: create, fetch, list, update, delete."""

from functools import partial

from aiohttp import web

from ivr.emulator.account.world import World
from ivr.emulator.calls.leg import ENDED, Leg
from ivr.emulator.calls.leg_lifecycle import limit
from ivr.emulator.calls.signals import Ask
from ivr.emulator.rest import outgoing_calls
from ivr.emulator.rest.common import BASE, Json, handler, missing, uri
from ivr.emulator.rest.form import Form, Refusal
from ivr.emulator.rest.paging import Pages
from ivr.emulator.runtime.exchange import API_VERSION
from ivr.emulator.runtime.formats import pretty, rfc2822

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
STATUSES = frozenset({"queued", "ringing", "in-progress"}) | ENDED


def routes() -> list[web.RouteDef]:
    return [
        web.post(f"{BASE}/Calls.json", handler(create, 201)),
        web.get(f"{BASE}/Calls.json", handler(listing)),
        web.get(f"{BASE}/Calls/{{sid}}.json", handler(fetch)),
        web.post(f"{BASE}/Calls/{{sid}}.json", handler(update)),
        web.delete(f"{BASE}/Calls/{{sid}}.json", handler(delete)),
    ]


def body(world: World, leg: Leg) -> Json:
    address = uri(world, "Calls", leg.sid)
    parts = {name: f"{address[:-5]}/{_camel(name)}.json" for name in SUBRESOURCES}
    return {
        "sid": leg.sid,
        "date_created": rfc2822(leg.created),
        "date_updated": rfc2822(leg.updated),
        "parent_call_sid": leg.parent,
        "account_sid": world.exchange.account_sid,
        "to": leg.to,
        "to_formatted": pretty(leg.to),
        "from": leg.from_,
        "from_formatted": pretty(leg.from_),
        "phone_number_sid": leg.number_sid,
        "status": leg.status,
        "start_time": rfc2822(leg.answered),
        "end_time": rfc2822(leg.ended),
        "duration": None if leg.ended is None else str(leg.duration),
        "price": None,
        "price_unit": "USD",
        "direction": leg.direction,
        "answered_by": leg.answered_by,
        "api_version": API_VERSION,
        "forwarded_from": leg.extra.get("ForwardedFrom"),
        "group_sid": None,
        "caller_name": leg.extra.get("CallerName"),
        "queue_time": str(int(leg.queue_time)),
        "trunk_sid": None,
        "uri": address,
        "subresource_uris": parts,
    }


def create(world: World, _request: web.Request, form: Form) -> Json:
    return body(world, outgoing_calls.call(world, form))


def listing(world: World, request: web.Request, form: Form) -> Json:
    form.one_of("Status", STATUSES)
    form.dates("StartTime", "EndTime")
    found = [
        leg
        for leg in reversed(world.calls.values())
        if form.is_or_absent("To", leg.to)
        and form.is_or_absent("From", leg.from_)
        and form.is_or_absent("Status", leg.status)
        and form.is_or_absent("ParentCallSid", leg.parent)
        and form.within("StartTime", leg.answered or leg.created)
        and form.within("EndTime", leg.ended)
    ]
    return Pages(request=request, key="calls").page(found, partial(body, world))


def fetch(world: World, request: web.Request, _form: Form) -> Json:
    return body(world, find(world, request, "sid"))


def update(world: World, request: web.Request, form: Form) -> Json:
    leg = find(world, request, "sid")
    status = form.one_of("Status", {"completed", "canceled"})
    instructions = outgoing_calls.instructions(form) if form.text("Url") or form.text("Twiml") else None
    fallback = form.url("FallbackUrl"), form.method("FallbackMethod")
    told = outgoing_calls.events(world, form, outgoing_calls.EVENTS, "StatusCallback")
    longest = form.whole("TimeLimit", 0, 1, outgoing_calls.LONGEST)
    if not leg.alive or (instructions and not status and leg.status != "in-progress"):
        raise Refusal(400, 21220, "Call is not in-progress. Cannot redirect.")
    if form.has("FallbackUrl"):
        leg.fallback = Ask(url=fallback[0], method=fallback[1])
    if form.has("StatusCallback"):
        leg.events = told
    if longest:
        world.exchange.spawn(limit(leg, longest))
    if status == "completed" or (status == "canceled" and leg.answered is None):
        leg.end("api")
    elif instructions and leg.status == "in-progress":
        leg.redirect(instructions)
    leg.touch()
    return body(world, leg)


def delete(world: World, request: web.Request, _form: Form) -> None:
    leg = find(world, request, "sid")
    if leg.alive:
        raise Refusal(409, 20009, "Call is in progress and cannot be deleted")
    del world.calls[leg.sid]


def find(world: World, request: web.Request, name: str) -> Leg:
    leg = world.calls.get(request.match_info[name])
    if leg is None:
        raise missing(request)
    return leg


def _camel(name: str) -> str:
    return "".join(part.title() for part in name.split("_"))
