"""Agent legs: from being asked to having said how it went."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import ClassVar

from ivr.domain.errors import IllegalTransition
from ivr.domain.record import Record
from ivr.domain.records.disposition import Disposition


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
    BRIEFING = "briefing"  # picked up: asked for a key, then told the brief
    ACCEPTED = "accepted"  # said yes: in the conference or on the way; of a persistent leg: on the line
    MENU = "menu"  # pressed * in the talk
    CONSULTING = "consulting"  # with a colleague or waiting for one, the caller held
    WRAPPING = "wrapping"
    ENDED = "ended"


class LegResult(StrEnum):
    NONE = ""
    ACCEPTED = "accepted"
    DECLINED = "declined"
    UNANSWERED = "unanswered"
    CANCELLED = "cancelled"  # nobody was there any more
    FAILED = "failed"


class LegStep(StrEnum):
    """The question that an agent is at, or what they hear when they come."""

    NONE = ""
    MENU = "menu"
    CONSULT_MENU = "consult_menu"
    EXTENSION = "extension"
    NEXT_STEPS = "next_steps"
    FOLLOW_UP = "owe_call"  # in how many hours they call again
    DISPOSITION = "disposition"
    TAKE_OVER = "hands"  # whether they take over what the line could not keep
    NOTE = "note"
    READBACK = "readback"  # of the note
    NAME = "name"  # of the customer
    SAVED = "saved"  # the wrap-up is over
    IN_HANDS = "in_hands"  # the wrap-up is over, and the promise is theirs
    RETURNED = "returned"  # to a caller who could not be held any longer
    REFUSED = "refused"  # by the colleague who was asked
    DECLINED = "declined"  # at the desk, while the leg heard the brief


IN_TALK = frozenset({LegState.ACCEPTED, LegState.MENU, LegState.CONSULTING})
BEFORE_ACCEPT = frozenset({LegState.MADE, LegState.RINGING, LegState.BRIEFING})

_NEXT_STATES: dict[LegState, frozenset[LegState]] = {
    LegState.MADE: frozenset({LegState.MADE, LegState.RINGING, LegState.BRIEFING, LegState.ENDED}),
    LegState.RINGING: frozenset({LegState.MADE, LegState.BRIEFING, LegState.ENDED}),
    LegState.BRIEFING: frozenset({LegState.ACCEPTED, LegState.WRAPPING, LegState.ENDED}),
    LegState.ACCEPTED: IN_TALK | {LegState.WRAPPING, LegState.ENDED},
    LegState.MENU: IN_TALK | {LegState.WRAPPING, LegState.ENDED},
    LegState.CONSULTING: IN_TALK | {LegState.WRAPPING, LegState.ENDED},
    LegState.WRAPPING: frozenset({LegState.WRAPPING, LegState.ENDED}),
    LegState.ENDED: frozenset({LegState.ENDED}),
}


@dataclass(frozen=True, kw_only=True)
class Offer:
    """What an agent is rung for, and until when."""

    why: str = ""  # why this agent, in words
    made_at: float = 0.0
    intent_at: float = 0.0  # the POST is about to be made
    reserved_until: float = 0.0  # until then the agent is reserved
    pre_accepted: bool = False  # accepted at the desk before the phone was picked up


@dataclass(frozen=True, kw_only=True)
class LegPrompt:
    """What the agent was asked last."""

    step: LegStep = LegStep.NONE
    turn: int = 0  # counts the prompts given on this leg: a late key of an earlier prompt changes nothing
    tries: int = 0  # of the question asked now

    def ask(self, step: LegStep) -> LegPrompt:
        """A new question."""
        return LegPrompt(step=step, turn=self.turn + 1)


@dataclass(frozen=True, kw_only=True)
class LegRedirect:
    pending: bool = False  # the leg has to be sent for over REST: what it hears has changed
    sent_at: float = 0.0  # when it was, the last time; 0.0 once it has come


@dataclass(frozen=True, kw_only=True)
class Wrapup:
    """What the agent says about the talk."""

    note: str = ""  # said or typed last
    note_pending: bool = False  # it was typed in the talk, and is not in the case yet
    disposition: Disposition = Disposition.NONE


@dataclass(frozen=True, kw_only=True)
class ConsultRequest:
    """What a colleague wants of this leg."""

    asked_by_leg: str = ""  # the colleague's leg
    reason: str = ""  # the colleague's words
    refused_by: str = ""  # on the leg of who asked: the agent who did not come
    external_number: str = (
        ""  # E.164 of somebody who is none of ours, asked into a consult instead of an agent
    )


@dataclass(frozen=True, kw_only=True)
class ThirdPartyCall:
    """A call to somebody else about a case."""

    case: str = ""
    number: str = ""  # E.164


@dataclass(frozen=True, kw_only=True)
class AgentLeg(Record):
    record_type: ClassVar[str] = "agent_leg"

    kind: LegKind = LegKind.CONTACT
    state: LegState = LegState.MADE
    result: LegResult = LegResult.NONE
    agent: str = ""
    contact: str = ""
    promise: str = ""
    call: str = ""  # CallSid of the agent's leg
    our_number: str = ""  # our number that rings them
    in_browser: bool = False  # it rings in the browser, where a click answers and no voicemail
    persistent_leg: str = ""  # the persistent leg that this one borrows: it is not hung up afterwards
    person_confirmed: bool = False  # a key was pressed: a person listens
    conference_number: int = 0  # of the conference this leg was last sent to
    monitoring_mode: MonitoringMode = MonitoringMode.NONE

    offer: Offer = Offer()
    prompt: LegPrompt = LegPrompt()
    redirect: LegRedirect = LegRedirect()
    wrapup: Wrapup = Wrapup()
    consult: ConsultRequest = ConsultRequest()
    third_party: ThirdPartyCall = ThirdPartyCall()

    # ---- transitions: each says what the leg is from now on; raises IllegalTransition where it cannot become that

    def start_ringing(self, *, now: float, ring_seconds: float, in_browser: bool) -> AgentLeg:
        """Their phone is about to ring, for `ring_seconds` at most."""
        offer = replace(self.offer, intent_at=now, reserved_until=now + ring_seconds)
        return self._become(LegState.RINGING, in_browser=in_browser, offer=offer)

    def put_back(self) -> AgentLeg:
        """The phone could not be rung now, and will be rung later."""
        return self._become(LegState.MADE)

    def pick_up(self, *, call: str, reserved_until: float) -> AgentLeg:
        """They have picked up, and are asked for a key."""
        offer = replace(self.offer, reserved_until=reserved_until)
        return self._become(LegState.BRIEFING, call=call, prompt=replace(self.prompt, turn=1), offer=offer)

    def borrow(self, persistent: AgentLeg, *, now: float, reserved_until: float) -> AgentLeg:
        """They are on the line already, on their persistent leg: it is sent for."""
        here = self.pick_up(call=persistent.call, reserved_until=reserved_until)
        return replace(
            here,
            persistent_leg=persistent.id,
            person_confirmed=True,
            redirect=replace(here.redirect, pending=True),
            offer=replace(here.offer, intent_at=now),
        )

    def accept(self, conference_number: int = 0) -> AgentLeg:
        """They said yes. `conference_number`: of the conference they go to; 0 where there is none."""
        return self._become(
            LegState.ACCEPTED,
            result=LegResult.ACCEPTED,
            conference_number=conference_number or self.conference_number,
            prompt=LegPrompt(turn=self.prompt.turn),
        )

    def open_menu(self, step: LegStep = LegStep.MENU) -> AgentLeg:
        """Out of the talk, with the caller on hold."""
        return self._become(LegState.MENU, prompt=self.prompt.ask(step))

    def join_colleague(self, conference_number: int) -> AgentLeg:
        """With a colleague, in the conference of the two."""
        prompt = replace(self.prompt, turn=self.prompt.turn + 1)
        return self._become(LegState.CONSULTING, conference_number=conference_number, prompt=prompt)

    def return_to_talk(self, conference_number: int) -> AgentLeg:
        """From the menu into the conference."""
        prompt = replace(self.prompt, turn=self.prompt.turn + 1, step=LegStep.NONE)
        return self._become(LegState.ACCEPTED, conference_number=conference_number, prompt=prompt)

    def come_back(self, why: LegStep = LegStep.NONE) -> AgentLeg:
        """To be sent into the talk from outside. `why`: what they hear when they come; NONE leaves that as it is."""
        return self._become(
            LegState.ACCEPTED, prompt=replace(self.prompt, step=why or self.prompt.step)
        ).request_redirect()

    def begin_wrapup(self, step: LegStep) -> AgentLeg:
        """Out of the talk for good: `step` is the first question."""
        return self._become(LegState.WRAPPING, prompt=self.prompt.ask(step))

    def end(self, result: LegResult = LegResult.NONE) -> AgentLeg:
        """Its part is over. `result` counts unless it has one."""
        return self._become(LegState.ENDED, result=self.result or result)

    # ---- changes within a state

    def request_redirect(self) -> AgentLeg:
        """What it hears has changed: the leg is to be sent for.

        In the very change that moves it: a leg that comes by itself just after it is not sent for once more.
        """
        return replace(self, redirect=replace(self.redirect, pending=True))

    def mark_redirected(self) -> AgentLeg:
        """It was sent for and has come, or need not come any more."""
        return replace(self, redirect=LegRedirect())

    def count_turn(self) -> AgentLeg:
        """Keys of the earlier prompt change nothing any more."""
        return replace(self, prompt=replace(self.prompt, turn=self.prompt.turn + 1))

    def go_to_step(self, step: LegStep) -> AgentLeg:
        """The next question of the wrap-up; whoever writes it counts the turn."""
        return replace(self, prompt=replace(self.prompt, step=step, tries=0))

    def count_try(self) -> AgentLeg:
        """The same question again."""
        return replace(self, prompt=replace(self.prompt, tries=self.prompt.tries + 1))

    def _become(self, state: LegState, **fields: object) -> AgentLeg:
        if state not in _NEXT_STATES[self.state]:
            raise IllegalTransition(f"Agent leg {self.id} is {self.state} and cannot become {state}.")
        return replace(self, state=state, **fields)  # type: ignore[arg-type]  # fields of AgentLeg, checked by replace
