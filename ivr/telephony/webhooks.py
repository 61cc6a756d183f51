"""Which addresses a number of ours must have at Twilio, and how they differ from those it has."""

from __future__ import annotations

from dataclasses import dataclass, fields
from urllib.parse import urlsplit

from ivr.telephony.facts import Webhooks
from ivr.telephony.urls import OVERRIDES, WebhookUrls


@dataclass(frozen=True, kw_only=True)
class WebhookDifference:
    """`field`: the field's name in Twilio's console and API."""

    field: str
    actual: str
    expected: str


def make_expected_webhooks(base_url: str, *, fallback_url: str = "") -> Webhooks:
    """`base_url`: PUBLIC_URL. `fallback`: an address on another host, when there is one."""
    return Webhooks(
        voice_url=WebhookUrls(base_url).answer(),
        voice_fallback_url=fallback_url or WebhookUrls(base_url).fallback(),
        status_callback=f"{base_url}/voice/status{OVERRIDES}",
        sms_url=f"{base_url}/texts/incoming{OVERRIDES}",
    )


def is_on_other_host(url: str, base_url: str) -> bool:
    """The address is set and survives the host of `base_url`."""
    return bool(url) and urlsplit(url).hostname != urlsplit(base_url).hostname


def find_differences(actual: Webhooks, expected: Webhooks) -> list[WebhookDifference]:
    return [
        WebhookDifference(
            field=_TWILIO_FIELD_NAMES[f.name],
            actual=getattr(actual, f.name),
            expected=getattr(expected, f.name),
        )
        for f in fields(Webhooks)
        if getattr(actual, f.name) != getattr(expected, f.name)
    ]


_TWILIO_FIELD_NAMES = {
    "voice_url": "VoiceUrl",
    "voice_fallback_url": "VoiceFallbackUrl",
    "status_callback": "StatusCallback",
    "sms_url": "SmsUrl",
}
