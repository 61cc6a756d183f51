"""Messages: create, list, fetch, update (redact, cancel), delete.

https://www.twilio.com/docs/messaging/api/message-resource
"""

from functools import partial

from aiohttp import web

from ivr.emulator.account import messages
from ivr.emulator.account.resources import Message
from ivr.emulator.account.world import World
from ivr.emulator.rest.common import BASE, Json, handler, missing, uri
from ivr.emulator.rest.form import WRONG, Form, Refusal, is_url
from ivr.emulator.rest.paging import Pages
from ivr.emulator.runtime.exchange import API_VERSION
from ivr.emulator.runtime.formats import E164, rfc2822

LONGEST = 1600  # characters
MOST_MEDIA = 10
UNDER_WAY = frozenset({"accepted", "scheduled", "queued", "sending", "sent"})


def routes() -> list[web.RouteDef]:
    return [
        web.post(f"{BASE}/Messages.json", handler(create, 201)),
        web.get(f"{BASE}/Messages.json", handler(listing)),
        web.get(f"{BASE}/Messages/{{sid}}.json", handler(fetch)),
        web.post(f"{BASE}/Messages/{{sid}}.json", handler(update)),
        web.delete(f"{BASE}/Messages/{{sid}}.json", handler(delete)),
        web.post(f"{BASE}/Messages/{{sid}}/Feedback.json", handler(feedback)),
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
        "num_media": str(len(list(filter(None, message.media_sids)))),
        "num_segments": str(messages.segments(message)),
        "price": None,
        "price_unit": "USD",
        "status": message.status,
        "subresource_uris": {"media": f"{address[:-5]}/Media.json"},
        "uri": address,
    }


def create(world: World, _request: web.Request, form: Form) -> Json:
    _not_here(form)
    to, from_, words = form.text("To"), form.text("From"), form.text("Body")
    media = tuple(form.all("MediaUrl"))
    _check_content(words, media)
    _check_parties(world, to, from_)
    callback = form.url("StatusCallback", code=21609) or _of_application(world, form)
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
        media_sids=tuple(world.exchange.sids.new("ME") for _ in media),
        callback=callback,
    )
    messages.send(world, message)
    return body(world, message)


def _not_here(form: Form) -> None:
    """The account has no Messaging Services and no templates, and what needs one is refused."""
    if service := form.text("MessagingServiceSid"):
        raise Refusal(404, 21701, f"The Messaging Service does not exist: {service}")
    if content := form.text("ContentSid"):
        raise Refusal(400, 21655, f"The ContentSid is invalid: {content}")
    if form.text("ScheduleType") or form.text("SendAt"):
        raise Refusal(400, 35118, "MessagingServiceSid is required to schedule a message")
    form.whole("ValidityPeriod", 36_000, 1, 36_000, code=21624)


def _check_content(words: str, media: tuple[str, ...]) -> None:
    if not words and not media:
        raise Refusal(400, 21619, "A text message body or media urls must be specified.")
    if len(words) > LONGEST:
        raise Refusal(400, 21617, f"The concatenated message body exceeds the {LONGEST} character limit")
    if len(media) > MOST_MEDIA:
        raise Refusal(400, 21623, f"Number of media files exceeds allowed limit: {len(media)}")
    if not all(is_url(one) for one in media):
        raise Refusal(400, 21620, "Invalid media URL(s)")


def _check_parties(world: World, to: str, from_: str) -> None:
    if not to:
        raise Refusal(400, 21604, "A 'To' phone number is required.")
    if not from_:
        raise Refusal(400, 21603, "A 'From' phone number is required.")
    if not E164.fullmatch(to):
        raise Refusal(400, 21211, f"Invalid 'To' Phone Number: {to}")
    if world.number(from_) is None:
        raise Refusal(
            400, 21606, f"The 'From' phone number {from_} is not a valid, SMS-capable number of yours"
        )
    if messages.opted_out(world, to):
        raise Refusal(400, 21610, "Attempt to send to unsubscribed recipient")


def _of_application(world: World, form: Form) -> str:
    sid = form.text("ApplicationSid")
    found = world.application(sid)
    if sid and found is None:
        raise Refusal(400, 21218, f"Invalid ApplicationSid: {sid}")
    return found.get("message_status_callback") or found.get("sms_status_callback") if found else ""


def listing(world: World, request: web.Request, form: Form) -> Json:
    form.dates("DateSent")
    found = [
        one
        for one in reversed(world.messages.values())
        if form.is_or_absent("To", one.to)
        and form.is_or_absent("From", one.from_)
        and form.within("DateSent", one.sent)
    ]
    return Pages(request=request, key="messages").page(found, partial(body, world))


def fetch(world: World, request: web.Request, _form: Form) -> Json:
    return body(world, find(world, request))


def update(world: World, request: web.Request, form: Form) -> Json:
    message = find(world, request)
    if form.one_of("Status", {"canceled"}):
        raise Refusal(400, 30409, "Message is not scheduled and cannot be canceled")
    if form.has("Body"):
        if form.text("Body"):
            raise Refusal(400, WRONG, "A message's body can only be emptied")
        _over(message)
        message.body = ""
    message.updated = world.exchange.now
    return body(world, message)


def delete(world: World, request: web.Request, _form: Form) -> None:
    message = find(world, request)
    _over(message)
    del world.messages[message.sid]


def _over(message: Message) -> None:
    if message.status in UNDER_WAY:
        raise Refusal(409, 20009, f"Message is {message.status}: not before it is complete")


def feedback(world: World, request: web.Request, form: Form) -> Json:
    message = find(world, request)
    now = rfc2822(world.exchange.now)
    return {
        "account_sid": world.exchange.account_sid,
        "message_sid": message.sid,
        "outcome": form.one_of("Outcome", {"confirmed", "unconfirmed"}, "confirmed"),
        "date_created": now,
        "date_updated": now,
        "uri": uri(world, "Messages", message.sid, "Feedback"),
    }


def find(world: World, request: web.Request) -> Message:
    message = world.messages.get(request.match_info["sid"])
    if message is None:
        raise missing(request)
    return message
