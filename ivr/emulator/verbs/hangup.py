"""<Hangup>."""

from ivr.emulator.calls.twiml_document import Element
from ivr.emulator.calls.twiml_runner import End, Flow
from ivr.emulator.verbs.registry import verb


@verb("Hangup", {}, ("Parameter",))
async def hangup(_flow: Flow, _element: Element) -> End:
    return End.HUNG_UP
