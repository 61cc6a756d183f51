"""Who a <Dial> rings: the address of each noun, and what may be on it and in it."""

import re
from collections.abc import Callable
from urllib.parse import parse_qsl

from ivr.emulator.calls.twiml_document import Element
from ivr.emulator.calls.twiml_runner import Flow
from ivr.emulator.runtime.formats import E164
from ivr.emulator.verbs.registry import (
    anything,
    each_of,
    method,
    one_of,
    part,
    tones,
    whole,
)

LONGEST_URI, LONGEST_HEADERS, LONGEST_IDENTITY = 255, 1024, 256
HEADERS = frozenset({"user-to-user", "remote-party-id", "p-preferred-identity", "p-called-party-id"})
_URI = re.compile(r"(sips?:[^\s@]+(@[^\s@?]+)?|[^\s@:]+@[^\s@?]+)(\?\S*)?", re.IGNORECASE)
_NAME = re.compile(r"[^\s\x00-\x1f<>\"{}|\\^`\[\]]+")

RUNG = {
    **anything("url statusCallback"),
    "method": method(13221),
    "statusCallbackEvent": each_of("initiated", "ringing", "answered", "completed"),
    "statusCallbackMethod": method(),
}
DETECTED = {
    **anything("amdStatusCallback"),
    "amdStatusCallbackMethod": method(),
    "machineDetection": one_of("Enable", "DetectMessageEnd"),
    "machineDetectionTimeout": whole(3, high=60),
    "machineDetectionSpeechThreshold": whole(1000, high=6000),
    "machineDetectionSpeechEndThreshold": whole(500, high=5000),
    "machineDetectionSilenceTimeout": whole(2000, high=10_000),
}
NUMBER = {**RUNG, **DETECTED, **anything("byoc"), "sendDigits": tones(13222)}
CLIENT = {**RUNG, **anything("clientNotificationUrl")}
SIP = {
    **RUNG,
    **DETECTED,
    **anything("username password codecs"),
    "method": method(13241),
    "sendDigits": tones(13242),
}
APPLICATION = {**RUNG, **anything("customerId copyParentTo")}

part("Parameter", anything("name value"))
part("Identity", {})
part("Headers", {}, ("Header",))
part("Header", anything("name value"))
part("Uri", {**anything("username password"), "priority": whole(0), "weight": whole(0)})
part("ApplicationSid", {})


def dialable(number: str) -> str | None:
    """E.164; a number of ten digits is a North American one. None for what is no number."""
    digits = re.sub(r"[\s().\-]", "", number)
    if re.fullmatch(r"1?[2-9]\d{9}", digits):
        digits = f"+{'' if digits.startswith('1') else '1'}{digits}"
    return digits if E164.fullmatch(digits) else None


def address(flow: Flow, element: Element) -> str | None:
    """Whom to ring; None, with Twilio's warning, when there is no such address."""
    return ADDRESSES[element.name](flow, element)


def _number(flow: Flow, element: Element) -> str | None:
    found = dialable(element.own)
    if found is None:
        flow.warn(13223, f"Dial: Invalid phone number format: {element.own!r}")
    return found


def _client(flow: Flow, element: Element) -> str | None:
    name = next((one.text for one in element.children if one.name == "Identity"), element.own)
    if len(name) <= LONGEST_IDENTITY and _NAME.fullmatch(name):
        return f"client:{name}"
    flow.warn(13215, f"Dial->Client: no client can be called {name!r}")
    return None


def _sip(flow: Flow, element: Element) -> str | None:
    uri = next((one.text for one in element.children if one.name == "Uri"), element.own)
    bare, _, headers = uri.partition("?")
    if not _URI.fullmatch(uri) or len(bare) > LONGEST_URI:
        flow.warn(13243, f"Dial->Sip: Invalid SIP URI: {uri!r}")
        return None
    if len(headers) > LONGEST_HEADERS:
        flow.warn(13253, "Dial->Sip: Header is too long")
    for name, _ in parse_qsl(headers, keep_blank_values=True):
        if not name.lower().startswith("x-") and name.lower() not in HEADERS:
            flow.warn(13252, f"Dial->Sip: Invalid header name: {name}")
    return bare if bare.lower().startswith("sip") else f"sip:{bare}"


def _whatsapp(flow: Flow, element: Element) -> str | None:
    found = dialable(element.own.removeprefix("whatsapp:"))
    if found is None:
        flow.warn(13223, f"Dial: Invalid phone number format: {element.own!r}")
    return found and f"whatsapp:{found}"


def _sim(_flow: Flow, element: Element) -> str:
    return f"sim:{element.own}"


ADDRESSES: dict[str, Callable[[Flow, Element], str | None]] = {
    "Number": _number,
    "Client": _client,
    "Sip": _sip,
    "WhatsApp": _whatsapp,
    "Sim": _sim,
}


def extras(element: Element) -> dict[str, str]:
    """What goes to the phone besides the call: a client's parameters, a SIP phone's headers."""
    given = {one.get("name"): one.get("value") for one in element.children if one.name == "Parameter"}
    if element.name == "Sip":
        given |= dict(parse_qsl(element.text.partition("?")[2], keep_blank_values=True))
        boxes = [one for one in element.children if one.name == "Headers"]
        given |= {one.get("name"): one.get("value") for box in boxes for one in box.children}
    return given
