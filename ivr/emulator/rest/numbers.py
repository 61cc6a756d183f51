"""IncomingPhoneNumbers: the account's own numbers and their webhooks.

https://www.twilio.com/docs/phone-numbers/api/incomingphonenumber-resource
"""

import re
from collections.abc import Callable
from functools import partial

from aiohttp import web

from ivr.emulator.account.resources import Number
from ivr.emulator.account.world import World
from ivr.emulator.rest.common import BASE, Json, handler, missing, uri
from ivr.emulator.rest.form import Form, Refusal
from ivr.emulator.rest.paging import Pages
from ivr.emulator.rest.webhook_settings import COMMON, application_sid, given, shown
from ivr.emulator.runtime.exchange import API_VERSION
from ivr.emulator.runtime.formats import E164, pretty, rfc2822

APPLICATIONS = {"VoiceApplicationSid": "voice_application_sid", "SmsApplicationSid": "sms_application_sid"}
OTHERS = {
    **APPLICATIONS,
    "TrunkSid": "trunk_sid",
    "AddressSid": "address_sid",
    "IdentitySid": "identity_sid",
    "BundleSid": "bundle_sid",
    "EmergencyAddressSid": "emergency_address_sid",
}
TYPES = {"Local": "local", "Mobile": "mobile", "TollFree": "toll-free"}
TOLL_FREE = re.compile(r"\+18(00|88|77|66|55|44|33)\d{7}")


def routes() -> list[web.RouteDef]:
    numbers = f"{BASE}/IncomingPhoneNumbers"
    return [
        web.post(f"{numbers}.json", handler(create, 201)),
        web.get(f"{numbers}.json", handler(partial(listing, ""))),
        *(web.get(f"{numbers}/{name}.json", handler(partial(listing, kind))) for name, kind in TYPES.items()),
        *(web.post(f"{numbers}/{name}.json", handler(_one(kind), 201)) for name, kind in TYPES.items()),
        web.get(f"{numbers}/{{sid}}.json", handler(fetch)),
        web.post(f"{numbers}/{{sid}}.json", handler(update)),
        web.delete(f"{numbers}/{{sid}}.json", handler(delete)),
    ]


def body(world: World, number: Number) -> Json:
    return {
        **shown(number.settings, COMMON),
        **{ours: number.get(ours) or None for ours in OTHERS.values()},
        "friendly_name": name_of(number),
        "sid": number.sid,
        "account_sid": world.exchange.account_sid,
        "phone_number": number.phone_number,
        "address_requirements": "none",
        "api_version": API_VERSION,
        "beta": False,
        "capabilities": {"voice": True, "sms": True, "mms": True, "fax": False},
        "date_created": rfc2822(number.created),
        "date_updated": rfc2822(number.updated),
        "emergency_status": number.get("emergency_status") or "Inactive",
        "emergency_address_status": "unregistered",
        "origin": "twilio",
        "status": "in-use",
        "type": type_of(number),
        "uri": uri(world, "IncomingPhoneNumbers", number.sid),
        "voice_receive_mode": number.get("voice_receive_mode") or "voice",
    }


def without_type(world: World, number: Number) -> Json:
    """As the lists of one type show it."""
    made = body(world, number)
    del made["type"]
    return made


def name_of(number: Number) -> str:
    return number.get("friendly_name") or pretty(number.phone_number) or ""


def type_of(number: Number) -> str:
    """What a number looks like: +1 800 and its kin are toll-free, others of +1 local, the rest mobile."""
    if TOLL_FREE.fullmatch(number.phone_number):
        return "toll-free"
    return "local" if number.phone_number.startswith("+1") else "mobile"


def create(world: World, _request: web.Request, form: Form) -> Json:
    return body(world, _make(world, form, form.text("PhoneNumber") or _in_area(world, form)))


def _one(kind: str) -> Callable[[World, web.Request, Form], Json]:
    def create_one(world: World, _request: web.Request, form: Form) -> Json:
        wanted = Number(sid="", phone_number=form.text("PhoneNumber"), created=0, updated=0)
        if wanted.phone_number and type_of(wanted) != kind:
            raise Refusal(400, 21458, f"{wanted.phone_number} is not a {kind} number")
        return without_type(world, _make(world, form, wanted.phone_number))

    return create_one


def _make(world: World, form: Form, phone_number: str) -> Number:
    if not E164.fullmatch(phone_number):
        raise Refusal(400, 21421, f"PhoneNumber is invalid: {phone_number}")
    if world.number(phone_number):
        raise Refusal(400, 21422, f"PhoneNumber {phone_number} is not available")
    return world.add_number(phone_number, _given(world, form))


def _in_area(world: World, form: Form) -> str:
    """The first free number of an area code, among those that nobody has: +1 AAA 555 01XX."""
    area = form.text("AreaCode")
    if not area:
        return ""
    if not re.fullmatch(r"[2-9]\d\d", area):
        raise Refusal(400, 21451, f"Invalid area code: {area}")
    free = (f"+1{area}55501{last:02}" for last in range(100))
    found = next((one for one in free if world.number(one) is None), None)
    if found is None:
        raise Refusal(400, 21452, f"No phone numbers found in area code {area}")
    return found


def listing(kind: str, world: World, request: web.Request, form: Form) -> Json:
    origin = form.one_of("Origin", {"twilio", "hosted"})
    form.flag("Beta")  # none is
    wanted = _pattern(form.text("PhoneNumber"))
    found = [
        one
        for one in reversed(world.numbers.values())
        if wanted.search(one.phone_number)
        and form.is_or_absent("FriendlyName", name_of(one))
        and kind in {"", type_of(one)}
        and origin in {"", "twilio"}
    ]
    render = partial(without_type if kind else body, world)
    return Pages(request=request, key="incoming_phone_numbers").page(found, render)


def _pattern(text: str) -> re.Pattern[str]:
    """A part of a number, with `*` for any digit."""
    return re.compile("".join(r"\d" if sign == "*" else re.escape(sign) for sign in text))


def fetch(world: World, request: web.Request, _form: Form) -> Json:
    return body(world, _find(world, request))


def update(world: World, request: web.Request, form: Form) -> Json:
    number = _find(world, request)
    account = form.text("AccountSid")
    if account and account != world.exchange.account_sid:
        raise Refusal(400, 21471, f"Account does not exist: {account}")
    number.settings |= _given(world, form)
    number.updated = world.exchange.now
    return body(world, number)


def delete(world: World, request: web.Request, _form: Form) -> None:
    del world.numbers[_find(world, request).sid]


def _given(world: World, form: Form) -> dict[str, str]:
    for name in APPLICATIONS:
        application_sid(world, form, name)
    made = given(form, COMMON | OTHERS)
    for name, ours, allowed in (
        ("EmergencyStatus", "emergency_status", {"Active", "Inactive"}),
        ("VoiceReceiveMode", "voice_receive_mode", {"voice", "fax"}),
    ):
        if form.has(name):
            made[ours] = form.one_of(name, allowed)
    return made


def _find(world: World, request: web.Request) -> Number:
    number = world.numbers.get(request.match_info["sid"])
    if number is None:
        raise missing(request)
    return number
