"""<Redirect>: another document takes over; without an address, this one again."""

from ivr.emulator.calls.signals import TwimlSource
from ivr.emulator.calls.twiml_document import Element
from ivr.emulator.calls.twiml_runner import TwimlRunner
from ivr.emulator.verbs.registry import method, verb


@verb("Redirect", {"method": method(13710)})
async def redirect(_runner: TwimlRunner, element: Element) -> TwimlSource:
    return TwimlSource(url=element.text, method=element.get("method", "POST"))
