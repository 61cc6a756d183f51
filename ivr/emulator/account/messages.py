"""Texts: from the account to people, and from people to the account's numbers."""

from ivr.emulator.account.resources import Message
from ivr.emulator.account.world import World
from ivr.emulator.calls.twiml_document import BadDocument, Element, read
from ivr.emulator.runtime.exchange import API_VERSION
from ivr.emulator.webhooks.sender import Hook

STOP = frozenset({"STOP", "UNSUBSCRIBE", "END", "QUIT", "STOPALL", "REVOKE", "OPTOUT", "CANCEL"})
START = frozenset({"START", "YES", "UNSTOP"})
UNTIL_SENT = 0.5  # seconds
UNTIL_DELIVERED = 1.0
SEGMENT = 153


def opted_out(world: World, number: str) -> bool:
    return number in world.opted_out


def send(world: World, message: Message) -> None:
    """Take a text on; its fate follows on the clock."""
    world.messages[message.sid] = message
    world.exchange.spawn(_deliver(world, message))


async def _deliver(world: World, message: Message) -> None:
    exchange = world.exchange
    _event(world, message, "queued")
    await exchange.clock.sleep(UNTIL_SENT)
    message.sent = exchange.now
    _event(world, message, "sent")
    await exchange.clock.sleep(UNTIL_DELIVERED)
    if world.phone(message.to).unreachable:
        message.error_code, message.error_message = 30003, "Unreachable destination handset"
        _event(world, message, "undelivered")
        return
    exchange.journal.write(
        "texted",
        who=world.phone(message.to).who,
        to=message.to,
        body=message.body,
        sid=message.sid,
        **{"from": message.from_},
    )
    _event(world, message, "delivered")


def receive(world: World, *, from_: str, to: str, body: str, media: tuple[str, ...] = ()) -> Message:
    """A person texts one of our numbers."""
    now = world.exchange.now
    message = Message(
        sid=world.exchange.sids.new("MM" if media else "SM"),
        from_=from_,
        to=to,
        body=body,
        direction="inbound",
        status="received",
        created=now,
        updated=now,
        sent=now,
        media=media,
        media_sids=tuple(world.exchange.sids.new("ME") for _ in media),
    )
    world.messages[message.sid] = message
    who = world.phone(from_).who
    world.exchange.journal.write("texted", who=who, to=to, body=body, sid=message.sid, **{"from": from_})
    word = body.strip().upper()
    if word in STOP:
        world.opted_out.add(from_)
    elif word in START:
        world.opted_out.discard(from_)
    world.exchange.spawn(_ask_app(world, message, word))
    return message


async def _ask_app(world: World, message: Message, word: str) -> None:
    number = world.number(message.to)
    owner = world.application(number.get("sms_application_sid")) or number if number else None
    if owner is None or not owner.get("sms_url"):
        world.exchange.journal.error(30034, f"nobody receives texts to {message.to}")
        return
    params = _params(world, message) | ({"OptOutType": "STOP"} if word in STOP else {})
    for index, sid in enumerate(message.media_sids):
        params[f"MediaUrl{index}"] = f"{world.url}{media_path(world, message, sid)}"
        params[f"MediaContentType{index}"] = content_type(world, message.media[index])
    hook = Hook(url=owner.get("sms_url"), method=owner.get("sms_method") or "POST", params=params)
    answer = await world.exchange.hooks.send(hook)
    if answer.error:
        if not owner.get("sms_fallback_url"):
            return
        trouble = {"ErrorCode": str(answer.error), "ErrorUrl": answer.url}
        method = owner.get("sms_fallback_method") or "POST"
        hook = Hook(url=owner.get("sms_fallback_url"), method=method, params=params | trouble)
        answer = await world.exchange.hooks.send(hook)
    if answer.error or not answer.body.strip():
        return
    try:
        _reply(world, message, read(answer))
    except BadDocument as problem:
        world.exchange.journal.error(problem.code, str(problem), url=answer.url)


def _reply(world: World, message: Message, document: Element) -> None:
    for element in document.children:
        if element.name not in {"Message", "Sms"}:
            world.exchange.journal.error(14110, f"{element.name} cannot answer a text")
        elif not opted_out(world, message.from_):
            body = next((child.text for child in element.children if child.name == "Body"), element.text)
            reply(world, from_=message.to, to=element.get("to", message.from_), body=body)


def reply(world: World, *, from_: str, to: str, body: str) -> None:
    now = world.exchange.now
    made = Message(
        sid=world.exchange.sids.new("SM"),
        from_=from_,
        to=to,
        body=body,
        direction="outbound-reply",
        status="queued",
        created=now,
        updated=now,
    )
    send(world, made)


def media_path(world: World, message: Message, sid: str) -> str:
    """Of the Media resource: not of the file itself, to which it sends on."""
    account = world.exchange.account_sid
    return f"/{API_VERSION}/Accounts/{account}/Messages/{message.sid}/Media/{sid}"


def content_type(world: World, url: str) -> str:
    """As the sender's telephone said; of what is kept elsewhere nobody has said anything."""
    kept = world.pictures.get(url.removeprefix(f"{world.url}/emulator/pictures/"))
    return kept[0] if kept else "image/jpeg"


def segments(message: Message) -> int:
    return max(1, -(-len(message.body) // SEGMENT))


def _params(world: World, message: Message) -> dict[str, str]:
    return {
        "MessageSid": message.sid,
        "SmsSid": message.sid,
        "SmsMessageSid": message.sid,
        "AccountSid": world.exchange.account_sid,
        "From": message.from_,
        "To": message.to,
        "Body": message.body,
        "NumMedia": str(len(message.media)),
        "NumSegments": str(segments(message)),
        "SmsStatus": message.status,
        "ApiVersion": "2010-04-01",
        "FromCountry": "US",
        "ToCountry": "US",
    }


def _event(world: World, message: Message, status: str) -> None:
    message.status = status
    message.updated = world.exchange.now
    if not message.callback:
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
    world.exchange.callback(message.sid, Hook(url=message.callback, params=params))
