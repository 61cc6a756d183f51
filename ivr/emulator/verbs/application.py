"""<Dial><Application>: another TwiML application takes the call. Not emulated: it fails, and the log says so."""

from ivr.emulator.calls.twiml_runner import TwimlRunner
from ivr.emulator.verbs import dial_party
from ivr.emulator.verbs.dial import DialState
from ivr.emulator.verbs.registry import noun


@noun("Application", dial_party.APPLICATION_ATTRIBUTES, ("ApplicationSid", "Parameter"))
async def application(runner: TwimlRunner, state: DialState) -> None:
    runner.leg.log("not_emulated", verb="Dial", noun="Application")
    state.outcome["DialCallStatus"] = "failed"
