"""Who a <Dial> rings: the address of each noun, and what may be on it and in it."""

import re
from collections.abc import Callable
from urllib.parse import parse_qsl

from ivr.emulator.calls.twiml_document import Element
from ivr.emulator.calls.twiml_runner import TwimlRunner
from ivr.emulator.runtime.formats import E164
from ivr.emulator.verbs.registry import (
    any_values,
    each_of,
    integer,
    method,
    one_of,
    register_part,
    tones,
)

MAX_URI_CHARACTERS, MAX_HEADERS_CHARACTERS, MAX_IDENTITY_CHARACTERS = 255, 1024, 256
ALLOWED_SIP_HEADERS = frozenset(
    {"user-to-user", "remote-party-id", "p-preferred-identity", "p-called-party-id"}
)
_SIP_URI = re.compile(r"(sips?:[^\s@]+(@[^\s@?]+)?|[^\s@:]+@[^\s@?]+)(\?\S*)?", re.IGNORECASE)
_CLIENT_NAME = re.compile(r"[^\s\x00-\x1f<>\"{}|\\^`\[\]]+")

PARTY_ATTRIBUTES = {
    **any_values("url statusCallback"),
    "method": method(13221),
    "statusCallbackEvent": each_of("initiated", "ringing", "answered", "completed"),
    "statusCallbackMethod": method(),
}
DETECTION_ATTRIBUTES = {
    **any_values("amdStatusCallback"),
    "amdStatusCallbackMethod": method(),
    "machineDetection": one_of("Enable", "DetectMessageEnd"),
    "machineDetectionTimeout": integer(3, high=60),
    "machineDetectionSpeechThreshold": integer(1000, high=6000),
    "machineDetectionSpeechEndThreshold": integer(500, high=5000),
    "machineDetectionSilenceTimeout": integer(2000, high=10_000),
}
NUMBER_ATTRIBUTES = {
    **PARTY_ATTRIBUTES,
    **DETECTION_ATTRIBUTES,
    **any_values("byoc"),
    "sendDigits": tones(13222),
}
CLIENT_ATTRIBUTES = {**PARTY_ATTRIBUTES, **any_values("clientNotificationUrl")}
SIP_ATTRIBUTES = {
    **PARTY_ATTRIBUTES,
    **DETECTION_ATTRIBUTES,
    **any_values("username password codecs"),
    "method": method(13241),
    "sendDigits": tones(13242),
}
APPLICATION_ATTRIBUTES = {**PARTY_ATTRIBUTES, **any_values("customerId copyParentTo")}

register_part("Parameter", any_values("name value"))
register_part("Identity", {})
register_part("Headers", {}, ("Header",))
register_part("Header", any_values("name value"))
register_part("Uri", {**any_values("username password"), "priority": integer(0), "weight": integer(0)})
register_part("ApplicationSid", {})


def to_e164(number: str) -> str | None:
    """E.164; a number of ten digits is a North American one. None for what is no number."""
    digits = re.sub(r"[\s().\-]", "", number)
    if re.fullmatch(r"1?[2-9]\d{9}", digits):
        digits = f"+{'' if digits.startswith('1') else '1'}{digits}"
    return digits if E164.fullmatch(digits) else None


def get_party_address(runner: TwimlRunner, element: Element) -> str | None:
    """Whom to ring; None, with Twilio's warning, when there is no such address."""
    return ADDRESS_READERS[element.name](runner, element)


def _number_address(runner: TwimlRunner, element: Element) -> str | None:
    found = to_e164(element.own_text)
    if found is None:
        runner.warn(13223, f"Dial: Invalid phone number format: {element.own_text!r}")
    return found


def _client_address(runner: TwimlRunner, element: Element) -> str | None:
    name = next((one.text for one in element.children if one.name == "Identity"), element.own_text)
    if len(name) <= MAX_IDENTITY_CHARACTERS and _CLIENT_NAME.fullmatch(name):
        return f"client:{name}"
    runner.warn(13215, f"Dial->Client: no client can be called {name!r}")
    return None


def _sip_address(runner: TwimlRunner, element: Element) -> str | None:
    uri = next((one.text for one in element.children if one.name == "Uri"), element.own_text)
    bare, _, headers = uri.partition("?")
    if not _SIP_URI.fullmatch(uri) or len(bare) > MAX_URI_CHARACTERS:
        runner.warn(13243, f"Dial->Sip: Invalid SIP URI: {uri!r}")
        return None
    if len(headers) > MAX_HEADERS_CHARACTERS:
        runner.warn(13253, "Dial->Sip: Header is too long")
    for name, _ in parse_qsl(headers, keep_blank_values=True):
        if not name.lower().startswith("x-") and name.lower() not in ALLOWED_SIP_HEADERS:
            runner.warn(13252, f"Dial->Sip: Invalid header name: {name}")
    return bare if bare.lower().startswith("sip") else f"sip:{bare}"


def _whatsapp_address(runner: TwimlRunner, element: Element) -> str | None:
    found = to_e164(element.own_text.removeprefix("whatsapp:"))
    if found is None:
        runner.warn(13223, f"Dial: Invalid phone number format: {element.own_text!r}")
    return found and f"whatsapp:{found}"


def _sim_address(_runner: TwimlRunner, element: Element) -> str:
    return f"sim:{element.own_text}"


ADDRESS_READERS: dict[str, Callable[[TwimlRunner, Element], str | None]] = {
    "Number": _number_address,
    "Client": _client_address,
    "Sip": _sip_address,
    "WhatsApp": _whatsapp_address,
    "Sim": _sim_address,
}


def get_party_parameters(element: Element) -> dict[str, str]:
    """What goes to the phone besides the call: a client's parameters, a SIP phone's headers."""
    given = {one.get("name"): one.get("value") for one in element.children if one.name == "Parameter"}
    if element.name == "Sip":
        given |= dict(parse_qsl(element.text.partition("?")[2], keep_blank_values=True))
        boxes = [one for one in element.children if one.name == "Headers"]
        given |= {one.get("name"): one.get("value") for box in boxes for one in box.children}
    return given
