"""<Hangup>."""

from ivr.emulator.calls.twiml_document import Element
from ivr.emulator.calls.twiml_runner import TwimlEnd, TwimlRunner
from ivr.emulator.verbs.registry import verb


@verb("Hangup", {}, ("Parameter",))
async def hangup(_runner: TwimlRunner, _element: Element) -> TwimlEnd:
    return TwimlEnd.HUNG_UP
