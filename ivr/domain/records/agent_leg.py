"""Agent legs: from being asked to having said how it went."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from ivr.domain.record import Record


class LegKind(StrEnum):
    CONTACT = "contact"  # a caller on the line
    PROMISE = "promise"  # a callback to make
    CONSULT = "consult"  # a colleague asks for help with a held caller
    MONITOR = "listen"  # a supervisor wants to hear a talk
    THIRD_PARTY = "third-party call"  # rings somebody else about a case
    PERSISTENT = "persistent leg"  # stays on the line between calls
    DISPOSITION = "disposition"  # how did it go? asked of an agent who hung up without saying


class MonitoringMode(StrEnum):
    """What a supervisor is in a talk."""

    NONE = ""
    MONITOR = "monitor"  # hears, is not heard
    WHISPER = "whisper"  # heard by the agent alone
    BARGE = "barge"  # heard by all


class LegState(StrEnum):
    MADE = "made"  # reserved; the phone does not ring yet
    RINGING = "ringing"
    BRIEFING = "briefing"  # picked up
    ACCEPTED = "accepted"  # in the conference, or on the way
    MENU = "menu"  # pressed * in the talk
    CONSULTING = "consulting"  # with a colleague, the caller held
    WRAPPING = "wrapping"
    ENDED = "ended"


class LegResult(StrEnum):
    NONE = ""
    ACCEPTED = "accepted"
    DECLINED = "declined"
    UNANSWERED = "unanswered"
    CANCELLED = "cancelled"  # nobody was there any more
    FAILED = "failed"


IN_TALK = frozenset({LegState.ACCEPTED, LegState.MENU, LegState.CONSULTING})
BEFORE_ACCEPT = frozenset({LegState.MADE, LegState.RINGING, LegState.BRIEFING})


@dataclass(frozen=True, kw_only=True)
class AgentLeg(Record):
    record_type: ClassVar[str] = "agent_leg"

    kind: LegKind = LegKind.CONTACT
    state: LegState = LegState.MADE
    result: LegResult = LegResult.NONE
    agent: str = ""
    external_number: str = (
        ""  # E.164 of somebody who is none of ours, asked into a consult instead of an agent
    )
    contact: str = ""
    promise: str = ""
    call: str = ""  # CallSid of the agent's leg
    our_number: str = ""  # our number that rings them
    made_at: float = 0.0
    intent_at: float = 0.0  # the POST is about to be made
    reserved_until: float = 0.0  # until then the agent is reserved
    why: str = ""  # why this agent, in words
    asked_by_leg: str = ""  # the colleague's leg, in a consult
    reason: str = ""  # the colleague's words
    step: str = ""  # place in the agent's menu or wrap-up
    turn: int = 0  # counts the prompts given on this leg: a late key of an earlier prompt changes nothing
    note: str = ""  # what the agent said or typed last
    note_pending: bool = False  # it was typed in the talk, and is not in the case yet
    disposition: str = ""
    conference_number: int = 0  # of the conference this leg was last sent to
    tries: int = 0  # of the question asked now
    redirect_pending: bool = False  # the leg has to be sent for over REST: what it hears has changed
    redirected_at: float = 0.0  # when it was, the last time; 0.0 once it has come
    person_confirmed: bool = False  # a key was pressed: a person listens
    monitoring_mode: MonitoringMode = MonitoringMode.NONE
    case: str = ""  # of a call to somebody else
    third_party_number: str = ""  # E.164 of somebody else who is rung about it
    persistent_leg: str = ""  # the persistent leg that this one borrows: it is not hung up afterwards
    pre_accepted: bool = False  # accepted at the desk before the phone was picked up
    in_browser: bool = False  # it rings in the browser, where a click answers and no voicemail
