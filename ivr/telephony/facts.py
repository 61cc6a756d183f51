"""What Twilio tells about its own things, as values. Times are aware, in UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ivr.domain.telephony_events import AnsweredBy, CallDirection, CallStatus, RecordingStatus


@dataclass(frozen=True, kw_only=True)
class CallFacts:
    sid: str
    to: str
    from_: str
    status: CallStatus
    created: datetime
    answered_by: AnsweredBy = AnsweredBy.UNKNOWN  # also without detection
    seconds: int = 0  # 0 while it lasts
    direction: CallDirection = CallDirection.UNKNOWN
    ended: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class TextFacts:
    sid: str
    to: str
    from_: str
    body: str
    created: datetime
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
    status: RecordingStatus
    is_message: bool  # that a caller left


@dataclass(frozen=True, kw_only=True)
class AccountFacts:
    sid: str
    name: str
    status: str  # as Twilio calls it, to be shown
    is_active: bool
    on_trial: bool
