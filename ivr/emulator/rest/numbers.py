"""IncomingPhoneNumbers: the account's own numbers and their webhooks."""

from functools import partial

from aiohttp import web

from ivr.emulator.exchange import API_VERSION
from ivr.emulator.formats import E164, pretty, rfc2822
from ivr.emulator.resources import Number
from ivr.emulator.rest.common import BASE, Form, Json, Refusal, handler, missing, page, uri
from ivr.emulator.world import World

SETTINGS = {
    "FriendlyName": "friendly_name",
    "VoiceUrl": "voice_url",
    "VoiceMethod": "voice_method",
    "VoiceFallbackUrl": "voice_fallback_url",
    "VoiceFallbackMethod": "voice_fallback_method",
    "StatusCallback": "status_callback",
    "StatusCallbackMethod": "status_callback_method",
    "SmsUrl": "sms_url",
    "SmsMethod": "sms_method",
    "SmsFallbackUrl": "sms_fallback_url",
    "SmsFallbackMethod": "sms_fallback_method",
    "VoiceApplicationSid": "voice_application_sid",
    "SmsApplicationSid": "sms_application_sid",
}
METHODS = frozenset(name for name in SETTINGS.values() if name.endswith("_method"))
EMPTY = ["address_sid", "identity_sid", "trunk_sid", "emergency_address_sid", "bundle_sid"]


def routes() -> list[web.RouteDef]:
    return [
        web.post(f"{BASE}/IncomingPhoneNumbers.json", handler(create, 201)),
        web.get(f"{BASE}/IncomingPhoneNumbers.json", handler(listing)),
        web.get(f"{BASE}/IncomingPhoneNumbers/{{sid}}.json", handler(fetch)),
        web.post(f"{BASE}/IncomingPhoneNumbers/{{sid}}.json", handler(update)),
        web.delete(f"{BASE}/IncomingPhoneNumbers/{{sid}}.json", handler(delete)),
    ]


def body(world: World, number: Number) -> Json:
    settings = {name: number.get(name) for name in SETTINGS.values()}
    settings |= {name: number.get(name) or "POST" for name in METHODS}
    return {
        **dict.fromkeys(EMPTY),
        **settings,
        "friendly_name": number.get("friendly_name") or pretty(number.phone_number),
        "voice_application_sid": number.get("voice_application_sid") or None,
        "sms_application_sid": number.get("sms_application_sid") or None,
        "sid": number.sid,
        "account_sid": world.exchange.account_sid,
        "phone_number": number.phone_number,
        "address_requirements": "none",
        "api_version": API_VERSION,
        "beta": False,
        "capabilities": {"voice": True, "sms": True, "mms": True, "fax": False},
        "date_created": rfc2822(number.created),
        "date_updated": rfc2822(number.updated),
        "emergency_status": "Inactive",
        "emergency_address_status": "unregistered",
        "origin": "twilio",
        "status": "in-use",
        "type": "local",
        "uri": uri(world, "IncomingPhoneNumbers", number.sid),
        "voice_caller_id_lookup": False,
        "voice_receive_mode": "voice",
    }


def create(world: World, _request: web.Request, form: Form) -> Json:
    phone_number = form.text("PhoneNumber")
    if not E164.fullmatch(phone_number):
        raise Refusal(400, 21421, f"PhoneNumber is invalid: {phone_number}")
    if world.number(phone_number):
        raise Refusal(400, 21422, f"PhoneNumber {phone_number} is not available")
    return body(world, world.add_number(phone_number, _given(form)))


def listing(world: World, request: web.Request, _form: Form) -> Json:
    wanted = request.query.get("PhoneNumber", "").replace("*", "")
    name = request.query.get("FriendlyName")
    found = [
        one
        for one in reversed(world.numbers.values())
        if wanted in one.phone_number and name in {None, one.get("friendly_name") or pretty(one.phone_number)}
    ]
    return page(request, "incoming_phone_numbers", found, partial(body, world))


def fetch(world: World, request: web.Request, _form: Form) -> Json:
    return body(world, _find(world, request))


def update(world: World, request: web.Request, form: Form) -> Json:
    number = _find(world, request)
    number.settings |= _given(form)
    number.updated = world.exchange.now
    return body(world, number)


def delete(world: World, request: web.Request, _form: Form) -> None:
    del world.numbers[_find(world, request).sid]


def _given(form: Form) -> dict[str, str]:
    return {ours: form.text(theirs) for theirs, ours in SETTINGS.items() if form.has(theirs)}


def _find(world: World, request: web.Request) -> Number:
    number = world.numbers.get(request.match_info["sid"])
    if number is None:
        raise missing(request)
    return number
