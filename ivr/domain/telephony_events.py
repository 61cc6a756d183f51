"""What happens to calls, conferences and recordings, in our own values.

`ivr/telephony/words.py` parses Twilio's words into them; nothing else reads those words (decision 35).
"""

from __future__ import annotations

from enum import StrEnum


class CallDirection(StrEnum):
    INBOUND = "inbound"
    OUTBOUND = "outbound"
    UNKNOWN = "unknown"


class CallStatus(StrEnum):
    RINGING = "ringing"  # not answered yet: it also waits to be dialed
    ANSWERED = "answered"
    COMPLETED = "completed"  # was answered, and is over
    BUSY = "busy"
    NO_ANSWER = "no answer"
    FAILED = "failed"  # never reached a telephone
    CANCELED = "canceled"  # ended by us before anybody answered
    UNKNOWN = "unknown"  # neither live nor over

    @property
    def is_live(self) -> bool:
        """Whether it rings or somebody is on the line."""
        return self in (CallStatus.RINGING, CallStatus.ANSWERED)

    @property
    def is_over(self) -> bool:
        return not self.is_live and self is not CallStatus.UNKNOWN


class AnsweredBy(StrEnum):
    """What machine detection takes whoever picked up for."""

    PERSON = "person"
    MACHINE = "machine"  # an answering machine or a fax
    UNKNOWN = "unknown"


class ConferenceEvent(StrEnum):
    PARTICIPANT_JOINED = "participant joined"
    STARTED = "started"  # two have met
    OTHER = "other"  # changes nothing


class RecordingStatus(StrEnum):
    UNFINISHED = "unfinished"  # becomes READY or UNUSABLE yet
    READY = "ready"
    UNUSABLE = "unusable"  # empty, or in a state that we do not know
