"""<Sms>, and <Message> where a call's document has one: a text to the person on the line."""

from ivr.emulator.account import messages
from ivr.emulator.account.resources import Message
from ivr.emulator.calls.signals import TwimlSource
from ivr.emulator.calls.twiml_document import Element
from ivr.emulator.calls.twiml_runner import TwimlRunner
from ivr.emulator.verbs.dial_party import to_e164
from ivr.emulator.verbs.registry import any_values, method, register_part, verb

ATTRIBUTES = {**any_values("to from action statusCallback"), "method": method(14104)}

register_part("Body", {})
register_part("Media", {})


@verb("Sms", ATTRIBUTES)
@verb("Message", ATTRIBUTES, ("Body", "Media"))
async def sms(runner: TwimlRunner, element: Element) -> TwimlSource | None:
    leg, exchange = runner.leg, runner.leg.exchange
    ours, theirs = (leg.to, leg.from_) if leg.direction == "inbound" else (leg.from_, leg.to)
    to, from_ = to_e164(element.get("to", theirs)), to_e164(element.get("from", ours))
    body = next((one.text for one in element.children if one.name == "Body"), element.text)
    for wrong, code, why in ((not body, 14103, "Body"), (not to, 14101, "To"), (not from_, 14102, "From")):
        if wrong:
            runner.warn(code, f"Sms: Invalid {why}")
            return _follow_action(runner, element, {"SmsStatus": "invalid"})
    if messages.has_opted_out(runner.world, to or ""):
        return _follow_action(runner, element, {"SmsStatus": "failed"})
    made = Message(
        sid=exchange.sids.new("SM"),
        from_=from_ or "",
        to=to or "",
        body=body,
        direction="outbound-reply",
        status="queued",
        created_at=exchange.now,
        updated_at=exchange.now,
        status_callback_url=runner.resolve_url(element.get("statusCallback"))
        if element.get("statusCallback")
        else "",
    )
    messages.send_message(runner.world, made)
    return _follow_action(runner, element, {"SmsSid": made.sid, "SmsStatus": "sent"})


def _follow_action(runner: TwimlRunner, element: Element, params: dict[str, str]) -> TwimlSource | None:
    return runner.get_action_source(element, params) if element.get("action") else None
