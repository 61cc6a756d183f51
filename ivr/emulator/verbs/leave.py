"""<Leave>: out of the queue, on to what follows the Enqueue."""

from ivr.emulator.calls.twiml_document import Element
from ivr.emulator.calls.twiml_runner import End, Flow
from ivr.emulator.verbs.registry import verb


@verb("Leave")
async def leave(_flow: Flow, _element: Element) -> End:
    return End.LEFT
