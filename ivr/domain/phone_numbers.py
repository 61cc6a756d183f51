"""Phone numbers: who rang, how surely (I7), and whether they may be rung.

Numbers are E.164 strings ("+12025550100") everywhere; `parse_caller_number` is the only door through which what Twilio sent
becomes one.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from functools import lru_cache

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberType
from phonenumbers.shortnumberinfo import is_emergency_number
from phonenumbers.timezone import time_zones_for_number

# A SIP address may be long; nothing longer than this is read at all.
_MAX_LETTERS = 255
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_SIP = re.compile(r"sips?:(?P<user>\+[0-9]{7,15})(?:;[^@]*)?@.+", re.IGNORECASE)

# Words that carriers send instead of a number, which Twilio spells on a keypad ("Why am I getting calls from these
# strange numbers?", Twilio help). The longer ones would pass for numbers of China, Russia and Lesotho.
_HIDDEN_NUMBERS = frozenset(
    {
        "+266696687",  # ANONYMOUS
        "+7378742833",  # RESTRICTED
        "+2562533",  # BLOCKED
        "+8656696",  # UNKNOWN
        "+8566696",  # UNKNOWN, as Twilio's page prints it
        "+86282452253",  # UNAVAILABLE
        "+7748283",  # PRIVATE
        "+464",
    }
)

# Ringing these costs the company per minute, reaches a machine, or cannot be dialed from abroad.
_REFUSAL_BY_TYPE = {
    PhoneNumberType.PREMIUM_RATE: "premium_rate",
    PhoneNumberType.SHARED_COST: "shared_cost",
    PhoneNumberType.PERSONAL_NUMBER: "personal_number",
    PhoneNumberType.PAGER: "pager",
    PhoneNumberType.UAN: "company_number",
    PhoneNumberType.VOICEMAIL: "voicemail",
}

# What the tables take for anybody's telephone in +1 and is none, by the digits after the 1 (nanpa.com, "About the North
# American Numbering Plan"): directory assistance and 976 are charged for, 600 is Canada's for satellites, and an
# exchange that ends in 11 belongs to the emergency and service codes.
_REFUSAL_IN_PLUS_ONE = {
    re.compile(r"\d{3}(?:5551212|976\d{4})"): "premium_rate",
    re.compile(r"600\d{7}"): "satellite",
    re.compile(r"\d{3}[2-9]11\d{4}"): "emergency",
}

_ENDING_DIGITS = 3


class TrustLevel(IntEnum):
    """How surely we know who is calling (I7). Ordered: `trust_level >= TrustLevel.ATTESTED` may be asked."""

    UNVERIFIED = 0
    ATTESTED = 1
    CONFIRMED = 2

    @property
    def label(self) -> str:
        return self.name.lower()


class DialRefusal(StrEnum):
    """Why a number may not be rung."""

    HIDDEN = "hidden"
    INVALID = "invalid"  # junk, short codes, numbers nobody can have
    COUNTRY = "country"  # not one we ring
    PREMIUM_RATE = "premium_rate"
    SHARED_COST = "shared_cost"
    PERSONAL_NUMBER = "personal_number"
    PAGER = "pager"
    COMPANY_NUMBER = "company_number"
    VOICEMAIL = "voicemail"
    SATELLITE = "satellite"
    EMERGENCY = "emergency"  # also the exchanges of such codes
    OUR_OWN = "ours"  # a line, an agent's telephone: ringing it would be talking with ourselves

    @property
    def spoken_reason(self) -> str:
        """What the caller is told, in a word: their own matter, not the network's."""
        return _SPOKEN_REASONS.get(self, "costly")


_SPOKEN_REASONS = {
    DialRefusal.HIDDEN: "invalid",
    DialRefusal.INVALID: "invalid",
    DialRefusal.EMERGENCY: "invalid",
    DialRefusal.COUNTRY: "country",
    DialRefusal.OUR_OWN: "ours",
}


@dataclass(frozen=True, kw_only=True)
class CallableNumber:
    number: str  # E.164
    country: str  # ISO 3166, "US"


@dataclass(frozen=True, kw_only=True)
class NotCallableNumber:
    refusal: DialRefusal


