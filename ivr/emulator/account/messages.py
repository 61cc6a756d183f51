"""Texts: from the account to people, and from people to the account's numbers."""

from ivr.emulator.account.resources import Message
from ivr.emulator.account.world import World
from ivr.emulator.calls.twiml_document import BadDocument, Element, read_response
from ivr.emulator.runtime.exchange import API_VERSION
from ivr.emulator.webhooks.request import WebhookRequest

STOP_KEYWORDS = frozenset({"STOP", "UNSUBSCRIBE", "END", "QUIT", "STOPALL", "REVOKE", "OPTOUT", "CANCEL"})
START_KEYWORDS = frozenset({"START", "YES", "UNSTOP"})
SENT_DELAY_SECONDS = 0.5  # seconds
DELIVERED_DELAY_SECONDS = 1.0
SEGMENT_CHARACTERS = 153


def has_opted_out(world: World, number: str) -> bool:
    return number in world.opted_out


def send_message(world: World, message: Message) -> None:
    """Take a text on; its fate follows on the clock."""
    world.messages[message.sid] = message
    world.exchange.spawn(_deliver_message(world, message))


async def _deliver_message(world: World, message: Message) -> None:
    exchange = world.exchange
    _set_status(world, message, "queued")
    await exchange.clock.sleep(SENT_DELAY_SECONDS)
    message.sent_at = exchange.now
    _set_status(world, message, "sent")
    await exchange.clock.sleep(DELIVERED_DELAY_SECONDS)
    if world.find_phone(message.to).unreachable:
        message.error_code, message.error_message = 30003, "Unreachable destination handset"
        _set_status(world, message, "undelivered")
        return
    exchange.event_log.write(
        "texted",
        who=world.find_phone(message.to).who,
        to=message.to,
        body=message.body,
        sid=message.sid,
        **{"from": message.from_},
    )
    _set_status(world, message, "delivered")


def receive_message(world: World, *, from_: str, to: str, body: str, media: tuple[str, ...] = ()) -> Message:
    """A person texts one of our numbers."""
    now = world.exchange.now
    message = Message(
        sid=world.exchange.sids.new("MM" if media else "SM"),
        from_=from_,
        to=to,
        body=body,
        direction="inbound",
        status="received",
        created_at=now,
        updated_at=now,
        sent_at=now,
        media_urls=media,
        media_sids=tuple(world.exchange.sids.new("ME") for _ in media),
    )
    world.messages[message.sid] = message
    who = world.find_phone(from_).who
    world.exchange.event_log.write("texted", who=who, to=to, body=body, sid=message.sid, **{"from": from_})
    word = body.strip().upper()
    if word in STOP_KEYWORDS:
        world.opted_out.add(from_)
    elif word in START_KEYWORDS:
        world.opted_out.discard(from_)
    world.exchange.spawn(_send_message_webhook(world, message, word))
    return message


async def _send_message_webhook(world: World, message: Message, keyword: str) -> None:
    number = world.find_number(message.to)
    owner = world.find_application(number.get("sms_application_sid")) or number if number else None
    if owner is None or not owner.get("sms_url"):
        world.exchange.event_log.write_error(30034, f"nobody receives texts to {message.to}")
        return
    params = _webhook_params(world, message) | ({"OptOutType": "STOP"} if keyword in STOP_KEYWORDS else {})
    for index, sid in enumerate(message.media_sids):
        params[f"MediaUrl{index}"] = f"{world.url}{media_path(world, message, sid)}"
        params[f"MediaContentType{index}"] = media_content_type(world, message.media_urls[index])
    hook = WebhookRequest(url=owner.get("sms_url"), method=owner.get("sms_method") or "POST", params=params)
    answer = await world.exchange.webhooks.send(hook)
    if answer.error_code:
        if not owner.get("sms_fallback_url"):
            return
        trouble = {"ErrorCode": str(answer.error_code), "ErrorUrl": answer.url}
        method = owner.get("sms_fallback_method") or "POST"
        hook = WebhookRequest(url=owner.get("sms_fallback_url"), method=method, params=params | trouble)
        answer = await world.exchange.webhooks.send(hook)
    if answer.error_code or not answer.body.strip():
        return
    try:
        _run_messaging_twiml(world, message, read_response(answer))
    except BadDocument as problem:
        world.exchange.event_log.write_error(problem.code, str(problem), url=answer.url)


def _run_messaging_twiml(world: World, message: Message, document: Element) -> None:
    for element in document.children:
        if element.name not in {"Message", "Sms"}:
            world.exchange.event_log.write_error(14110, f"{element.name} cannot answer a text")
        elif not has_opted_out(world, message.from_):
            body = next((child.text for child in element.children if child.name == "Body"), element.text)
            send_reply(world, from_=message.to, to=element.get("to", message.from_), body=body)


def send_reply(world: World, *, from_: str, to: str, body: str) -> None:
    now = world.exchange.now
    made = Message(
        sid=world.exchange.sids.new("SM"),
        from_=from_,
        to=to,
        body=body,
        direction="outbound-reply",
        status="queued",
        created_at=now,
        updated_at=now,
    )
    send_message(world, made)


def media_path(world: World, message: Message, sid: str) -> str:
    """Of the Media resource: not of the file itself, to which it sends on."""
    account = world.exchange.account_sid
    return f"/{API_VERSION}/Accounts/{account}/Messages/{message.sid}/Media/{sid}"


def media_content_type(world: World, url: str) -> str:
    """As the sender's telephone said; of what is kept elsewhere nobody has said anything."""
    kept = world.pictures.get(url.removeprefix(f"{world.url}/emulator/pictures/"))
    return kept[0] if kept else "image/jpeg"


def count_segments(message: Message) -> int:
    return max(1, -(-len(message.body) // SEGMENT_CHARACTERS))


def _webhook_params(world: World, message: Message) -> dict[str, str]:
    return {
        "MessageSid": message.sid,
        "SmsSid": message.sid,
        "SmsMessageSid": message.sid,
        "AccountSid": world.exchange.account_sid,
        "From": message.from_,
        "To": message.to,
        "Body": message.body,
        "NumMedia": str(len(message.media_urls)),
        "NumSegments": str(count_segments(message)),
        "SmsStatus": message.status,
        "ApiVersion": "2010-04-01",
        "FromCountry": "US",
        "ToCountry": "US",
    }


def _set_status(world: World, message: Message, status: str) -> None:
    message.status = status
    message.updated_at = world.exchange.now
    if not message.status_callback_url:
        return
    params = {
        "MessageSid": message.sid,
        "MessageStatus": status,
        "SmsSid": message.sid,
        "SmsStatus": status,
        "AccountSid": world.exchange.account_sid,
        "From": message.from_,
        "To": message.to,
        "ApiVersion": "2010-04-01",
    }
    if message.error_code:
        params["ErrorCode"] = str(message.error_code)
    world.exchange.send_callback(message.sid, WebhookRequest(url=message.status_callback_url, params=params))
