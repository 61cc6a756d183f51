"""<Start><Transcription>: what is said on the call, told to its statusCallbackUrl as it is said."""

from dataclasses import replace

from ivr.emulator.calls.twiml_document import Element
from ivr.emulator.calls.twiml_runner import TwimlRunner
from ivr.emulator.speech.transcription import CallTranscription
from ivr.emulator.verbs.registry import any_values, boolean, method, register_part, start_noun
from ivr.emulator.verbs.stream import TRACK_RULE

INVALID_CALLBACK_URL = 17585
ATTRIBUTES = {
    **any_values(
        "name statusCallbackUrl languageCode inboundTrackLabel outboundTrackLabel transcriptionEngine hints"
    ),
    **any_values("speechModel intelligenceService conversationConfiguration conversationId"),
    "track": TRACK_RULE,
    "statusCallbackMethod": method(),
    "enableProviderData": boolean(),
    "profanityFilter": boolean(),
    "partialResults": boolean(),
    "enableAutomaticPunctuation": boolean(),
}
register_part("Config", any_values("name value"))


@start_noun("Transcription", ATTRIBUTES, ("Config", "Parameter"))
def transcription(runner: TwimlRunner, element: Element) -> None:
    url = element.get("statusCallbackUrl")
    if url and not url.startswith(("http://", "https://")):
        runner.warn(INVALID_CALLBACK_URL, f"Transcription: Invalid status callback URL {url!r}")
        left = {name: text for name, text in element.attributes.items() if name != "statusCallbackUrl"}
        element = replace(element, attributes=left)
    sid = runner.leg.exchange.sids.new("GT")
    CallTranscription(leg=runner.leg, sid=sid, element=element, name=element.get("name") or sid).start()
