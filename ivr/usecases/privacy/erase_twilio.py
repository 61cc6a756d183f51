"""What Twilio has of a person: texts, recordings and calls of their number; deleted there, some at each look."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

from ivr.domain.errors import TelephonyError
from ivr.domain.records.erasure import Erasure, add_count
from ivr.services import Services

MAX_DELETIONS_PER_RUN = 5  # things with their parts, deleted at one look: a job lasts a minute at most
SLACK_SECONDS = 60.0  # seconds: a text that was on its way when it began


def count_items(services: Services, number: str) -> dict[str, int]:
    """What there is. Raises TelephonyError."""
    calls, texts = services.telephony.list_calls_with(number), services.telephony.list_texts_with(number)
    return {"calls at Twilio": len(calls), "texts at Twilio": len(texts)}


def erase_items(services: Services, erasure: Erasure) -> tuple[Erasure, bool]:
    """Some of it; True when nothing is left. Harmless to repeat: what is gone is gone. Raises TelephonyError when Twilio is away."""
    until = datetime.fromtimestamp(erasure.started_at + SLACK_SECONDS, UTC)
    erased, done = dict(erasure.erased), 0
    left: dict[str, str] = {}
    for what, one in _list_items(services, erasure.number, until):
        if done == MAX_DELETIONS_PER_RUN:
            return replace(erasure, erased=erased, not_erased=left), False
        try:
            recordings = _delete_item(services, what, one)
        except TelephonyError as e:
            if e.status not in (400, 409):  # those say: not before it is over
                raise
            left[what] = "still under way; it is deleted when it is over"
            continue
        done += 1
        erased = add_count(add_count(erased, what, 1), "recordings at Twilio", recordings)
    return replace(erasure, erased=erased, not_erased=left), not left and not done


def _list_items(services: Services, number: str, until: datetime) -> Iterator[tuple[str, str]]:
    for text in services.telephony.list_texts_with(number):
        if text.created <= until:
            yield "texts at Twilio", text.sid
    for call in services.telephony.list_calls_with(number):
        if call.created <= until:
            yield "calls at Twilio", call.sid


def _delete_item(services: Services, what: str, sid: str) -> int:
    """How many recordings went with it."""
    if what == "texts at Twilio":
        services.telephony.delete_text(sid)
        return 0
    recordings = services.telephony.list_recording_sids(sid)
    for recording in recordings:
        services.telephony.delete_recording(recording)
    services.telephony.delete_call(sid)
    return len(recordings)
