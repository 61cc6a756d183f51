"""<Reject>: not answered, if nothing answered before; afterwards the call just ends."""

from ivr.emulator.calls.twiml_document import Element
from ivr.emulator.calls.twiml_runner import TwimlEnd, TwimlRunner
from ivr.emulator.verbs.registry import one_of, verb


@verb("Reject", {"reason": one_of("rejected", "busy", code=13810)}, ("Parameter",))
async def reject(_runner: TwimlRunner, element: Element) -> TwimlEnd:
    return TwimlEnd.REJECTED_BUSY if element.get("reason") == "busy" else TwimlEnd.REJECTED
