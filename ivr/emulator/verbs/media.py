"""What reaches into services that are not here: <Connect>, <Pay>, <Prompt>, <Refer>, <Echo>.

Each is accepted, written down as not emulated, and over at once: its action follows, or the next verb.
"""

from ivr.emulator.calls.signals import TwimlSource
from ivr.emulator.calls.twiml_document import Element
from ivr.emulator.calls.twiml_runner import TwimlRunner
from ivr.emulator.verbs.registry import any_values, integer, method, register_part, verb

CONNECT_NOUNS = (
    "Stream",
    "Room",
    "VirtualAgent",
    "ConversationRelay",
    "Conversation",
    "Autopilot",
    "AiSession",
)
RELAY_ATTRIBUTES = (
    "url language ttsLanguage transcriptionLanguage ttsProvider voice transcriptionProvider speechModel profanityFilter"
    " dtmfDetection welcomeGreeting partialPrompts welcomeGreetingInterruptible interruptible preemptible hints"
    " intelligenceService reportInputDuringAgentSpeech elevenlabsTextNormalization interruptSensitivity debug"
    " backgroundNoiseReduction speechTimeout deepgramSmartFormat ignoreBackchannel events partialPromptOnHangup"
    " eagerEotThreshold asrSmartFormat ttsTextNormalization ttsLanguageTextNormalization"
    " elevenlabsLanguageTextNormalization includeInPrompt customerName applicationReconnect echoPromptFiltering"
    " turnDetection connector sessionConfiguration"
)
PAY_ATTRIBUTES = (
    "input action bankAccountType statusCallback timeout maxAttempts securityCode postalCode minPostalCodeLength"
    " paymentConnector paymentMethod tokenType chargeAmount currency description validCardTypes language confirmation"
)
PROMPT_ATTRIBUTES = any_values("for errorType cardType attempt requireMatchingInputs")
ACTION_ATTRIBUTES = {**any_values("action"), "method": method()}

register_part("Room", any_values("participantIdentity"))
register_part(
    "VirtualAgent",
    any_values("connectorName language sentimentAnalysis statusCallback statusCallbackMethod"),
    ("Config", "Parameter"),
)
register_part("ConversationRelay", any_values(RELAY_ATTRIBUTES), ("Language", "Parameter"))
register_part("ConversationRelaySession", any_values(RELAY_ATTRIBUTES), ("Parameter",))
register_part(
    "Language",
    any_values(
        "code ttsProvider voice transcriptionProvider speechModel hints asrSmartFormat ttsTextNormalization"
        " ttsLanguageTextNormalization"
    ),
)
register_part("AiSession", any_values("aiConnector aiSessionConfiguration"))
register_part("Autopilot", {})
register_part(
    "Conversation",
    any_values(
        "serviceInstanceSid inboundAutocreation routingAssignmentTimeout inboundTimeout url method record trim"
        " recordingStatusCallback recordingStatusCallbackMethod recordingStatusCallbackEvent statusCallback"
        " statusCallbackMethod statusCallbackEvent"
    ),
)


def _skip_not_emulated(runner: TwimlRunner, element: Element, params: dict[str, str]) -> TwimlSource | None:
    what = [{"noun": child.name, **child.attributes} for child in element.children]
    runner.leg.log("not_emulated", verb=element.name, nouns=what)
    return runner.get_action_source(element, params) if element.get("action") else None


@verb("Connect", ACTION_ATTRIBUTES, (*CONNECT_NOUNS, "ConversationRelaySession"))
@verb("Echo")
async def connect(runner: TwimlRunner, element: Element) -> TwimlSource | None:
    return _skip_not_emulated(runner, element, {})


@verb(
    "Pay",
    {**any_values(PAY_ATTRIBUTES), "statusCallbackMethod": method(), "method": method()},
    ("Prompt", "Parameter"),
)
async def pay(runner: TwimlRunner, element: Element) -> TwimlSource | None:
    """No payment is taken: there is no connector. An action is asked in any case, its default is this document."""
    runner.leg.log("not_emulated", verb="Pay", nouns=[])
    told = {
        "Result": "payment-connector-error",
        "PaymentConnector": element.get("paymentConnector", "Default"),
    }
    return runner.get_action_source(element, told) if element.get("action") else None


@verb("Prompt", {**PROMPT_ATTRIBUTES, "attempt": integer(1)}, ("Say", "Play", "Pause"))
async def prompt(runner: TwimlRunner, element: Element) -> TwimlSource | None:
    return _skip_not_emulated(runner, element, {})


@verb("Refer", ACTION_ATTRIBUTES, ("Sip", "ReferSip"))
async def refer(runner: TwimlRunner, element: Element) -> TwimlSource | None:
    """Only a SIP phone can be sent elsewhere; none of these understands it (405)."""
    theirs = runner.leg.from_ if runner.leg.direction == "inbound" else runner.leg.to
    if not theirs.startswith("sip"):
        runner.warn(13801, "Refer not allowed on non-SIP call legs")
    return _skip_not_emulated(runner, element, {"ReferCallStatus": "failed", "ReferSipResponseCode": "405"})
