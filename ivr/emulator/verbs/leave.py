"""<Leave>: out of the queue, on to what follows the Enqueue."""

from ivr.emulator.calls.twiml_document import Element
from ivr.emulator.calls.twiml_runner import TwimlEnd, TwimlRunner
from ivr.emulator.verbs.registry import verb


@verb("Leave")
async def leave(_runner: TwimlRunner, _element: Element) -> TwimlEnd:
    return TwimlEnd.LEFT_QUEUE
