"""What Twilio tells about its own things, as values. Times are aware, in UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

LIVE_STATUSES = frozenset(
    {"queued", "initiated", "ringing", "in-progress"}
)  # https://www.twilio.com/docs/voice/api/call-resource#call-status-values


@dataclass(frozen=True, kw_only=True)
class CallFacts:
    sid: str
    to: str
    from_: str
    status: str
    created: datetime
    answered_by: str = ""  # human, machine_start, fax, unknown; empty without detection
    seconds: int = 0  # 0 while it lasts
    direction: str = ""  # inbound, outbound-api, outbound-dial
    ended: datetime | None = None

    @property
    def is_live(self) -> bool:
        """Not over: queued at Twilio counts, it will still ring."""
        return self.status in LIVE_STATUSES


@dataclass(frozen=True, kw_only=True)
class TextFacts:
    sid: str
    to: str
    from_: str
    body: str
    status: str
    created: datetime
    error_code: int = 0
    media_count: int = 0  # how many pictures it came with and still has


@dataclass(frozen=True, kw_only=True)
class ConferenceFacts:
    sid: str
    name: str
    created: datetime
    ended: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class ParticipantFacts:
    call_sid: str
    label: str
    status: str
    hold: bool
    muted: bool
    end_on_exit: bool


@dataclass(frozen=True, kw_only=True)
class Webhooks:
    """Where one of our numbers sends what happens to it. Empty: nowhere."""

    voice_url: str = ""
    voice_fallback_url: str = ""
    status_callback: str = ""
    sms_url: str = ""


@dataclass(frozen=True, kw_only=True)
class OurNumber:
    number: str
    sid: str
    webhooks: Webhooks
    application_sid: str = ""  # TwiML app that overrides the voice webhooks


@dataclass(frozen=True, kw_only=True)
class RecordingFacts:
    sid: str
    call_sid: str
    url: str
    created: datetime
    seconds: int
    status: str
    source: str


@dataclass(frozen=True, kw_only=True)
class AccountFacts:
    sid: str
    name: str
    status: str  # active, suspended, closed
    kind: str  # Trial or Full
