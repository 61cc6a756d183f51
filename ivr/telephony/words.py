"""Twilio's words for what happens, parsed into our own values (`ivr/domain/telephony_events.py`).

Each list of words has one function here, whether they come with a webhook or over REST. It says what becomes of a word that
we do not know: nobody guesses which of the known ones it could mean. Error codes of the REST API are in `errors.py`.
"""

from __future__ import annotations

from ivr.domain.telephony_events import (
    AnsweredBy,
    CallDirection,
    CallStatus,
    ConferenceEvent,
    RecordingStatus,
)

# https://www.twilio.com/docs/voice/api/call-resource#call-status-values; of a Dial too: DialCallStatus has some of them
_CALL_STATUSES = {
    "queued": CallStatus.RINGING,
    "initiated": CallStatus.RINGING,
    "ringing": CallStatus.RINGING,
    "in-progress": CallStatus.ANSWERED,
    "completed": CallStatus.COMPLETED,
    "busy": CallStatus.BUSY,
    "no-answer": CallStatus.NO_ANSWER,
    "failed": CallStatus.FAILED,
    "canceled": CallStatus.CANCELED,
}

_CONFERENCE_EVENTS = {
    "participant-join": ConferenceEvent.PARTICIPANT_JOINED,
    "conference-start": ConferenceEvent.STARTED,
}

# https://www.twilio.com/docs/voice/api/recording
_RECORDING_STATUSES = {
    "in-progress": RecordingStatus.UNFINISHED,
    "paused": RecordingStatus.UNFINISHED,
    "stopped": RecordingStatus.UNFINISHED,
    "processing": RecordingStatus.UNFINISHED,
    "completed": RecordingStatus.READY,
}

# of <Enqueue>: Twilio's waiting room did not take the caller in
_QUEUE_FAILURES = frozenset({"queue-full", "error", "system-error"})

_UNDELIVERED = frozenset({"failed", "undelivered"})
# ErrorCode of a text: the recipient has opted out, is not reachable, takes no texts. Not all of NoTexts in errors.py:
# what is refused when a text is sent can also be about our own number.
_NO_TEXTS_CODES = frozenset({"21610", "30003", "30005", "30006"})

_ATTESTED = "TN-Validation-Passed-A"


def parse_call_status(word: str) -> CallStatus:
    """Parse CallStatus or DialCallStatus.

    An unknown or missing one is UNKNOWN. It is not over, so nothing is ended because of it. It is not live either: a leg that asks for
    more with such a status is taken for hung up, and a call to us that nothing is known of is taken for missed.
    """
    return _CALL_STATUSES.get(word, CallStatus.UNKNOWN)


def parse_direction(word: str) -> CallDirection:
    """Parse Direction: `inbound`, `outbound-api`, `outbound-dial`."""
    if word == "inbound":
        return CallDirection.INBOUND
    return CallDirection.OUTBOUND if word.startswith("outbound") else CallDirection.UNKNOWN


def parse_answered_by(word: str) -> AnsweredBy:
    """Parse AnsweredBy. Any `machine_...` is a machine; UNKNOWN, also of a missing one, is treated as a person is."""
    if word.startswith(("machine", "fax")):
        return AnsweredBy.MACHINE
    return AnsweredBy.PERSON if word == "human" else AnsweredBy.UNKNOWN


def parse_conference_event(word: str) -> ConferenceEvent:
    """Parse StatusCallbackEvent of a conference. OTHER: one that changes nothing here, and one that we do not know."""
    return _CONFERENCE_EVENTS.get(word, ConferenceEvent.OTHER)


def parse_recording_status(word: str) -> RecordingStatus:
    """Parse RecordingStatus. UNUSABLE: `absent`, and a word that we do not know: neither used nor waited for."""
    return _RECORDING_STATUSES.get(word, RecordingStatus.UNUSABLE)


def is_message(source: str) -> bool:
    """Whether a recording is a message that a caller left, by its Source."""
    return source == "RecordVerb"


def is_queue_failure(queue_result: str) -> bool:
    """Whether the waiting room did not take a caller in, by QueueResult. An unknown one: they have been in it and left."""
    return queue_result in _QUEUE_FAILURES


def takes_no_texts(message_status: str, error_code: str) -> bool:
    """Whether a number takes no texts, by MessageStatus and ErrorCode. Unknown ones: it takes them."""
    return message_status in _UNDELIVERED and error_code in _NO_TEXTS_CODES


def is_attested(stir_verstat: str) -> bool:
    """Whether the carrier knows the caller and their right to the number, by StirVerstat. Only a full, undiverted A says so.

    B and C do not, `-Diverted` names whoever forwarded the call, `-Failed` is a forgery or an accident
    (https://www.twilio.com/docs/voice/trusted-calling-with-shakenstir).
    """
    return stir_verstat == _ATTESTED
