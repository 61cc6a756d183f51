"""<Dial><Application>: another TwiML application takes the call. Not emulated: it fails, and the log says so."""

from ivr.emulator.calls.twiml_runner import Flow
from ivr.emulator.verbs import dial_party
from ivr.emulator.verbs.dial import Dialled
from ivr.emulator.verbs.registry import noun


@noun("Application", dial_party.APPLICATION, ("ApplicationSid", "Parameter"))
async def application(flow: Flow, work: Dialled) -> None:
    flow.leg.log("not_emulated", verb="Dial", noun="Application")
    work.outcome["DialCallStatus"] = "failed"
