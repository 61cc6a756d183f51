"""Twilio's words become our values, and a word that we do not know leads to nothing that a known one does not."""

from __future__ import annotations

import pytest

from ivr.domain.telephony_events import (
    AnsweredBy,
    CallDirection,
    CallStatus,
    ConferenceEvent,
    RecordingStatus,
)
from ivr.telephony import words

UNKNOWN = ["", "COMPLETED", "no answer", "sideways"]


@pytest.mark.parametrize("word", ["queued", "initiated", "ringing", "in-progress"])
def test_a_live_call_is_not_over(word: str) -> None:
    status = words.parse_call_status(word)
    assert (status.is_live, status.is_over) == (True, False)
    assert (status is CallStatus.ANSWERED) == (word == "in-progress")


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("completed", CallStatus.COMPLETED),
        ("busy", CallStatus.BUSY),
        ("no-answer", CallStatus.NO_ANSWER),
        ("failed", CallStatus.FAILED),
        ("canceled", CallStatus.CANCELED),
    ],
)
def test_a_call_that_is_over_says_how_it_ended(word: str, status: CallStatus) -> None:
    assert words.parse_call_status(word) is status
    assert (status.is_live, status.is_over) == (False, True)


@pytest.mark.parametrize("word", UNKNOWN)
def test_an_unknown_status_is_neither_live_nor_over(word: str) -> None:
    status = words.parse_call_status(word)
    assert (status, status.is_live, status.is_over) == (CallStatus.UNKNOWN, False, False)


@pytest.mark.parametrize(
    ("word", "direction"),
    [
        ("inbound", CallDirection.INBOUND),
        ("outbound-api", CallDirection.OUTBOUND),
        ("outbound-dial", CallDirection.OUTBOUND),
        *((word, CallDirection.UNKNOWN) for word in UNKNOWN),
    ],
)
def test_a_direction_is_inbound_or_outbound(word: str, direction: CallDirection) -> None:
    assert words.parse_direction(word) is direction


@pytest.mark.parametrize(
    ("word", "answered_by"),
    [
        ("human", AnsweredBy.PERSON),
        ("machine_start", AnsweredBy.MACHINE),
        ("machine_end_beep", AnsweredBy.MACHINE),
        ("machine_end_silence", AnsweredBy.MACHINE),
        ("machine_end_other", AnsweredBy.MACHINE),
        ("fax", AnsweredBy.MACHINE),
        ("unknown", AnsweredBy.UNKNOWN),
        *((word, AnsweredBy.UNKNOWN) for word in UNKNOWN),
    ],
)
def test_a_fax_is_a_machine_and_what_is_not_sure_is_none(word: str, answered_by: AnsweredBy) -> None:
    assert words.parse_answered_by(word) is answered_by


@pytest.mark.parametrize(
    ("word", "event"),
    [
        ("participant-join", ConferenceEvent.PARTICIPANT_JOINED),
        ("conference-start", ConferenceEvent.STARTED),
        ("participant-leave", ConferenceEvent.OTHER),
        ("conference-end", ConferenceEvent.OTHER),
        *((word, ConferenceEvent.OTHER) for word in UNKNOWN),
    ],
)
def test_two_events_of_a_conference_mean_something(word: str, event: ConferenceEvent) -> None:
    assert words.parse_conference_event(word) is event


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("in-progress", RecordingStatus.UNFINISHED),
        ("paused", RecordingStatus.UNFINISHED),
        ("stopped", RecordingStatus.UNFINISHED),
        ("processing", RecordingStatus.UNFINISHED),
        ("completed", RecordingStatus.READY),
        ("absent", RecordingStatus.UNUSABLE),
        *((word, RecordingStatus.UNUSABLE) for word in UNKNOWN),
    ],
)
def test_an_unknown_recording_is_neither_used_nor_waited_for(word: str, status: RecordingStatus) -> None:
    assert words.parse_recording_status(word) is status


def test_only_what_record_made_is_a_message() -> None:
    assert words.is_message("RecordVerb")
    assert not any(map(words.is_message, ["", "DialVerb", "Conference", "OutboundAPI"]))


def test_only_a_failure_keeps_a_caller_out_of_the_waiting_room() -> None:
    assert all(map(words.is_queue_failure, ["queue-full", "error", "system-error"]))
    assert not any(map(words.is_queue_failure, ["bridged", "leave", "redirected", "hangup", *UNKNOWN]))


@pytest.mark.parametrize("status", ["failed", "undelivered"])
def test_four_codes_say_that_a_number_takes_no_texts(status: str) -> None:
    assert all(words.takes_no_texts(status, code) for code in ("21610", "30003", "30005", "30006"))
    assert not any(words.takes_no_texts(status, code) for code in ("", "30001", "21614", "x"))


@pytest.mark.parametrize("status", ["sent", "delivered", *UNKNOWN])
def test_a_text_that_did_not_fail_says_nothing_of_its_number(status: str) -> None:
    assert not words.takes_no_texts(status, "30006")


def test_only_a_full_undiverted_a_attests_a_caller() -> None:
    assert words.is_attested("TN-Validation-Passed-A")
    others = (
        "",
        "TN-Validation-Passed-B",
        "TN-Validation-Passed-C",
        "TN-Validation-Passed-A-Diverted",
        "TN-Validation-Passed-A-Passthrough",
        "TN-Validation-Failed-A",
        "TN-Validation-Failed-A-Diverted",
        "TN-Validation-Failed",
        "No-TN-Validation",
        "tn-validation-passed-a",
    )
    assert not any(map(words.is_attested, others))
