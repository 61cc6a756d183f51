"""Which addresses a number of ours must have at Twilio, and how they differ from those it has."""

from __future__ import annotations

from dataclasses import dataclass, fields
from urllib.parse import urlsplit

from ivr.telephony.facts import Webhooks
from ivr.telephony.urls import OVERRIDES, Urls


@dataclass(frozen=True, kw_only=True)
class Difference:
    """`what`: the field's name in Twilio's console and API."""

    what: str
    has: str
    needs: str


def wanted(base: str, *, fallback: str = "") -> Webhooks:
    """`base`: PUBLIC_URL. `fallback`: an address on another host, when there is one."""
    return Webhooks(
        voice_url=Urls(base).answer(),
        voice_fallback_url=fallback or Urls(base).fallback(),
        status_callback=f"{base}/voice/status{OVERRIDES}",
        sms_url=f"{base}/texts/incoming{OVERRIDES}",
    )


def elsewhere(url: str, base: str) -> bool:
    """The address is set and survives the host of `base`."""
    return bool(url) and urlsplit(url).hostname != urlsplit(base).hostname


def differences(has: Webhooks, needs: Webhooks) -> list[Difference]:
    return [
        Difference(what=_SPELT[f.name], has=getattr(has, f.name), needs=getattr(needs, f.name))
        for f in fields(Webhooks)
        if getattr(has, f.name) != getattr(needs, f.name)
    ]


_SPELT = {
    "voice_url": "VoiceUrl",
    "voice_fallback_url": "VoiceFallbackUrl",
    "status_callback": "StatusCallback",
    "sms_url": "SmsUrl",
}
