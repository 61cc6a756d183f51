"""IncomingPhoneNumbers: the account's own numbers and their webhooks.

https://www.twilio.com/docs/phone-numbers/api/incomingphonenumber-resource
"""

import re
from collections.abc import Callable
from functools import partial

from aiohttp import web

from ivr.emulator.account.resources import IncomingPhoneNumber
from ivr.emulator.account.world import World
from ivr.emulator.rest.common import ACCOUNT_PATH, Json, make_handler, not_found, resource_uri
from ivr.emulator.rest.form import Form, RestApiError
from ivr.emulator.rest.paging import Pager
from ivr.emulator.rest.webhook_settings import (
    COMMON_PARAMETERS,
    check_application_sid,
    read_settings,
    settings_to_json,
)
from ivr.emulator.runtime.exchange import API_VERSION
from ivr.emulator.runtime.formats import E164, format_national, format_rfc2822

APPLICATION_PARAMETERS = {
    "VoiceApplicationSid": "voice_application_sid",
    "SmsApplicationSid": "sms_application_sid",
}
OTHER_PARAMETERS = {
    **APPLICATION_PARAMETERS,
    "TrunkSid": "trunk_sid",
    "AddressSid": "address_sid",
    "IdentitySid": "identity_sid",
    "BundleSid": "bundle_sid",
    "EmergencyAddressSid": "emergency_address_sid",
}
TYPE_BY_PATH = {"Local": "local", "Mobile": "mobile", "TollFree": "toll-free"}
TOLL_FREE = re.compile(r"\+18(00|88|77|66|55|44|33)\d{7}")


def routes() -> list[web.RouteDef]:
    numbers = f"{ACCOUNT_PATH}/IncomingPhoneNumbers"
    return [
        web.post(f"{numbers}.json", make_handler(create, 201)),
        web.get(f"{numbers}.json", make_handler(partial(list_page, ""))),
        *(
            web.get(f"{numbers}/{name}.json", make_handler(partial(list_page, kind)))
            for name, kind in TYPE_BY_PATH.items()
        ),
        *(
            web.post(f"{numbers}/{name}.json", make_handler(_make_create(kind), 201))
            for name, kind in TYPE_BY_PATH.items()
        ),
        web.get(f"{numbers}/{{sid}}.json", make_handler(fetch)),
        web.post(f"{numbers}/{{sid}}.json", make_handler(update)),
        web.delete(f"{numbers}/{{sid}}.json", make_handler(delete)),
    ]


def to_json(world: World, number: IncomingPhoneNumber) -> Json:
    return {
        **settings_to_json(number.settings, COMMON_PARAMETERS),
        **{ours: number.get(ours) or None for ours in OTHER_PARAMETERS.values()},
        "friendly_name": friendly_name(number),
        "sid": number.sid,
        "account_sid": world.exchange.account_sid,
        "phone_number": number.phone_number,
        "address_requirements": "none",
        "api_version": API_VERSION,
        "beta": False,
        "capabilities": {"voice": True, "sms": True, "mms": True, "fax": False},
        "date_created": format_rfc2822(number.created_at),
        "date_updated": format_rfc2822(number.updated_at),
        "emergency_status": number.get("emergency_status") or "Inactive",
        "emergency_address_status": "unregistered",
        "origin": "twilio",
        "status": "in-use",
        "type": number_type(number),
        "uri": resource_uri(world, "IncomingPhoneNumbers", number.sid),
        "voice_receive_mode": number.get("voice_receive_mode") or "voice",
    }


def to_json_without_type(world: World, number: IncomingPhoneNumber) -> Json:
    """As the lists of one type show it."""
    made = to_json(world, number)
    del made["type"]
    return made


def friendly_name(number: IncomingPhoneNumber) -> str:
    return number.get("friendly_name") or format_national(number.phone_number) or ""


def number_type(number: IncomingPhoneNumber) -> str:
    """What a number looks like: +1 800 and its kin are toll-free, others of +1 local, the rest mobile."""
    if TOLL_FREE.fullmatch(number.phone_number):
        return "toll-free"
    return "local" if number.phone_number.startswith("+1") else "mobile"


