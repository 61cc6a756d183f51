from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

from ivr.telephony.facts import Webhooks
from ivr.telephony.urls import OVERRIDES, WebhookUrls
from ivr.telephony.webhooks import find_differences, is_on_other_host, make_expected_webhooks

BASE = "https://line.example.com"


def test_a_number_is_asked_to_connect_fast_and_try_again_before_it_falls_back() -> None:
    """Connection overrides stand in the fragment, which is not signed."""
    assert (
        make_expected_webhooks(BASE).voice_url
        == f"{BASE}/voice/answer#ct=2000&rt=3000&rc=2&tt=9000&rp=ct,rt,5xx"
    )


def test_whatever_is_asked_while_somebody_listens_is_given_up_before_ten_seconds() -> None:
    urls = WebhookUrls(BASE)
    asked = [
        urls.step("x", 1, in_queue=True),
        urls.step("x", 1, lookup_seconds=3),
        urls.wait("x", 1),
        urls.caller_left("x", 1),
        urls.agent("x"),
        urls.fallback(),
    ]
    for url in [*asked, urls.callback("x", 1), urls.hold_warning("en")]:
        limits = dict(parse_qsl(urlsplit(url).fragment))
        assert int(limits["tt"]) < 10_000
        assert {"rt", "5xx"} <= set(limits["rp"].split(","))


def test_only_what_differs_is_named() -> None:
    has = Webhooks(
        voice_url="https://demo.twilio.com",
        voice_fallback_url=f"{BASE}/voice/fallback{OVERRIDES}",
        sms_url=f"{BASE}/texts/incoming{OVERRIDES}",
    )
    assert [(d.field, d.actual) for d in find_differences(has, make_expected_webhooks(BASE))] == [
        ("VoiceUrl", "https://demo.twilio.com"),
        ("StatusCallback", ""),
    ]


def test_a_fallback_must_survive_our_host() -> None:
    assert is_on_other_host("https://handler.twilio.com/twiml/EH1", BASE)
    assert not is_on_other_host(f"{BASE}:8443/voice/fallback", BASE)
    assert not is_on_other_host("", BASE)
