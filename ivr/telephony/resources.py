"""The SDK's resources as facts: its `None` is "" or 0 here, and a time that must be there is."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ivr.domain.errors import Unclear
from ivr.telephony.facts import CallFacts, ConferenceFacts, OwnNumber, RecordingFacts, TextFacts, Webhooks


def moment(at: datetime | None) -> datetime:
    """Raises Unclear when there is none."""
    if at is None:
        raise Unclear("Twilio gave no creation time.")
    return at


def call(c: Any) -> CallFacts:
    return CallFacts(
        sid=c.sid,
        to=c.to or "",
        from_=c._from or "",  # noqa: SLF001 - the SDK spells it so, for calls alone
        status=c.status or "",
        created=moment(c.date_created),
        answered_by=c.answered_by or "",
        seconds=int(c.duration or 0),
        direction=c.direction or "",
        ended=c.end_time,
    )


def conference(c: Any) -> ConferenceFacts:
    over = c.status == "completed"
    created = moment(c.date_created)
    return ConferenceFacts(
        sid=c.sid, name=c.friendly_name or "", created=created, ended=c.date_updated if over else None
    )


def text(m: Any) -> TextFacts:
    return TextFacts(
        sid=m.sid,
        to=m.to or "",
        from_=m.from_ or "",
        body=m.body or "",
        status=m.status or "",
        created=moment(m.date_created),
        error=m.error_code or 0,
        media=int(m.num_media or 0),
    )


def number(n: Any) -> OwnNumber:
    return OwnNumber(
        number=n.phone_number,
        sid=n.sid,
        webhooks=Webhooks(
            voice_url=n.voice_url or "",
            voice_fallback_url=n.voice_fallback_url or "",
            status_callback=n.status_callback or "",
            sms_url=n.sms_url or "",
        ),
        application=n.voice_application_sid or "",
    )


def recording(r: Any) -> RecordingFacts:
    return RecordingFacts(
        sid=r.sid,
        call_sid=r.call_sid or "",
        url=r.media_url or "",
        created=moment(r.date_created),
        seconds=int(r.duration or 0),
        status=r.status or "",
        source=r.source or "",
    )
