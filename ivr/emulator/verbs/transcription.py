"""<Start><Transcription>: what is said on the call, told to its statusCallbackUrl as it is said."""

from dataclasses import replace

from ivr.emulator.calls.twiml_document import Element
from ivr.emulator.calls.twiml_runner import Flow
from ivr.emulator.speech.transcription import Transcription
from ivr.emulator.verbs.registry import anything, boolean, method, part, starts
from ivr.emulator.verbs.stream import TRACKS

INVALID_CALLBACK = 17585
ATTRIBUTES = {
    **anything(
        "name statusCallbackUrl languageCode inboundTrackLabel outboundTrackLabel transcriptionEngine hints"
    ),
    **anything("speechModel intelligenceService conversationConfiguration conversationId"),
    "track": TRACKS,
    "statusCallbackMethod": method(),
    "enableProviderData": boolean(),
    "profanityFilter": boolean(),
    "partialResults": boolean(),
    "enableAutomaticPunctuation": boolean(),
}
part("Config", anything("name value"))


@starts("Transcription", ATTRIBUTES, ("Config", "Parameter"))
def transcription(flow: Flow, element: Element) -> None:
    url = element.get("statusCallbackUrl")
    if url and not url.startswith(("http://", "https://")):
        flow.warn(INVALID_CALLBACK, f"Transcription: Invalid status callback URL {url!r}")
        left = {name: text for name, text in element.attributes.items() if name != "statusCallbackUrl"}
        element = replace(element, attributes=left)
    sid = flow.leg.exchange.sids.new("GT")
    Transcription(leg=flow.leg, sid=sid, element=element, name=element.get("name") or sid).start()
