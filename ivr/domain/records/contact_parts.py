"""The parts of a contact: each a value that stands for one subject."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from ivr.domain.phone_numbers import TrustLevel


class PartyLocation(StrEnum):
    """Where one party of a talk is."""

    NOWHERE = ""
    JOINING = "joining"  # told to join the conference
    IN_CONFERENCE = "conference"
    LEFT_CONFERENCE = "out"  # left the conference, the leg lives
    HUNG_UP = "gone"  # the leg has ended


class IdentityCheck(StrEnum):
    """The question that is open about whether the number is the caller's own."""

    NONE = ""
    OFFERED = "offered"  # they may have a code texted
    CODE_TEXTED = "code texted"  # they may enter it
    CODE_WRONG = "code wrong"  # they may enter it once more


class AfterCallQuestion(StrEnum):
    ANYTHING_ELSE = ""
    RATING = "rate"
    COMMENT = "comment"
    GOODBYE = "bye"


class ExternalTransfer(StrEnum):
    """A transfer to a telephone outside the line."""

    NONE = ""
    RINGING = "rings"
    TAKEN = "taken"


class HoldWarning(StrEnum):
    """The agent of a held caller is told that it takes long."""

    NONE = ""
    DUE = "due"
    GIVEN = "done"


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Who calls whom."""

    number: str = ""  # the customer's, E.164; empty when hidden
    called_number: str = ""  # our number
    trust_level: TrustLevel = TrustLevel.UNVERIFIED
    name: str = ""
    language: str = "en"
    texted_code: str = ""  # until it was entered


@dataclass(frozen=True, kw_only=True)
class FlowProgress:
    """How far they are in which flow."""

    name: str = ""
    version: str = ""  # of the flows, as the call began with it
    position: str = ""  # JSON of flow.turn.Position; empty when no dialogue is under way
    identity_check: IdentityCheck = IdentityCheck.NONE  # the question before the flow, where it is asked
    inputs_seen: int = 0  # inputs already in `position`
    caller_context: str = ""  # JSON: what was known when the call came in
    queue_estimate: str = ""  # JSON: how busy it was when the flow looked; "" = it did not
    path: str = ""  # steps and key codes so far, for the event log; never words or numbers


@dataclass(frozen=True, kw_only=True)
class LookupResult:
    """What the company's own system says about the caller."""

    facts: str = ""  # a line each; for the agent alone
    name: str = ""  # whom it takes them for


@dataclass(frozen=True, kw_only=True)
class QueuePlace:
    """Where they wait, for whom, and since when."""

    name: str = ""
    skills: tuple[str, ...] = ()
    needs_supervisor: bool = False  # only a supervisor will do
    queued_at: float = 0.0  # first asked for a person
    answer_target_seconds: int = (
        20  # answered within it counts towards the service level, as the queue had it then
    )
    boost_seconds: float = 0.0  # seconds ahead in the queue
    choice_given_at: float = 0.0  # last given a choice while waiting or held
    preferred_agent_until: float = (
        0.0  # until then they wait for the colleague who helped them last, and for nobody else
    )
    declined_by: tuple[str, ...] = ()  # agents who passed or did not answer
    declined_at: float = 0.0  # when the last of them did


@dataclass(frozen=True, kw_only=True)
class SameNumberCalls:
    """Other calls of the same number while this one is on the line."""

    older_call: str = ""  # was on the line when this one came
    newer_call: str = ""  # came while this one was on the line
    place_taken_by: str = ""  # has their place in the queue
    different_person: bool = False  # they said that they are somebody else


@dataclass(frozen=True, kw_only=True)
class ConferencePlaces:
    """The conference of the talk, and where each party of it is."""

    number: int = 0  # counts conferences: an action of an earlier one changes nothing
    sid: str = ""  # ConferenceSid of this conference, from its first event
    stray_sid: str = (
        ""  # a conference that they may be in while we take them for being with us; to be looked up
    )
    caller_location: PartyLocation = PartyLocation.NOWHERE
    agent_location: PartyLocation = PartyLocation.NOWHERE
    consult_leg: str = ""  # the other agent's leg in a consult or a three-way talk
    consult_leg_location: PartyLocation = PartyLocation.NOWHERE
    joined_at: float = 0.0  # the caller was given the way into the conference
    seen_legs: tuple[str, ...] = ()  # that were seen to come into it: "conference number/CallSid"
    stays_open: bool = False  # it does not end yet when one of the last two leaves it
    left_at: float = 0.0  # the first of them left, reason unknown

    def without_colleague(self) -> ConferencePlaces:
        return replace(self, consult_leg="", consult_leg_location=PartyLocation.NOWHERE)

    def next(self) -> ConferencePlaces:
        """Whatever comes next is another conference."""
        return replace(self, number=self.number + 1, left_at=0.0)


@dataclass(frozen=True, kw_only=True)
class Hold:
    started_at: float = 0.0
    warning: HoldWarning = HoldWarning.NONE


@dataclass(frozen=True, kw_only=True)
class AfterCall:
    """The questions after the talk, and what they answered."""

    question: AfterCallQuestion = AfterCallQuestion.ANYTHING_ELSE
    rating: int = 0
    comment: str = ""
    rated_at: float = 0.0
    rating_asked: bool = False  # how it was


@dataclass(frozen=True, kw_only=True)
class ContactHistory:
    """Contacts of the same customer around this one."""

    is_repeat: bool = False  # they had called lately before this one
    previous_contact: str = ""  # that contact of theirs
    called_again: bool = False  # lately after this one