def create(world: World, _request: web.Request, form: Form) -> Json:
    return to_json(
        world, _create_number(world, form, form.text("PhoneNumber") or _pick_number_in_area(world, form))
    )


def _make_create(required_type: str) -> Callable[[World, web.Request, Form], Json]:
    def create_one(world: World, _request: web.Request, form: Form) -> Json:
        wanted = IncomingPhoneNumber(
            sid="", phone_number=form.text("PhoneNumber"), created_at=0, updated_at=0
        )
        if wanted.phone_number and number_type(wanted) != required_type:
            raise RestApiError(400, 21458, f"{wanted.phone_number} is not a {required_type} number")
        return to_json_without_type(world, _create_number(world, form, wanted.phone_number))

    return create_one


def _create_number(world: World, form: Form, phone_number: str) -> IncomingPhoneNumber:
    if not E164.fullmatch(phone_number):
        raise RestApiError(400, 21421, f"PhoneNumber is invalid: {phone_number}")
    if world.find_number(phone_number):
        raise RestApiError(400, 21422, f"PhoneNumber {phone_number} is not available")
    return world.add_number(phone_number, _read_settings(world, form))


def _pick_number_in_area(world: World, form: Form) -> str:
    """The first free number of an area code, among those that nobody has: +1 AAA 555 01XX."""
    area = form.text("AreaCode")
    if not area:
        return ""
    if not re.fullmatch(r"[2-9]\d\d", area):
        raise RestApiError(400, 21451, f"Invalid area code: {area}")
    free = (f"+1{area}55501{last:02}" for last in range(100))
    found = next((one for one in free if world.find_number(one) is None), None)
    if found is None:
        raise RestApiError(400, 21452, f"No phone numbers found in area code {area}")
    return found


def list_page(required_type: str, world: World, request: web.Request, form: Form) -> Json:
    origin = form.one_of("Origin", {"twilio", "hosted"})
    form.flag("Beta")  # none is
    wanted = _number_pattern(form.text("PhoneNumber"))
    found = [
        one
        for one in reversed(world.numbers.values())
        if wanted.search(one.phone_number)
        and form.matches("FriendlyName", friendly_name(one))
        and required_type in {"", number_type(one)}
        and origin in {"", "twilio"}
    ]
    render = partial(to_json_without_type if required_type else to_json, world)
    return Pager(request=request, key="incoming_phone_numbers").render_page(found, render)


def _number_pattern(text: str) -> re.Pattern[str]:
    """A part of a number, with `*` for any digit."""
    return re.compile("".join(r"\d" if sign == "*" else re.escape(sign) for sign in text))


def fetch(world: World, request: web.Request, _form: Form) -> Json:
    return to_json(world, _find_number(world, request))


def update(world: World, request: web.Request, form: Form) -> Json:
    number = _find_number(world, request)
    account = form.text("AccountSid")
    if account and account != world.exchange.account_sid:
        raise RestApiError(400, 21471, f"Account does not exist: {account}")
    number.settings |= _read_settings(world, form)
    number.updated_at = world.exchange.now
    return to_json(world, number)


def delete(world: World, request: web.Request, _form: Form) -> None:
    del world.numbers[_find_number(world, request).sid]


def _read_settings(world: World, form: Form) -> dict[str, str]:
    for name in APPLICATION_PARAMETERS:
        check_application_sid(world, form, name)
    made = read_settings(form, COMMON_PARAMETERS | OTHER_PARAMETERS)
    for name, ours, allowed in (
        ("EmergencyStatus", "emergency_status", {"Active", "Inactive"}),
        ("VoiceReceiveMode", "voice_receive_mode", {"voice", "fax"}),
    ):
        if form.is_given(name):
            made[ours] = form.one_of(name, allowed)
    return made


def _find_number(world: World, request: web.Request) -> IncomingPhoneNumber:
    number = world.numbers.get(request.match_info["sid"])
    if number is None:
        raise not_found(request)
    return number
