"""The SDK's resources as facts: its `None` is "" or 0 here, and a time that must be there is."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ivr.domain.errors import Unclear
from ivr.telephony import words
from ivr.telephony.facts import CallFacts, ConferenceFacts, OurNumber, RecordingFacts, TextFacts, Webhooks


def require_time(at: datetime | None) -> datetime:
    """Raises Unclear when there is none."""
    if at is None:
        raise Unclear("Twilio gave no creation time.")
    return at


def parse_call(resource: Any) -> CallFacts:
    return CallFacts(
        sid=resource.sid,
        to=resource.to or "",
        from_=resource._from or "",  # noqa: SLF001 - the SDK spells it so, for calls alone
        status=words.parse_call_status(resource.status or ""),
        created=require_time(resource.date_created),
        answered_by=words.parse_answered_by(resource.answered_by or ""),
        seconds=int(resource.duration or 0),
        direction=words.parse_direction(resource.direction or ""),
        ended=resource.end_time,
    )


def parse_conference(resource: Any) -> ConferenceFacts:
    over = resource.status == "completed"
    created = require_time(resource.date_created)
    return ConferenceFacts(
        sid=resource.sid,
        name=resource.friendly_name or "",
        created=created,
        ended=resource.date_updated if over else None,
    )


def parse_text(resource: Any) -> TextFacts:
    return TextFacts(
        sid=resource.sid,
        to=resource.to or "",
        from_=resource.from_ or "",
        body=resource.body or "",
        created=require_time(resource.date_created),
        media_count=int(resource.num_media or 0),
    )


def parse_number(resource: Any) -> OurNumber:
    return OurNumber(
        number=resource.phone_number,
        sid=resource.sid,
        webhooks=Webhooks(
            voice_url=resource.voice_url or "",
            voice_fallback_url=resource.voice_fallback_url or "",
            status_callback=resource.status_callback or "",
            sms_url=resource.sms_url or "",
        ),
        application_sid=resource.voice_application_sid or "",
    )


def parse_recording(resource: Any) -> RecordingFacts:
    return RecordingFacts(
        sid=resource.sid,
        call_sid=resource.call_sid or "",
        url=resource.media_url or "",
        created=require_time(resource.date_created),
        seconds=int(resource.duration or 0),
        status=words.parse_recording_status(resource.status or ""),
        is_message=words.is_message(resource.source or ""),
    )
