"""What reaches into services that are not here: <Connect>, <Pay>, <Prompt>, <Refer>, <Echo>.

Each is accepted, written down as not emulated, and over at once: its action follows, or the next verb.
"""

from ivr.emulator.calls.signals import Ask
from ivr.emulator.calls.twiml_document import Element
from ivr.emulator.calls.twiml_runner import Flow
from ivr.emulator.verbs.registry import anything, method, part, verb, whole

CONNECTED = ("Stream", "Room", "VirtualAgent", "ConversationRelay", "Conversation", "Autopilot", "AiSession")
RELAY = (
    "url language ttsLanguage transcriptionLanguage ttsProvider voice transcriptionProvider speechModel profanityFilter"
    " dtmfDetection welcomeGreeting partialPrompts welcomeGreetingInterruptible interruptible preemptible hints"
    " intelligenceService reportInputDuringAgentSpeech elevenlabsTextNormalization interruptSensitivity debug"
    " backgroundNoiseReduction speechTimeout deepgramSmartFormat ignoreBackchannel events partialPromptOnHangup"
    " eagerEotThreshold asrSmartFormat ttsTextNormalization ttsLanguageTextNormalization"
    " elevenlabsLanguageTextNormalization includeInPrompt customerName applicationReconnect echoPromptFiltering"
    " turnDetection connector sessionConfiguration"
)
PAY = (
    "input action bankAccountType statusCallback timeout maxAttempts securityCode postalCode minPostalCodeLength"
    " paymentConnector paymentMethod tokenType chargeAmount currency description validCardTypes language confirmation"
)
PROMPT = anything("for errorType cardType attempt requireMatchingInputs")
ACTION = {**anything("action"), "method": method()}

part("Room", anything("participantIdentity"))
part(
    "VirtualAgent",
    anything("connectorName language sentimentAnalysis statusCallback statusCallbackMethod"),
    ("Config", "Parameter"),
)
part("ConversationRelay", anything(RELAY), ("Language", "Parameter"))
part("ConversationRelaySession", anything(RELAY), ("Parameter",))
part(
    "Language",
    anything(
        "code ttsProvider voice transcriptionProvider speechModel hints asrSmartFormat ttsTextNormalization"
        " ttsLanguageTextNormalization"
    ),
)
part("AiSession", anything("aiConnector aiSessionConfiguration"))
part("Autopilot", {})
part(
    "Conversation",
    anything(
        "serviceInstanceSid inboundAutocreation routingAssignmentTimeout inboundTimeout url method record trim"
        " recordingStatusCallback recordingStatusCallbackMethod recordingStatusCallbackEvent statusCallback"
        " statusCallbackMethod statusCallbackEvent"
    ),
)


def _over(flow: Flow, element: Element, told: dict[str, str]) -> Ask | None:
    what = [{"noun": child.name, **child.attributes} for child in element.children]
    flow.leg.log("not_emulated", verb=element.name, nouns=what)
    return flow.action(element, told) if element.get("action") else None


@verb("Connect", ACTION, (*CONNECTED, "ConversationRelaySession"))
@verb("Echo")
async def connect(flow: Flow, element: Element) -> Ask | None:
    return _over(flow, element, {})


@verb("Pay", {**anything(PAY), "statusCallbackMethod": method(), "method": method()}, ("Prompt", "Parameter"))
async def pay(flow: Flow, element: Element) -> Ask | None:
    """No payment is taken: there is no connector. An action is asked in any case, its default is this document."""
    flow.leg.log("not_emulated", verb="Pay", nouns=[])
    told = {
        "Result": "payment-connector-error",
        "PaymentConnector": element.get("paymentConnector", "Default"),
    }
    return flow.action(element, told) if element.get("action") else None


@verb("Prompt", {**PROMPT, "attempt": whole(1)}, ("Say", "Play", "Pause"))
async def prompt(flow: Flow, element: Element) -> Ask | None:
    return _over(flow, element, {})


@verb("Refer", ACTION, ("Sip", "ReferSip"))
async def refer(flow: Flow, element: Element) -> Ask | None:
    """Only a SIP phone can be sent elsewhere; none of these understands it (405)."""
    theirs = flow.leg.from_ if flow.leg.direction == "inbound" else flow.leg.to
    if not theirs.startswith("sip"):
        flow.warn(13801, "Refer not allowed on non-SIP call legs")
    return _over(flow, element, {"ReferCallStatus": "failed", "ReferSipResponseCode": "405"})
