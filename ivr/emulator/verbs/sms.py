"""<Sms>, and <Message> where a call's document has one: a text to the person on the line."""

from ivr.emulator.account import messages
from ivr.emulator.account.resources import Message
from ivr.emulator.calls.signals import Ask
from ivr.emulator.calls.twiml_document import Element
from ivr.emulator.calls.twiml_runner import Flow
from ivr.emulator.verbs.dial_party import dialable
from ivr.emulator.verbs.registry import anything, method, part, verb

ATTRIBUTES = {**anything("to from action statusCallback"), "method": method(14104)}

part("Body", {})
part("Media", {})


@verb("Sms", ATTRIBUTES)
@verb("Message", ATTRIBUTES, ("Body", "Media"))
async def sms(flow: Flow, element: Element) -> Ask | None:
    leg, exchange = flow.leg, flow.leg.exchange
    ours, theirs = (leg.to, leg.from_) if leg.direction == "inbound" else (leg.from_, leg.to)
    to, from_ = dialable(element.get("to", theirs)), dialable(element.get("from", ours))
    body = next((one.text for one in element.children if one.name == "Body"), element.text)
    for wrong, code, why in ((not body, 14103, "Body"), (not to, 14101, "To"), (not from_, 14102, "From")):
        if wrong:
            flow.warn(code, f"Sms: Invalid {why}")
            return _after(flow, element, {"SmsStatus": "invalid"})
    if messages.opted_out(flow.world, to or ""):
        return _after(flow, element, {"SmsStatus": "failed"})
    made = Message(
        sid=exchange.sids.new("SM"),
        from_=from_ or "",
        to=to or "",
        body=body,
        direction="outbound-reply",
        status="queued",
        created=exchange.now,
        updated=exchange.now,
        callback=flow.absolute(element.get("statusCallback")) if element.get("statusCallback") else "",
    )
    messages.send(flow.world, made)
    return _after(flow, element, {"SmsSid": made.sid, "SmsStatus": "sent"})


def _after(flow: Flow, element: Element, told: dict[str, str]) -> Ask | None:
    return flow.action(element, told) if element.get("action") else None
