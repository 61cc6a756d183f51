"""<Sms>, and <Message> where a call's document has one: a text to the person on the line."""

from ivr.emulator import texting
from ivr.emulator.document import Element
from ivr.emulator.flow import Flow
from ivr.emulator.verbs.registry import anything, method, verb

ATTRIBUTES = {**anything("to from action statusCallback"), "method": method(14104)}


@verb("Sms", ATTRIBUTES)
@verb("Message", ATTRIBUTES, ("Body", "Media"))
async def sms(flow: Flow, element: Element) -> None:
    leg = flow.leg
    ours, theirs = (leg.to, leg.from_) if leg.direction == "inbound" else (leg.from_, leg.to)
    if not element.text:
        flow.warn(14103, "Invalid Body")
        return
    to = element.get("to", theirs)
    if not texting.opted_out(flow.world, to):
        texting.reply(flow.world, from_=element.get("from", ours), to=to, body=element.text)
