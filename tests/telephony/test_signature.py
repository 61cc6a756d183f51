"""Webhooks: https://www.twilio.com/docs/usage/security#validating-requests"""

from __future__ import annotations

import hashlib

import pytest
from twilio.request_validator import RequestValidator

from ivr.telephony.signature import SignatureValidator

TOKEN = "12345"
BASE = "https://mycompany.com"
PATH = "/myapp.php?foo=1&bar=2"
FORM = [
    ("CallSid", "CA1234567890ABCDE"),
    ("Caller", "+12349013030"),
    ("Digits", "1234"),
    ("From", "+12349013030"),
    ("To", "+18005551212"),
]
SIGNED = "0/KCTR6DLpKmkAf8muzZqo1nDgQ="  # the page's own example


@pytest.fixture
def ours() -> SignatureValidator:
    return SignatureValidator(public_url=BASE, auth_token=TOKEN)


def sign(url: str, form: dict[str, str] | None = None, algorithm: str = "HMAC_SHA1") -> str:
    return str(RequestValidator(TOKEN).compute_signature(url, form or {}, algorithm))


def test_twilios_own_example_is_accepted(ours: SignatureValidator) -> None:
    assert ours.is_valid(PATH, form=FORM, signature=SIGNED)


@pytest.mark.parametrize("changed", [("Digits", "1"), ("Extra", "x")])
def test_a_changed_or_added_field_is_refused(ours: SignatureValidator, changed: tuple[str, str]) -> None:
    assert not ours.is_valid(PATH, form=(dict(FORM) | dict([changed])).items(), signature=SIGNED)


@pytest.mark.parametrize("signature", ["", "x", "0/KCTR6DLpKmkAf8muzZqo1nDgR=", "é"])
def test_any_other_signature_is_refused(ours: SignatureValidator, signature: str) -> None:
    assert not ours.is_valid(PATH, form=FORM, signature=signature)


def test_the_order_of_fields_does_not_matter_and_a_repeated_value_counts_once(
    ours: SignatureValidator,
) -> None:
    assert ours.is_valid(PATH, form=[*reversed(FORM), FORM[0]], signature=SIGNED)


@pytest.mark.parametrize("signed", ["https://mycompany.com:443/a", "https://mycompany.com/a"])
def test_twilio_may_sign_with_or_without_the_port(ours: SignatureValidator, signed: str) -> None:
    assert ours.is_valid("/a", form=FORM, signature=sign(signed, dict(FORM)))


def test_the_public_address_counts_and_not_the_one_a_proxy_passes_on(ours: SignatureValidator) -> None:
    assert not ours.is_valid("/a", signature=sign("http://10.0.0.7:8000/a"))


def test_a_json_body_is_checked_by_its_hash_in_the_address(ours: SignatureValidator) -> None:
    body = '{"name": "José"}'.encode()
    path = f"/events?bodySHA256={hashlib.sha256(body).hexdigest()}"
    assert ours.is_valid(path, body=body, signature=sign(BASE + path))
    assert not ours.is_valid(path, body=body + b" ", signature=sign(BASE + path))


def test_a_body_whose_hash_is_not_signed_is_refused(ours: SignatureValidator) -> None:
    assert not ours.is_valid("/events", body=b"{}", signature=sign(f"{BASE}/events"))


def test_a_body_that_is_no_text_is_refused(ours: SignatureValidator) -> None:
    path = f"/events?bodySHA256={hashlib.sha256(b'').hexdigest()}"
    assert not ours.is_valid(path, body=b"\xff", signature=sign(BASE + path))


def test_the_newer_algorithm_is_accepted_when_the_header_names_it(ours: SignatureValidator) -> None:
    header = "key=webhooks_sharedkey_1,algorithm=HMAC_SHA256"
    signature = sign(f"{BASE}/a", dict(FORM), "HMAC_SHA256")
    assert ours.is_valid("/a", form=FORM, signature=signature, settings_header=header)
    assert not ours.is_valid("/a", form=FORM, signature=signature)
