"""<Pause>: silence."""

from ivr.emulator.calls.twiml_document import Element
from ivr.emulator.calls.twiml_runner import TwimlRunner
from ivr.emulator.verbs.registry import integer, verb


@verb("Pause", {"length": integer(0, 13910)})
async def pause(runner: TwimlRunner, element: Element) -> None:
    leg = runner.leg
    leg.hearing.set_sound("ringing" if leg.answered_at is None else "silence")
    await runner.run_interruptibly(leg.exchange.clock.sleep(float(element.get("length", "1"))))
    if leg.answered_at is None:
        leg.answer()
