"""<Pause>: silence."""

from ivr.emulator.document import Element
from ivr.emulator.flow import Flow
from ivr.emulator.verbs.registry import verb, whole


@verb("Pause", {"length": whole(0, 13910)})
async def pause(flow: Flow, element: Element) -> None:
    flow.leg.ears.hear("silence")
    await flow.wait(flow.leg.exchange.clock.sleep(float(element.get("length", "1"))))
