"""<Pause>: silence."""

from ivr.emulator.calls.twiml_document import Element
from ivr.emulator.calls.twiml_runner import Flow
from ivr.emulator.verbs.registry import verb, whole


@verb("Pause", {"length": whole(0, 13910)})
async def pause(flow: Flow, element: Element) -> None:
    leg = flow.leg
    leg.ears.hear("ringing" if leg.answered is None else "silence")
    await flow.wait(leg.exchange.clock.sleep(float(element.get("length", "1"))))
    if leg.answered is None:
        leg.answer()
