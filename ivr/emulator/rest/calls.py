"""Calls: create, fetch, list, update, delete."""

from functools import partial

from aiohttp import web

from ivr.emulator.dialling import Detection, Outbound, outgoing
from ivr.emulator.exchange import API_VERSION
from ivr.emulator.formats import ADDRESS, E164, flag, pretty, rfc2822
from ivr.emulator.leg import Leg
from ivr.emulator.life import LONGEST
from ivr.emulator.rest.common import BASE, Form, Json, Refusal, handler, missing, page, uri, within
from ivr.emulator.signals import Ask, Events
from ivr.emulator.world import World

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
EVENTS = frozenset({"initiated", "ringing", "answered", "completed"})


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
    ask = _instructions(form)
    leg = new_call(world, form.text("To"), form.text("From"))
    leg.fallback = Ask(url=form.text("FallbackUrl"), method=form.text("FallbackMethod") or "POST")
    leg.events = events(world, form, EVENTS, "StatusCallback")
    names = frozenset({"in-progress", "completed", "absent"})
    call = Outbound(
        ask=ask,
        timeout=float(form.text("Timeout") or "60"),
        time_limit=float(form.text("TimeLimit") or LONGEST),
        detection=_detection(form),
        record=flag(form.text("Record")),
        recorded=events(world, form, names, "RecordingStatusCallback"),
    )
    outgoing(world, leg, call)
    return body(world, leg)


def new_call(world: World, to: str, from_: str, direction: str = "outbound-api") -> Leg:
    """A call to be made. Raises Refusal when Twilio would not even try."""
    if not to:
        raise Refusal(400, 21201, "No 'To' number is specified")
    if not from_:
        raise Refusal(400, 21213, "No 'From' number is specified")
    if not E164.fullmatch(to) and not ADDRESS.fullmatch(to):
        raise Refusal(400, 21211, f"Invalid 'To' Phone Number: {to}")
    if not E164.fullmatch(from_) and not ADDRESS.fullmatch(from_):
        raise Refusal(400, 21212, f"Invalid 'From' Phone Number: {from_}")
    own = world.number(from_)
    if own is None and not ADDRESS.fullmatch(from_):
        raise Refusal(
            400, 21210, f"The source phone number provided, {from_}, is not yet verified for your account."
        )
    phone = world.phone(to)
    if phone.refused:
        raise Refusal(400, phone.refused, f"{to} cannot be called")
    exchange = world.exchange
    leg = Leg(
        exchange=exchange,
        sid=exchange.sids.new("CA"),
        from_=from_,
        to=to,
        direction=direction,
        created=exchange.now,
        phone=phone,
        number_sid=own.sid if own else None,
    )
    world.calls[leg.sid] = leg
    return leg


def events(world: World, form: Form, known: frozenset[str], name: str) -> Events | None:
    """A status callback. Events come as repeated values; one string with spaces names no event at all."""
    url = form.text(name)
    if not url:
        return None
    given = form.all(f"{name}Event")
    wrong = [one for one in given if one not in known]
    if wrong:
        world.exchange.journal.error(21626, f"Invalid statusCallbackEvents: {wrong}", url=url)
    names = frozenset(given or ["completed"])
    return Events(url=url, method=(form.text(f"{name}Method") or "POST").upper(), names=names)


def listing(world: World, request: web.Request, _form: Form) -> Json:
    query = request.query
    found = [
        leg
        for leg in reversed(world.calls.values())
        if query.get("To", leg.to) == leg.to
        and query.get("From", leg.from_) == leg.from_
        and query.get("Status", leg.status) == leg.status
        and query.get("ParentCallSid", leg.parent) == leg.parent
        and within(query, "StartTime", leg.answered or leg.created)
        and within(query, "EndTime", leg.ended)
    ]
    return page(request, "calls", found, partial(body, world))


def fetch(world: World, request: web.Request, _form: Form) -> Json:
    return body(world, find(world, request, "sid"))


def update(world: World, request: web.Request, form: Form) -> Json:
    leg = find(world, request, "sid")
    status = form.text("Status")
    if status and status not in {"completed", "canceled"}:
        raise Refusal(400, 20001, f"Invalid Status: {status}")
    if not leg.alive:
        raise Refusal(400, 21220, "Call is not in-progress. Cannot redirect.")
    if status == "completed" or (status == "canceled" and leg.answered is None):
        leg.end("api")
    elif form.text("Url") or form.text("Twiml"):
        if leg.status != "in-progress":
            raise Refusal(400, 21220, "Call is not in-progress. Cannot redirect.")
        if form.has("FallbackUrl"):
            leg.fallback = Ask(url=form.text("FallbackUrl"), method=form.text("FallbackMethod") or "POST")
        leg.redirect(_instructions(form))
    if form.has("StatusCallback"):
        leg.events = Events(
            url=form.text("StatusCallback"), method=form.text("StatusCallbackMethod") or "POST"
        )
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


def _instructions(form: Form) -> Ask:
    url, twiml = form.text("Url"), form.text("Twiml")
    if not url and not twiml:
        raise Refusal(400, 21205, "Url parameter is required")
    if twiml:
        return Ask(document=twiml)
    if not url.startswith(("http://", "https://")):
        raise Refusal(400, 21205, f"Url is not a valid URL: {url}")
    return Ask(url=url, method=form.text("Method") or "POST")


def _detection(form: Form) -> Detection | None:
    mode = form.text("MachineDetection")
    if not mode:
        return None
    blocking = not flag(form.text("AsyncAmd"))
    url = "" if blocking else form.text("AsyncAmdStatusCallback")
    method = form.text("AsyncAmdStatusCallbackMethod") or "POST"
    return Detection(
        mode=mode,
        blocking=blocking,
        timeout=float(form.text("MachineDetectionTimeout") or "30"),
        callback=Events(url=url, method=method) if url else None,
    )


def _camel(name: str) -> str:
    return "".join(part.title() for part in name.split("_"))
