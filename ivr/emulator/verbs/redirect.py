"""<Redirect>: another document takes over; without an address, this one again."""

from ivr.emulator.calls.signals import Ask
from ivr.emulator.calls.twiml_document import Element
from ivr.emulator.calls.twiml_runner import Flow
from ivr.emulator.verbs.registry import method, verb


@verb("Redirect", {"method": method(13710)})
async def redirect(_flow: Flow, element: Element) -> Ask:
    return Ask(url=element.text, method=element.get("method", "POST"))
