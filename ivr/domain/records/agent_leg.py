"""Offers: an agent's leg, from being asked to having said how it went."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from ivr.domain.record import Record


class OfferKind(StrEnum):
    CONTACT = "contact"  # a caller on the line
    PROMISE = "promise"  # a callback to make
    CONSULT = "consult"  # a colleague asks for help with a held caller
    LISTEN = "listen"  # a supervisor wants to hear a talk
    THIRD = "third-party call"  # rings somebody else about a case
    STAY = "persistent leg"  # stays on the line between calls
    WORD = "disposition"  # how did it go? asked of an agent who hung up without saying


class Ear(StrEnum):
    """What a supervisor is in a talk."""

    NONE = ""
    MONITOR = "monitor"  # hears, is not heard
    WHISPER = "whisper"  # heard by the agent alone
    BARGE = "barge"  # heard by all


class OfferState(StrEnum):
    MADE = "made"  # reserved; the phone does not ring yet
    RINGING = "ringing"
    BRIEFING = "briefing"  # picked up
    ACCEPTED = "accepted"  # in the room, or on the way
    MENU = "menu"  # pressed * in the talk
    CONSULTING = "consulting"  # with a colleague, the caller held
    WRAPPING = "wrapping"
    OVER = "ended"


class Result(StrEnum):
    NONE = ""
    ACCEPTED = "accepted"
    DECLINED = "declined"
    UNANSWERED = "unanswered"
    CANCELLED = "cancelled"  # nobody was there any more
    FAILED = "failed"


IN_TALK = frozenset({OfferState.ACCEPTED, OfferState.MENU, OfferState.CONSULTING})
BEFORE_ACCEPT = frozenset({OfferState.MADE, OfferState.RINGING, OfferState.BRIEFING})


@dataclass(frozen=True, kw_only=True)
class Offer(Record):
    noun: ClassVar[str] = "agent_leg"

    kind: OfferKind = OfferKind.CONTACT
    state: OfferState = OfferState.MADE
    result: Result = Result.NONE
    agent: str = ""
    outside: str = ""  # E.164 of somebody who is none of ours, asked into a consult instead of an agent
    contact: str = ""
    promise: str = ""
    call: str = ""  # CallSid of the agent's leg
    line: str = ""  # our number that rings them
    made: float = 0.0
    intent: float = 0.0  # the POST is about to be made
    lease: float = 0.0  # until then the agent is reserved
    why: str = ""  # why this agent, in words
    by: str = ""  # the colleague's offer, in a consult
    reason: str = ""  # the colleague's words
    step: str = ""  # place in the agent's menu or wrap-up
    turn: int = 0  # counts the prompts given on this leg: a late key of an earlier prompt changes nothing
    note: str = ""  # what the agent said or typed last
    typed: bool = False  # it was typed in the talk, and is not in the case yet
    word: str = ""
    stage: int = 0  # of the room this leg was last sent to
    tries: int = 0  # of the question asked now
    fetch: bool = False  # the leg has to be sent for over REST: what it hears has changed
    sent: float = 0.0  # when it was, the last time; 0.0 once it has come
    confirmed: bool = False  # a key was pressed: a person listens
    ear: Ear = Ear.NONE
    case: str = ""  # of a call to somebody else
    third: str = ""  # E.164 of somebody else who is rung about it
    stays: str = ""  # the offer whose leg this one borrows: it is not hung up afterwards
    eager: bool = False  # accepted at the desk before the phone was picked up
    browser: bool = False  # it rings in the browser, where a click answers and no voicemail
