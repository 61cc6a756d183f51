"""Who rings, how surely, and whether they may be rung."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.domain.phone_numbers import (
    CallableNumber,
    DialRefusal,
    NotCallableNumber,
    TrustLevel,
    check_callable,
    last_digits,
    parse_caller_number,
    time_zones,
    trust_level,
)

US = frozenset({"US", "CA"})
LORI = "+12025550155"


@pytest.mark.parametrize(
    "raw", [LORI, f" {LORI} ", f"sip:{LORI}@example.com", f"sip:{LORI};tag=1@example.com:5060"]
)
def test_a_full_number_is_the_callers_number_however_it_is_wrapped(raw: str) -> None:
    assert parse_caller_number(raw) == LORI


@pytest.mark.parametrize(
    "raw",
    [
        None,
        "",
        " ",
        "anonymous",
        "Anonymous",
        "Restricted",
        "unknown",
        "+266696687",  # ANONYMOUS on a keypad
        "+7378742833",  # RESTRICTED
        "+2562533",  # BLOCKED
        "+8656696",  # UNKNOWN
        "+86282452253",  # UNAVAILABLE
        "+464",
        "sip:anonymous@anonymous.invalid",
        "sip:lori@example.com",
        "client:lori",
        "whatsapp:+12025550155",
        "2025550155",  # whose country?
        "+0025550155",
        "+1202555015x",
        "+1٢٠٢٥٥٥٠١٥٥",  # digits, but not ones that can be dialled
        "+1 202 555 0155\n\nTo: +19005551212",
        "+" + "1" * 400,
        "sip:+12025550155@" + "x" * 400,
    ],
)
def test_what_is_not_a_persons_number_is_none(raw: str | None) -> None:
    assert parse_caller_number(raw) is None


@given(st.text(max_size=300))
def test_nothing_sent_as_a_number_is_a_crash(raw: str) -> None:
    number = parse_caller_number(raw)
    assert number is None or number in raw
    check_callable(raw, US)
    time_zones(raw)


def test_an_ordinary_number_of_an_allowed_country_may_be_rung() -> None:
    assert check_callable(LORI, US) == CallableNumber(number=LORI, country="US")


@pytest.mark.parametrize(
    ("number", "why"),
    [
        (None, DialRefusal.HIDDEN),
        ("", DialRefusal.HIDDEN),
        ("anonymous", DialRefusal.HIDDEN),
        ("+266696687", DialRefusal.HIDDEN),
        ("+12", DialRefusal.INVALID),
        ("+1911", DialRefusal.INVALID),
        ("+15551234567", DialRefusal.INVALID),  # an area code nobody has
        ("+19005551212", DialRefusal.PREMIUM_RATE),
        ("+442079460000", DialRefusal.COUNTRY),
        ("+18765551234", DialRefusal.COUNTRY),  # Jamaica: looks like the United States, costs like abroad
        ("+18095551234", DialRefusal.COUNTRY),  # the Dominican Republic
        ("+17875551234", DialRefusal.COUNTRY),  # Puerto Rico, unless it is allowed by its own name
        ("+12125551212", DialRefusal.PREMIUM_RATE),  # directory assistance
        ("+12129761234", DialRefusal.PREMIUM_RATE),
        ("+15005551234", DialRefusal.PERSONAL_NUMBER),
        ("+16002345678", DialRefusal.SATELLITE),
        ("+870773111632", DialRefusal.SATELLITE),
        ("+881612345678", DialRefusal.SATELLITE),
        ("+12029110000", DialRefusal.EMERGENCY),
        ("+80012345678", DialRefusal.COUNTRY),  # an international freephone number is nobody's home
        ("+97912345678", DialRefusal.INVALID),  # international premium rate
        ("+442079110000", DialRefusal.COUNTRY),
    ],
)
def test_a_number_that_may_not_be_rung_says_why(number: str | None, why: DialRefusal) -> None:
    assert check_callable(number, US) == NotCallableNumber(refusal=why)


@pytest.mark.parametrize(
    ("number", "why"),
    [
        ("+449098790000", DialRefusal.PREMIUM_RATE),
        ("+491801234567", DialRefusal.SHARED_COST),
        ("+447012345678", DialRefusal.PERSONAL_NUMBER),
        ("+447640123456", DialRefusal.PAGER),
        ("+445512345678", DialRefusal.COMPANY_NUMBER),
    ],
)
def test_a_costly_number_of_an_allowed_country_may_not_be_rung(number: str, why: DialRefusal) -> None:
    assert check_callable(number, {"GB", "DE"}) == NotCallableNumber(refusal=why)


def test_with_no_country_allowed_nobody_is_rung() -> None:
    assert check_callable(LORI, ()) == NotCallableNumber(refusal=DialRefusal.COUNTRY)


def test_a_country_of_plus_one_is_allowed_by_its_own_name() -> None:
    assert check_callable("+17875551234", ("PR",)) == CallableNumber(number="+17875551234", country="PR")
    assert check_callable(LORI, ("PR",)) == NotCallableNumber(refusal=DialRefusal.COUNTRY)


def test_a_number_of_ours_is_not_rung_however_ordinary() -> None:
    assert check_callable(f" {LORI} ", US, our_numbers={LORI}) == NotCallableNumber(
        refusal=DialRefusal.OUR_OWN
    )


def test_an_ordinary_number_that_only_begins_like_an_emergency_is_ordinary() -> None:
    assert isinstance(check_callable("+33112345678", ("FR",)), CallableNumber)  # Paris; 112 is its beginning


def test_each_reason_is_told_in_one_of_few_words() -> None:
    assert {why.spoken_reason for why in DialRefusal} == {"invalid", "country", "costly", "ours"}
    assert DialRefusal.PREMIUM_RATE.spoken_reason == "costly"


def test_a_number_tells_where_its_owner_may_be() -> None:
    assert time_zones(LORI) == ("America/New_York",)
    assert time_zones("+34912345678") == ("Europe/Madrid",)
    assert len(time_zones("+447624123456")) > 1


@pytest.mark.parametrize("number", [None, "", "anonymous", "+18005551212", "+15551234567"])
def test_a_number_that_does_not_tell_has_no_zones(number: str | None) -> None:
    assert time_zones(number) == ()


def test_only_an_attested_caller_is_more_than_unverified_without_a_code() -> None:
    assert trust_level(LORI, attested=True, shared=False, confirmed=False) is TrustLevel.ATTESTED
    assert trust_level(LORI, attested=False, shared=False, confirmed=False) is TrustLevel.UNVERIFIED


def test_a_shared_or_hidden_number_is_unsure_however_well_attested() -> None:
    assert trust_level(LORI, attested=True, shared=True, confirmed=False) is TrustLevel.UNVERIFIED
    assert trust_level(None, attested=True, shared=False, confirmed=False) is TrustLevel.UNVERIFIED


def test_who_confirmed_is_known_from_any_phone() -> None:
    assert trust_level(None, attested=False, shared=True, confirmed=True) is TrustLevel.CONFIRMED
    assert TrustLevel.UNVERIFIED < TrustLevel.ATTESTED < TrustLevel.CONFIRMED
    assert TrustLevel.CONFIRMED.label == "confirmed"


def test_a_number_is_spoken_of_by_its_last_three_digits_only() -> None:
    assert last_digits(LORI) == "155"
    assert last_digits(None) == ""
