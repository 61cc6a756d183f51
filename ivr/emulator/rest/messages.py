"""Messages: create, list, fetch, update (redact, cancel), delete."""

from functools import partial

from aiohttp import web

from ivr.emulator import texting
from ivr.emulator.exchange import API_VERSION
from ivr.emulator.formats import E164, rfc2822
from ivr.emulator.resources import Message
from ivr.emulator.rest.common import BASE, Form, Json, Refusal, handler, missing, page, uri, within
from ivr.emulator.world import World

LONGEST = 1600


def routes() -> list[web.RouteDef]:
    return [
        web.post(f"{BASE}/Messages.json", handler(create, 201)),
        web.get(f"{BASE}/Messages.json", handler(listing)),
        web.get(f"{BASE}/Messages/{{sid}}.json", handler(fetch)),
        web.post(f"{BASE}/Messages/{{sid}}.json", handler(update)),
        web.delete(f"{BASE}/Messages/{{sid}}.json", handler(delete)),
        web.get(f"{BASE}/Messages/{{sid}}/Media.json", handler(media)),
    ]


def body(world: World, message: Message) -> Json:
    address = uri(world, "Messages", message.sid)
    return {
        "sid": message.sid,
        "account_sid": world.exchange.account_sid,
        "api_version": API_VERSION,
        "body": message.body,
        "date_created": rfc2822(message.created),
        "date_sent": rfc2822(message.sent),
        "date_updated": rfc2822(message.updated),
        "direction": message.direction,
        "error_code": message.error_code,
        "error_message": message.error_message,
        "from": message.from_,
        "to": message.to,
        "messaging_service_sid": None,
        "num_media": str(len(message.media)),
        "num_segments": str(texting.segments(message)),
        "price": None,
        "price_unit": "USD",
        "status": message.status,
        "subresource_uris": {"media": f"{address[:-5]}/Media.json"},
        "uri": address,
    }


def create(world: World, _request: web.Request, form: Form) -> Json:
    to, from_, words = form.text("To"), form.text("From"), form.text("Body")
    media = tuple(form.all("MediaUrl"))
    _check(world, to, from_, words, media)
    now = world.exchange.now
    message = Message(
        sid=world.exchange.sids.new("MM" if media else "SM"),
        from_=from_,
        to=to,
        body=words,
        direction="outbound-api",
        status="queued",
        created=now,
        updated=now,
        media=media,
        callback=form.text("StatusCallback"),
    )
    texting.send(world, message)
    return body(world, message)


def _check(world: World, to: str, from_: str, words: str, media: tuple[str, ...]) -> None:
    if not to:
        raise Refusal(400, 21604, "A 'To' phone number is required.")
    if not from_:
        raise Refusal(400, 21603, "A 'From' phone number is required.")
    if not words and not media:
        raise Refusal(400, 21602, "Message body is required.")
    if len(words) > LONGEST:
        raise Refusal(400, 21617, f"The concatenated message body exceeds the {LONGEST} character limit")
    if not E164.fullmatch(to):
        raise Refusal(400, 21211, f"Invalid 'To' Phone Number: {to}")
    if world.number(from_) is None:
        raise Refusal(
            400, 21606, f"The 'From' phone number {from_} is not a valid, SMS-capable number of yours"
        )
    if texting.opted_out(world, to):
        raise Refusal(400, 21610, "Attempt to send to unsubscribed recipient")


def listing(world: World, request: web.Request, _form: Form) -> Json:
    query = request.query
    found = [
        one
        for one in reversed(world.messages.values())
        if query.get("To", one.to) == one.to
        and query.get("From", one.from_) == one.from_
        and within(query, "DateSent", one.sent)
    ]
    return page(request, "messages", found, partial(body, world))


def fetch(world: World, request: web.Request, _form: Form) -> Json:
    return body(world, _find(world, request))


def update(world: World, request: web.Request, form: Form) -> Json:
    message = _find(world, request)
    if form.text("Status") == "canceled":
        raise Refusal(400, 30409, "Message is not scheduled and cannot be canceled")
    if form.has("Body"):
        if form.text("Body"):
            raise Refusal(400, 21623, "A message's body can only be emptied")
        message.body = ""
    message.updated = world.exchange.now
    return body(world, message)


def delete(world: World, request: web.Request, _form: Form) -> None:
    del world.messages[_find(world, request).sid]


def media(world: World, request: web.Request, _form: Form) -> Json:
    message = _find(world, request)
    items = [
        {
            "sid": f"ME{index:032x}",
            "account_sid": world.exchange.account_sid,
            "parent_sid": message.sid,
            "content_type": "image/jpeg",
            "date_created": rfc2822(message.created),
            "date_updated": rfc2822(message.updated),
            "uri": uri(world, "Messages", message.sid, "Media", f"ME{index:032x}"),
        }
        for index, _ in enumerate(message.media)
    ]
    return page(request, "media_list", items, dict)


def _find(world: World, request: web.Request) -> Message:
    message = world.messages.get(request.match_info["sid"])
    if message is None:
        raise missing(request)
    return message
