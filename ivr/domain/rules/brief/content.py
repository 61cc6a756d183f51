"""What a brief tells of: the caller, why they call, what they were promised, and what earlier calls established."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ivr.domain.phone_numbers import TrustLevel


@dataclass(frozen=True, kw_only=True)
class LastTalk:
    """The last contact with a person."""

    agent: str
    at: datetime
    note: str = ""  # to the word


@dataclass(frozen=True, kw_only=True)
class OwedCall:
    """A call owed to the customer."""

    due_by: datetime
    promised_by: str = ""  # who promised; "" = the line itself
    about: str = ""


@dataclass(frozen=True, kw_only=True)
class ImportantNote:
    """A need or preference, as somebody wrote it down."""

    text: str
    author: str = ""


@dataclass(frozen=True, kw_only=True)
class Handover:
    """A colleague passes the caller on."""

    agent: str
    reason: str = ""
    note: str = ""  # to the word


@dataclass(frozen=True, kw_only=True)
class Brief:
    """Everything an earlier call established. Texts are as people said or typed them, unescaped."""

    name: str = ""  # "" when unknown
    number_ending: str = ""  # of their number; "" when hidden
    trust_level: TrustLevel = TrustLevel.UNVERIFIED
    calls_today: int = 1  # this one included
    reason: str = ""  # the caller's sentence, verbatim
    waited_seconds: int = 0  # seconds
    queue: str = ""
    case: str = ""
    last_talk: LastTalk | None = None
    colleague_note: LastTalk | None = None  # written on their case since then, without a talk
    owed_calls: tuple[OwedCall, ...] = ()
    current_promise: OwedCall | None = None  # the promise that this very call keeps
    important_notes: tuple[ImportantNote, ...] = ()
    handover: Handover | None = None
    policy: str = ""  # what the company does in such a case
    lookup_facts: tuple[str, ...] = ()  # what the company's own system says
    lookup_name: str = ""  # whom it takes them for
