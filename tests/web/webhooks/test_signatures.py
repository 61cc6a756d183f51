"""Webhooks that are not Twilio's. https://www.twilio.com/docs/usage/security#validating-requests"""

from __future__ import annotations

import hashlib
import json
from urllib.parse import urlencode, urlsplit

import pytest

from tests.web.webhooks.twilio import ROUTES, Twilio, call

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.mark.parametrize("path", [route.path("x", 1) for route in ROUTES])
def test_an_unsigned_webhook_is_refused_at_every_address(twilio: Twilio, path: str) -> None:
    before = twilio.counted("calor_webhooks_refused")
    answer = twilio.post(path, call(), signed=False)
    assert answer.status == 403
    assert "signed" in answer.body
    assert twilio.counted("calor_webhooks_refused") == before + 1


@pytest.mark.parametrize("path", ["/voice", "/voice/", "/voice/nothing", "/texts/nothing", "/voice/%61nswer"])
def test_an_address_that_does_not_exist_tells_a_stranger_nothing_else(twilio: Twilio, path: str) -> None:
    assert twilio.post(path, call(), signed=False).status == 403


def test_addresses_cannot_be_spelt_past_the_check(twilio: Twilio) -> None:
    for path in ("//voice/answer", "/./voice/answer", "/static/../voice/answer", "/VOICE/answer"):
        assert twilio.post(path, call(), signed=False).status in (308, 403, 404, 405)


def test_a_signature_of_another_account_is_refused_and_counted_apart(twilio: Twilio) -> None:
    headers = {**FORM, "X-Twilio-Signature": "bm90IHR3aWxpbw=="}
    answer = twilio.send("POST", "/voice/answer", urlencode(call()).encode(), headers)
    assert answer.status == 403
    assert 'calor_webhooks_refused_total{why="wrong"}' in twilio.get("/metrics").body


def test_a_signature_does_not_fit_other_parameters(twilio: Twilio) -> None:
    signature = twilio.sign(twilio.settings.public_url + "/voice/answer", {k: [v] for k, v in call().items()})
    headers = {**FORM, "X-Twilio-Signature": signature}
    forged = urlencode(call(from_="+12025550199")).encode()
    assert twilio.send("POST", "/voice/answer", forged, headers).status == 403
    assert twilio.send("POST", "/voice/answer?x=1", urlencode(call()).encode(), headers).status == 403


def test_twilio_may_sign_with_the_port_or_without_it(twilio: Twilio) -> None:
    """Its back ends differ; so the validator tries both."""
    url = urlsplit(twilio.settings.public_url)
    for signed in (f"{url.scheme}://{url.hostname}", twilio.settings.public_url):
        signature = twilio.sign(signed + "/voice/answer", {k: [v] for k, v in call().items()})
        headers = {**FORM, "X-Twilio-Signature": signature}
        assert twilio.send("POST", "/voice/answer", urlencode(call()).encode(), headers).status == 200


def test_what_a_proxy_says_of_the_address_does_not_count(twilio: Twilio) -> None:
    twilio.headers = {"Host": "elsewhere.example.com", "X-Forwarded-Host": "x.example.com"}
    assert twilio.post("/voice/answer", call()).status == 200
    twilio.headers |= {"X-Forwarded-Proto": "https", "X-Forwarded-Port": "443"}
    assert twilio.post("/voice/answer", call()).status == 200


def test_a_query_is_signed_as_it_was_sent_percent_signs_and_all(twilio: Twilio) -> None:
    for path in (
        "/voice/resume/x?a=1&b=%20c%2Fd",
        "/voice/resume/%C3%B1",
        "/voice/resume/a%20b?x=%F0%9F%98%80&&=;",
    ):
        assert twilio.post(path, call()).status == 200


def test_a_parameter_may_come_twice(twilio: Twilio) -> None:
    """Twilio signs each different value once."""
    assert twilio.post("/voice/answer", [*call().items(), ("X", "b"), ("X", "a"), ("X", "b")]).status == 200


def test_a_json_body_counts_only_with_its_hash_in_the_signed_address(twilio: Twilio) -> None:
    body = json.dumps({"CallSid": "CA1"}).encode()
    path = f"/voice/answer?bodySHA256={hashlib.sha256(body).hexdigest()}"
    signature = twilio.sign(twilio.settings.public_url + path, "")
    headers = {"Content-Type": "application/json", "X-Twilio-Signature": signature}
    assert twilio.send("POST", path, body, headers).status == 200
    assert twilio.send("POST", path, b'{"CallSid": "CA2"}', headers).status == 403
    bare = {**headers, "X-Twilio-Signature": twilio.sign(twilio.settings.public_url + "/voice/answer", "")}
    assert twilio.send("POST", "/voice/answer", body, bare).status == 403


def test_a_number_set_to_get_still_brings_its_caller_to_a_person(twilio: Twilio) -> None:
    """An operator's slip in Twilio's console; the fallback is TwiML that needs no state."""
    answer = twilio.get("/voice/answer?" + urlencode(call()), signed=True)
    assert "sorry" in answer.words
    assert twilio.get("/voice/answer?" + urlencode(call())).status == 403


def test_figures_and_health_are_not_twilios_and_say_nothing_of_callers(twilio: Twilio) -> None:
    twilio.post("/voice/answer", call())
    for path in ("/health", "/ready", "/metrics"):
        answer = twilio.get(path)
        assert answer.status == 200
        assert "5550155" not in answer.body
