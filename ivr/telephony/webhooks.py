"""Which addresses a number of ours must have at Twilio, and how they differ from those it has.

Connection overrides stand in the fragment (https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides):
2 s to connect, 4 s to answer, two more tries; the fallback takes over within Twilio's 15 s in all.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from urllib.parse import urlsplit

from ivr.telephony.facts import Webhooks

OVERRIDES = "#ct=2000&rt=4000&rc=2&rp=ct,rt,5xx"


@dataclass(frozen=True, kw_only=True)
class Difference:
    """`what`: the field's name in Twilio's console and API."""

    what: str
    has: str
    needs: str


def wanted(base: str, *, fallback: str = "") -> Webhooks:
    """`base`: PUBLIC_URL. `fallback`: an address on another host, when there is one."""
    return Webhooks(
        voice_url=f"{base}/voice/answer{OVERRIDES}",
        voice_fallback_url=fallback or f"{base}/voice/fallback",
        status_callback=f"{base}/voice/status",
        sms_url=f"{base}/texts/incoming",
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
