from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

from ivr.telephony.facts import Webhooks
from ivr.telephony.urls import OVERRIDES, Urls
from ivr.telephony.webhooks import differences, elsewhere, wanted

BASE = "https://line.example.com"


def test_a_number_is_asked_to_connect_fast_and_try_again_before_it_falls_back() -> None:
    """Connection overrides stand in the fragment, which is not signed."""
    assert wanted(BASE).voice_url == f"{BASE}/voice/answer#ct=2000&rt=3000&rc=2&tt=9000&rp=ct,rt,5xx"


def test_whatever_is_asked_while_somebody_listens_is_given_up_before_ten_seconds() -> None:
    urls = Urls(BASE)
    asked = [
        urls.step("x", 1, in_line=True),
        urls.step("x", 1, takes=3),
        urls.wait("x", 1),
        urls.left("x", 1),
        urls.agent("x"),
        urls.fallback(),
    ]
    for url in [*asked, urls.callback("x", 1), urls.held_warning("en")]:
        limits = dict(parse_qsl(urlsplit(url).fragment))
        assert int(limits["tt"]) < 10_000
        assert {"rt", "5xx"} <= set(limits["rp"].split(","))


def test_only_what_differs_is_named() -> None:
    has = Webhooks(
        voice_url="https://demo.twilio.com",
        voice_fallback_url=f"{BASE}/voice/fallback{OVERRIDES}",
        sms_url=f"{BASE}/texts/incoming{OVERRIDES}",
    )
    assert [(d.what, d.has) for d in differences(has, wanted(BASE))] == [
        ("VoiceUrl", "https://demo.twilio.com"),
        ("StatusCallback", ""),
    ]


def test_a_fallback_must_survive_our_host() -> None:
    assert elsewhere("https://handler.twilio.com/twiml/EH1", BASE)
    assert not elsewhere(f"{BASE}:8443/voice/fallback", BASE)
    assert not elsewhere("", BASE)
