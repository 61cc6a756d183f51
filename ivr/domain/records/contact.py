"""Contacts: one customer's attempt to reach us, from the first ring to its outcome."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from ivr.domain.phone_numbers import Degree
from ivr.domain.record import Record


class ContactState(StrEnum):
    FLOW = "flow"  # following the flow
    WAITING = "waiting"  # in line for a person; `position` is set while choosing a callback there
    CALLING = "calling"  # a callback: the customer's phone rings, an agent is in the room
    TALKING = "talking"  # claimed by an agent; being joined, or in the room
    HELD = "on hold"  # the agent steps out to consult; the caller is spoken to
    ASKING = "after-call questions"  # after the talk: anything else? how was it?
    WORD = "awaiting disposition"  # the caller has gone; the agent has not said yet how it went
    ENDED = "ended"


LIVE = frozenset(ContactState) - {ContactState.WORD, ContactState.ENDED}


class Outcome(StrEnum):
    NONE = ""
    HELPED = "helped"
    PROMISED = "promised"
    DECLINED = "declined"
    LEFT_EARLY = "left early"
    LOST = "lost"


class Where(StrEnum):
    """Where one party of a talk is."""

    NOWHERE = ""
    COMING = "joining"  # told to join the room
    ROOM = "conference"
    OUT = "out"  # left the room, the leg lives
    GONE = "gone"  # the leg has ended


@dataclass(frozen=True, kw_only=True)
class Contact(Record):
    noun: ClassVar[str] = "contact"

    state: ContactState = ContactState.FLOW
    outcome: Outcome = Outcome.NONE
    call: str = ""  # CallSid of the customer's present leg
    over: str = ""  # CallSid of the last leg of theirs that has ended
    line: str = ""  # our number
    number: str = ""  # the customer's, E.164; empty when hidden
    degree: Degree = Degree.UNSURE
    name: str = ""
    language: str = "en"
    opened: float = 0.0

    flow: str = ""
    version: str = ""  # of the flows, as the call began with it
    position: str = ""  # JSON of flow.turn.Position; empty when no dialogue is under way
    seen: int = 0  # inputs already in `position`
    code: str = ""  # texted to them, until it was entered
    situation: str = ""  # JSON: what was known when the call came in
    busy: str = ""  # JSON: how busy it was when the flow looked; "" = it did not
    path: str = ""  # steps and key codes so far, for the journal; never words or numbers

    queue: str = ""
    skills: tuple[str, ...] = ()
    supervisor: bool = False  # only a supervisor will do
    arrived: float = 0.0  # first asked for a person
    threshold: int = (
        20  # seconds: answered within it counts towards the service level, as the queue had it then
    )
    boost: float = 0.0  # seconds ahead in line
    chosen: float = 0.0  # last given a choice while waiting or held
    wish_until: float = (
        0.0  # until then they wait for the colleague who helped them last, and for nobody else
    )
    avoid: tuple[str, ...] = ()  # agents who passed or did not answer
    passed: float = 0.0  # when the last of them did
    twin: str = ""  # the call of the same number that was on the line when this one came
    newer: str = ""  # the call of the same number that came while this one was on the line
    elsewhere: str = ""  # the other call of theirs that has their place in line
    apart: bool = False  # they said that they are somebody else

    through: str = ""  # to a telephone outside the line: "rings", "taken"

    reason: str = ""  # the caller's sentence, verbatim
    facts: str = ""  # what the company's own system says, a line each; for the agent alone
    facts_name: str = ""  # whom it takes them for
    case: str = ""
    promise: str = ""  # owed to this contact, or being kept by it

    offer: str = ""  # the agent being asked, then the agent's leg in the talk
    stage: int = 0  # counts rooms: an action of an earlier stage changes nothing
    conference: str = ""  # ConferenceSid of this stage, from participant-join
    caller: Where = Where.NOWHERE
    agent: Where = Where.NOWHERE
    second: str = ""  # the other agent's leg in a consult or a three-way talk
    second_where: Where = Where.NOWHERE
    joined: float = 0.0  # the caller was given the way into the room
    present: tuple[str, ...] = ()  # legs that were seen to come into it: "stage/CallSid"
    talked: bool = False  # both were in the room
    person: bool = False  # of a callback: a key or a yes, which no machine gives
    broke: bool = False  # the agent was lost, so the caller is told that a connection broke
    loose: bool = False  # the room does not end yet when one of the last two leaves it
    left_at: float = 0.0  # the first of them left, reason unknown
    held_at: float = 0.0
    warn: str = ""  # the agent of a held caller is told that it takes long: "due", then "done"
    steps: str = ""  # what happens next, in the agent's words, for the caller to hear
    word: str = ""  # the agent's disposition
    asks: int = 0  # times an agent was rung for it
    rating: int = 0
    comment: str = ""
    rated_at: float = 0.0
    asked: bool = False  # how it was
    transfers: int = 0
    served_by: str = ""  # the agent who said yes to them last
    talks: int = 0  # talks with a person that have ended
    ended: float = 0.0  # the first time
    repeat: bool = False  # they had called lately before this one
    before: str = ""  # that contact of theirs
    came_again: bool = False  # lately after this one

    @property
    def room(self) -> str:
        return f"{self.id}-{self.stage}"