def parse_caller_number(raw: str | None) -> str | None:
    """The E.164 number in Twilio's `From`, or None when there is none that a person could be known or rung by.

    Numbers need only be *possible*: an area code younger than the library's tables still belongs to somebody.
    A SIP address counts when its user is a full number; nothing attests it, so it stays UNVERIFIED.
    """
    if not raw or len(raw) > _MAX_LETTERS:
        return None
    text = raw.strip()
    if sip := _SIP.fullmatch(text):
        text = sip["user"]
    if text in _HIDDEN_NUMBERS or not _E164.fullmatch(text):
        return None
    try:
        parsed = phonenumbers.parse(text, None)
    except phonenumbers.NumberParseException:
        return None
    return text if phonenumbers.is_possible_number(parsed) else None


def check_callable(
    number: str | None, countries: Collection[str], *, our_numbers: Collection[str] = ()
) -> CallableNumber | NotCallableNumber:
    """Whether we may ring `number`, and if not, why. `countries` are ISO 3166 codes; none means none.

    Each country of +1 is one of its own: who allows the United States has not allowed Jamaica.
    """
    if (known := parse_caller_number(number)) is None:
        hidden = not number or number.strip() in _HIDDEN_NUMBERS or not number.strip().startswith("+")
        return NotCallableNumber(refusal=DialRefusal.HIDDEN if hidden else DialRefusal.INVALID)
    if known in our_numbers:
        return NotCallableNumber(refusal=DialRefusal.OUR_OWN)
    parsed = phonenumbers.parse(known, None)
    if why := _find_special_refusal(parsed):
        return NotCallableNumber(refusal=why)
    if not phonenumbers.is_valid_number(parsed):
        return NotCallableNumber(refusal=DialRefusal.INVALID)
    if cost := _REFUSAL_BY_TYPE.get(phonenumbers.number_type(parsed)):
        return NotCallableNumber(refusal=DialRefusal(cost))
    country = phonenumbers.region_code_for_number(parsed)
    if country is None or country not in countries:
        return NotCallableNumber(refusal=DialRefusal.COUNTRY)
    return CallableNumber(number=known, country=country)


def _find_special_refusal(parsed: PhoneNumber) -> DialRefusal | None:
    """What no table of ordinary numbers tells."""
    digits = phonenumbers.national_significant_number(parsed)
    regions = phonenumbers.region_codes_for_country_code(parsed.country_code or 0)
    if any(is_emergency_number(digits, region) for region in regions):
        return DialRefusal.EMERGENCY
    if parsed.country_code == 1:
        return next(
            (DialRefusal(why) for form, why in _REFUSAL_IN_PLUS_ONE.items() if form.fullmatch(digits)), None
        )
    return DialRefusal.SATELLITE if parsed.country_code in (870, 881, 882, 883) else None


@lru_cache(maxsize=4096)  # asked at every step of a call
def time_zones(number: str | None) -> tuple[str, ...]:
    """The IANA zones the number's owner may be in; () when the number does not say.

    A toll-free number names everything from Newfoundland to Guam, awake together for an hour a day: it says nothing.
    """
    if (known := parse_caller_number(number)) is None:
        return ()
    parsed = phonenumbers.parse(known, None)
    if phonenumbers.number_type(parsed) == PhoneNumberType.TOLL_FREE:
        return ()
    return tuple(zone for zone in time_zones_for_number(parsed) if zone != "Etc/Unknown")


def trust_level(number: str | None, *, attested: bool, shared: bool, confirmed: bool) -> TrustLevel:
    """How surely we know the caller. `attested`: their carrier vouches for the number (STIR/SHAKEN, a full A). `shared`: several
    people use the number. `confirmed`: a code or PIN was right.
    """
    if confirmed:
        return TrustLevel.CONFIRMED
    if number is None or shared or not attested:
        return TrustLevel.UNVERIFIED
    return TrustLevel.ATTESTED


def last_digits(number: str | None) -> str:
    """The digits by which a number may be spoken of without giving it away; "" when there is none."""
    return (number or "")[-_ENDING_DIGITS:]
