"""Since when Twilio must be asked what was missed, and what has been made good: `outage`, `fallbacks:{CallSid}`, `recording:{sid}`."""

from __future__ import annotations

from ivr.store import keys
from ivr.store.change import Change
from ivr.store.query import Query, ask, parse_optional_float, parse_text

RECORD_KEY = f"{keys.OUTAGE}:"  # what a job about an outage is named by
FALLBACK_COUNT_TTL_SECONDS = 86400


def get_start() -> Query[float | None]:
    """Since when Twilio must be asked, epoch seconds; None when there is nothing to ask."""
    return ask(("GET", keys.OUTAGE), parse_optional_float)


def exists() -> Query[bool]:
    """Whether there is an outage to be made good."""
    return ask(("EXISTS", keys.OUTAGE), bool)


def begin(since: float, change: Change) -> None:
    """Twilio must be asked about everything since then, epoch seconds. An earlier outage that is not made good yet counts."""
    change.append_command("SET", keys.OUTAGE, f"{since:.3f}", "NX")


def schedule(at: float, change: Change) -> None:
    """Ask Twilio again at `at`, epoch seconds."""
    change.append_command("ZADD", keys.DUE, at, RECORD_KEY)


def end(change: Change) -> None:
    """It has been made good."""
    change.append_command("DEL", keys.OUTAGE)


def count_fallback_return(call_sid: str) -> Query[int]:
    """Count that the call came back from the fallback, and return how often it has. Writes when it is read."""
    key = keys.fallbacks(call_sid)
    return Query(
        (("INCR", key), ("EXPIRE", key, FALLBACK_COUNT_TTL_SECONDS)), lambda answers: int(answers[0])
    )


def get_contact_of_recording(recording_sid: str) -> Query[str]:
    """The contact that this message was made a promise of; "" when it was not."""
    return ask(("GET", keys.recording(recording_sid)), parse_text)


def is_recording_used(recording_sid: str) -> Query[bool]:
    """Whether a promise was made of this message."""
    return ask(("EXISTS", keys.recording(recording_sid)), bool)


def set_contact_of_recording(
    recording_sid: str, contact_id: str, change: Change, *, ttl_seconds: int
) -> None:
    """A promise is made of this message, for this contact."""
    change.append_command("SET", keys.recording(recording_sid), contact_id, "EX", ttl_seconds)
