"""Messages: create, list, fetch, update (redact, cancel), delete.

https://www.twilio.com/docs/messaging/api/message-resource
"""

from functools import partial

from aiohttp import web

from ivr.emulator.account import messages
from ivr.emulator.account.resources import Message
from ivr.emulator.account.world import World
from ivr.emulator.rest.common import ACCOUNT_PATH, Json, make_handler, not_found, resource_uri
from ivr.emulator.rest.form import INVALID_PARAMETER, Form, RestApiError, is_url
from ivr.emulator.rest.paging import Pager
from ivr.emulator.runtime.exchange import API_VERSION
from ivr.emulator.runtime.formats import E164, format_rfc2822

MAX_BODY_CHARACTERS = 1600  # characters
MAX_MEDIA = 10
UNFINISHED_STATUSES = frozenset({"accepted", "scheduled", "queued", "sending", "sent"})


def routes() -> list[web.RouteDef]:
    return [
        web.post(f"{ACCOUNT_PATH}/Messages.json", make_handler(create, 201)),
        web.get(f"{ACCOUNT_PATH}/Messages.json", make_handler(list_page)),
        web.get(f"{ACCOUNT_PATH}/Messages/{{sid}}.json", make_handler(fetch)),
        web.post(f"{ACCOUNT_PATH}/Messages/{{sid}}.json", make_handler(update)),
        web.delete(f"{ACCOUNT_PATH}/Messages/{{sid}}.json", make_handler(delete)),
        web.post(f"{ACCOUNT_PATH}/Messages/{{sid}}/Feedback.json", make_handler(create_feedback)),
    ]


def to_json(world: World, message: Message) -> Json:
    address = resource_uri(world, "Messages", message.sid)
    return {
        "sid": message.sid,
        "account_sid": world.exchange.account_sid,
        "api_version": API_VERSION,
        "body": message.body,
        "date_created": format_rfc2822(message.created_at),
        "date_sent": format_rfc2822(message.sent_at),
        "date_updated": format_rfc2822(message.updated_at),
        "direction": message.direction,
        "error_code": message.error_code,
        "error_message": message.error_message,
        "from": message.from_,
        "to": message.to,
        "messaging_service_sid": None,
        "num_media": str(len(list(filter(None, message.media_sids)))),
        "num_segments": str(messages.count_segments(message)),
        "price": None,
        "price_unit": "USD",
        "status": message.status,
        "subresource_uris": {"media": f"{address[:-5]}/Media.json"},
        "uri": address,
    }


def create(world: World, _request: web.Request, form: Form) -> Json:
    _refuse_unsupported(form)
    to, from_, words = form.text("To"), form.text("From"), form.text("Body")
    media = tuple(form.values("MediaUrl"))
    _check_content(words, media)
    _check_parties(world, to, from_)
    callback = form.url("StatusCallback", code=21609) or _application_callback(world, form)
    now = world.exchange.now
    message = Message(
        sid=world.exchange.sids.new("MM" if media else "SM"),
        from_=from_,
        to=to,
        body=words,
        direction="outbound-api",
        status="queued",
        created_at=now,
        updated_at=now,
        media_urls=media,
        media_sids=tuple(world.exchange.sids.new("ME") for _ in media),
        status_callback_url=callback,
    )
    messages.send_message(world, message)
    return to_json(world, message)


def _refuse_unsupported(form: Form) -> None:
    """The account has no Messaging Services and no templates, and what needs one is refused."""
    if service := form.text("MessagingServiceSid"):
        raise RestApiError(404, 21701, f"The Messaging Service does not exist: {service}")
    if content := form.text("ContentSid"):
        raise RestApiError(400, 21655, f"The ContentSid is invalid: {content}")
    if form.text("ScheduleType") or form.text("SendAt"):
        raise RestApiError(400, 35118, "MessagingServiceSid is required to schedule a message")
    form.integer("ValidityPeriod", 36_000, 1, 36_000, code=21624)


def _check_content(words: str, media: tuple[str, ...]) -> None:
    if not words and not media:
        raise RestApiError(400, 21619, "A text message body or media urls must be specified.")
    if len(words) > MAX_BODY_CHARACTERS:
        raise RestApiError(
            400, 21617, f"The concatenated message body exceeds the {MAX_BODY_CHARACTERS} character limit"
        )
    if len(media) > MAX_MEDIA:
        raise RestApiError(400, 21623, f"Number of media files exceeds allowed limit: {len(media)}")
    if not all(is_url(one) for one in media):
        raise RestApiError(400, 21620, "Invalid media URL(s)")


def _check_parties(world: World, to: str, from_: str) -> None:
    if not to:
        raise RestApiError(400, 21604, "A 'To' phone number is required.")
    if not from_:
        raise RestApiError(400, 21603, "A 'From' phone number is required.")
    if not E164.fullmatch(to):
        raise RestApiError(400, 21211, f"Invalid 'To' Phone Number: {to}")
    if world.find_number(from_) is None:
        raise RestApiError(
            400, 21606, f"The 'From' phone number {from_} is not a valid, SMS-capable number of yours"
        )
    if messages.has_opted_out(world, to):
        raise RestApiError(400, 21610, "Attempt to send to unsubscribed recipient")


def _application_callback(world: World, form: Form) -> str:
    sid = form.text("ApplicationSid")
    found = world.find_application(sid)
    if sid and found is None:
        raise RestApiError(400, 21218, f"Invalid ApplicationSid: {sid}")
    return found.get("message_status_callback") or found.get("sms_status_callback") if found else ""


def list_page(world: World, request: web.Request, form: Form) -> Json:
    form.check_dates("DateSent")
    found = [
        one
        for one in reversed(world.messages.values())
        if form.matches("To", one.to)
        and form.matches("From", one.from_)
        and form.matches_date("DateSent", one.sent_at)
    ]
    return Pager(request=request, key="messages").render_page(found, partial(to_json, world))


def fetch(world: World, request: web.Request, _form: Form) -> Json:
    return to_json(world, find_message(world, request))


def update(world: World, request: web.Request, form: Form) -> Json:
    message = find_message(world, request)
    if form.one_of("Status", {"canceled"}):
        raise RestApiError(400, 30409, "Message is not scheduled and cannot be canceled")
    if form.is_given("Body"):
        if form.text("Body"):
            raise RestApiError(400, INVALID_PARAMETER, "A message's body can only be emptied")
        _require_finished(message)
        message.body = ""
    message.updated_at = world.exchange.now
    return to_json(world, message)


def delete(world: World, request: web.Request, _form: Form) -> None:
    message = find_message(world, request)
    _require_finished(message)
    del world.messages[message.sid]


def _require_finished(message: Message) -> None:
    if message.status in UNFINISHED_STATUSES:
        raise RestApiError(409, 20009, f"Message is {message.status}: not before it is complete")


def create_feedback(world: World, request: web.Request, form: Form) -> Json:
    message = find_message(world, request)
    now = format_rfc2822(world.exchange.now)
    return {
        "account_sid": world.exchange.account_sid,
        "message_sid": message.sid,
        "outcome": form.one_of("Outcome", {"confirmed", "unconfirmed"}, "confirmed"),
        "date_created": now,
        "date_updated": now,
        "uri": resource_uri(world, "Messages", message.sid, "Feedback"),
    }


def find_message(world: World, request: web.Request) -> Message:
    message = world.messages.get(request.match_info["sid"])
    if message is None:
        raise not_found(request)
    return message
