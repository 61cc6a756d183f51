"""What Twilio has of a person: texts, recordings and calls of their number; deleted there, some at each look."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

from ivr.domain.errors import TelephonyError
from ivr.domain.records.erasure import Forgetting, counted
from ivr.services import Services

AT_ONCE = 5  # things with their parts, deleted at one look: a job lasts a minute at most
SLACK = 60.0  # seconds: a text that was on its way when it began


def count(s: Services, number: str) -> dict[str, int]:
    """What there is. Raises TelephonyError."""
    calls, texts = s.telephony.calls_with(number), s.telephony.texts_with(number)
    return {"calls at Twilio": len(calls), "texts at Twilio": len(texts)}


def erase(s: Services, f: Forgetting) -> tuple[Forgetting, bool]:
    """Some of it; True when nothing is left. Harmless to repeat: what is gone is gone. Raises TelephonyError when Twilio is away."""
    until = datetime.fromtimestamp(f.begun + SLACK, UTC)
    erased, done = dict(f.erased), 0
    left: dict[str, str] = {}
    for what, one in _things(s, f.number, until):
        if done == AT_ONCE:
            return replace(f, erased=erased, left=left), False
        try:
            recordings = _delete(s, what, one)
        except TelephonyError as e:
            if e.status not in (400, 409):  # those say: not before it is over
                raise
            left[what] = "still under way; it is deleted when it is over"
            continue
        done += 1
        erased = counted(counted(erased, what, 1), "recordings at Twilio", recordings)
    return replace(f, erased=erased, left=left), not left and not done


def _things(s: Services, number: str, until: datetime) -> Iterator[tuple[str, str]]:
    for text in s.telephony.texts_with(number):
        if text.created <= until:
            yield "texts at Twilio", text.sid
    for call in s.telephony.calls_with(number):
        if call.created <= until:
            yield "calls at Twilio", call.sid


def _delete(s: Services, what: str, sid: str) -> int:
    """How many recordings went with it."""
    if what == "texts at Twilio":
        s.telephony.delete_text(sid)
        return 0
    recordings = s.telephony.recordings_of(sid)
    for recording in recordings:
        s.telephony.delete_recording(recording)
    s.telephony.delete_call(sid)
    return len(recordings)
