"""Contacts: one customer's attempt to reach us, from the first ring to its outcome."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from ivr.domain.phone_numbers import TrustLevel
from ivr.domain.record import Record


class ContactState(StrEnum):
    FLOW = "flow"  # following the flow
    WAITING = "waiting"  # in the queue for a person; `position` is set while choosing a callback there
    CALLING = "calling"  # a callback: the customer's phone rings, an agent is in the conference
    TALKING = "talking"  # claimed by an agent; being joined, or in the conference
    ON_HOLD = "on hold"  # the agent steps out to consult; the caller is spoken to
    AFTER_CALL = "after-call questions"  # after the talk: anything else? how was it?
    AWAITING_DISPOSITION = (
        "awaiting disposition"  # the caller has gone; the agent has not said yet how it went
    )
    ENDED = "ended"


LIVE = frozenset(ContactState) - {ContactState.AWAITING_DISPOSITION, ContactState.ENDED}

OUTSIDE_CONFERENCE = frozenset(
    {ContactState.AFTER_CALL, ContactState.ON_HOLD, ContactState.WAITING}
)  # the caller is to be in no conference


class Outcome(StrEnum):
    NONE = ""
    HELPED = "helped"
    PROMISED = "promised"
    DECLINED = "declined"
    LEFT_EARLY = "left early"
    LOST = "lost"


class PartyLocation(StrEnum):
    """Where one party of a talk is."""

    NOWHERE = ""
    JOINING = "joining"  # told to join the conference
    IN_CONFERENCE = "conference"
    LEFT_CONFERENCE = "out"  # left the conference, the leg lives
    HUNG_UP = "gone"  # the leg has ended


@dataclass(frozen=True, kw_only=True)
class Contact(Record):
    record_type: ClassVar[str] = "contact"

    state: ContactState = ContactState.FLOW
    outcome: Outcome = Outcome.NONE
    call: str = ""  # CallSid of the customer's present leg
    ended_call: str = ""  # CallSid of the last leg of theirs that has ended
    called_number: str = ""  # our number
    number: str = ""  # the customer's, E.164; empty when hidden
    trust_level: TrustLevel = TrustLevel.UNVERIFIED
    name: str = ""
    language: str = "en"
    started_at: float = 0.0

    flow: str = ""
    flow_version: str = ""  # of the flows, as the call began with it
    position: str = ""  # JSON of flow.turn.Position; empty when no dialogue is under way
    inputs_seen: int = 0  # inputs already in `position`
    number_code: str = ""  # texted to them, until it was entered
    caller_context: str = ""  # JSON: what was known when the call came in
    queue_estimate: str = ""  # JSON: how busy it was when the flow looked; "" = it did not
    path: str = ""  # steps and key codes so far, for the event log; never words or numbers

    queue: str = ""
    skills: tuple[str, ...] = ()
    needs_supervisor: bool = False  # only a supervisor will do
    queued_at: float = 0.0  # first asked for a person
    answer_target_seconds: int = (
        20  # seconds: answered within it counts towards the service level, as the queue had it then
    )
    boost_seconds: float = 0.0  # seconds ahead in the queue
    choice_given_at: float = 0.0  # last given a choice while waiting or held
    preferred_agent_until: float = (
        0.0  # until then they wait for the colleague who helped them last, and for nobody else
    )
    declined_by: tuple[str, ...] = ()  # agents who passed or did not answer
    declined_at: float = 0.0  # when the last of them did
    older_call: str = ""  # the call of the same number that was on the line when this one came
    newer_call: str = ""  # the call of the same number that came while this one was on the line
    place_taken_by: str = ""  # the other call of theirs that has their place in the queue
    different_person: bool = False  # they said that they are somebody else

    external_transfer: str = ""  # to a telephone outside the line: "rings", "taken"

    reason: str = ""  # the caller's sentence, verbatim
    lookup_facts: str = ""  # what the company's own system says, a line each; for the agent alone
    lookup_name: str = ""  # whom it takes them for
    case: str = ""
    promise: str = ""  # owed to this contact, or being kept by it

    leg: str = ""  # the agent being asked, then the agent's leg in the talk
    conference_number: int = 0  # counts conferences: an action of an earlier one changes nothing
    conference_sid: str = ""  # ConferenceSid of this conference, from participant-join
    stray_conference_sid: str = (
        ""  # a conference that they may be in while we take them for being with us; to be looked up
    )
    caller_location: PartyLocation = PartyLocation.NOWHERE
    agent_location: PartyLocation = PartyLocation.NOWHERE
    consult_leg: str = ""  # the other agent's leg in a consult or a three-way talk
    consult_leg_location: PartyLocation = PartyLocation.NOWHERE
    joined_at: float = 0.0  # the caller was given the way into the conference
    seen_in_conference: tuple[
        str, ...
    ] = ()  # legs that were seen to come into it: "conference_number/CallSid"
    talked: bool = False  # both were in the conference
    person_confirmed: bool = False  # of a callback: a key or a yes, which no machine gives
    connection_lost: bool = False  # the agent was lost, so the caller is told that a connection broke
    open_conference: bool = False  # the conference does not end yet when one of the last two leaves it
    left_at: float = 0.0  # the first of them left, reason unknown
    held_at: float = 0.0
    hold_warning: str = ""  # the agent of a held caller is told that it takes long: "due", then "done"
    next_steps: str = ""  # what happens next, in the agent's words, for the caller to hear
    disposition: str = ""  # the agent's disposition
    disposition_calls: int = 0  # times an agent was rung for it
    rating: int = 0
    comment: str = ""
    rated_at: float = 0.0
    rating_asked: bool = False  # how it was
    transfers: int = 0
    served_by: str = ""  # the agent who said yes to them last
    finished_talks: int = 0  # talks with a person that have ended
    ended_at: float = 0.0  # the first time
    is_repeat: bool = False  # they had called lately before this one
    previous_contact: str = ""  # that contact of theirs
    called_again: bool = False  # lately after this one

    @property
    def is_with_us(self) -> bool:
        """Whether, as far as we know, their leg is asking us what to hear, and is in no conference."""
        return self.state in OUTSIDE_CONFERENCE and self.caller_location is PartyLocation.LEFT_CONFERENCE

    @property
    def conference_name(self) -> str:
        return f"{self.id}-{self.conference_number}"
