"""Promises: the durable record that somebody will call a customer by a time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import ClassVar

from ivr.domain.errors import IllegalTransition
from ivr.domain.record import Record


class PromiseKind(StrEnum):
    CALLBACK = "callback"
    FOLLOW_UP = "follow-up"


class PromiseState(StrEnum):
    MADE = "made"  # not yet time
    DUE = "due"  # in the queue for an agent
    RINGING = "ringing"  # an agent is being asked
    DIALING = "dialling"  # the customer's phone rings, or may ring
    TALKING = "talking"
    MERGED = "merged"  # the customer rang in; that contact carries it
    ESCALATED = "escalated"  # in the queue for a supervisor, until one has it
    KEPT = "kept"
    DECLINED = "declined"  # by the customer
    OWNED = "owned"  # in a named person's hands


class WaitReason(StrEnum):
    """Those values of `Promise.why` that code decides on."""

    RESCHEDULED = "moved"  # the customer wanted another time
    LATE = "late"
    UNUSABLE_NUMBER = "unusable"  # the number cannot be called
    DO_NOT_CALL = "no calls"  # they asked not to be called


ENDED = frozenset({PromiseState.KEPT, PromiseState.DECLINED, PromiseState.OWNED})
QUEUED = frozenset({PromiseState.DUE, PromiseState.ESCALATED})
MANUAL_REASONS = frozenset({WaitReason.UNUSABLE_NUMBER, WaitReason.DO_NOT_CALL})
UNDER_WAY = frozenset({PromiseState.RINGING, PromiseState.DIALING, PromiseState.TALKING})

_NEXT_STATES: dict[PromiseState, frozenset[PromiseState]] = {
    PromiseState.MADE: frozenset({PromiseState.DUE, PromiseState.ESCALATED}),
    PromiseState.DUE: frozenset({PromiseState.MADE, PromiseState.RINGING, PromiseState.ESCALATED}),
    PromiseState.RINGING: frozenset({PromiseState.DUE, PromiseState.DIALING, PromiseState.ESCALATED}),
    PromiseState.DIALING: frozenset(
        {PromiseState.MADE, PromiseState.DUE, PromiseState.TALKING, PromiseState.ESCALATED}
    ),
    PromiseState.TALKING: frozenset(
        {PromiseState.MADE, PromiseState.DUE, PromiseState.KEPT, PromiseState.ESCALATED}
    ),
    PromiseState.MERGED: frozenset(
        {PromiseState.MADE, PromiseState.DUE, PromiseState.KEPT, PromiseState.ESCALATED}
    ),
    PromiseState.ESCALATED: frozenset({PromiseState.MADE, PromiseState.RINGING}),
}


@dataclass(frozen=True, kw_only=True)
class Promise(Record):
    record_type: ClassVar[str] = "promise"

    kind: PromiseKind = PromiseKind.CALLBACK
    state: PromiseState = PromiseState.MADE
    escalated: bool = False  # the line could not keep it: people are asked until one of them takes it
    contact: str = ""
    case: str = ""
    customer: str = ""  # whose it is: the number they called from
    number: str = ""  # E.164 to ring; another one if they asked for it
    our_number: str = ""  # our number that rings
    zone: str = ""
    language: str = "en"
    name: str = ""
    queue: str = ""
    skills: tuple[str, ...] = ()
    needs_supervisor: bool = False
    reason: str = ""
    created_at: float = 0.0
    ended_at: float = 0.0
    not_before: float = 0.0  # not before
    due_by: float = 0.0  # what the customer was told
    queued_at: float = 0.0  # original place in the queue
    attempts: int = 0  # finished attempts
    fence: int = 0  # raised by whoever takes it on: everything begun under a lower one is stale
    intent_at: float = 0.0  # the POST to the customer was about to be made
    call: str = ""  # CallSid of the customer's leg
    leg: str = ""
    owner: str = ""  # the agent who promised, or in whose hands it is
    merged_into: str = ""  # the contact that carries it
    declined_by: tuple[str, ...] = ()
    times_rescheduled: int = 0  # times the customer was told a new time
    delay_announced: bool = False  # they were told that it would be late
    risk_alerted: bool = False  # supervisors were told that it may be
    alert_rounds: int = 0  # times that supervisors were asked anew since it was escalated
    alerted_at: float = 0.0  # the last time
    why: str = ""  # a WaitReason, or how the last attempt failed: a disposition, Twilio's status or code

    @property
    def is_manual(self) -> bool:
        """Whether the line must not call the customer: a person decides what to do."""
        return self.why in MANUAL_REASONS

    @property
    def kind_name(self) -> str:
        """Name the kind on pages and at a terminal, where an escalated promise counts as a kind of its own."""
        return "escalation" if self.escalated else self.kind.value


@dataclass(frozen=True, kw_only=True)
class NumberLock(Record):
    """That we may be ringing this number now, for whom, and under which fence. `id` is the number.

    While it stands nobody else's call to this number is started: never two at once, and a call found in Twilio's list
    can be nobody else's.
    """

    record_type: ClassVar[str] = "number_lock"

    promise: str = ""  # "" = nobody's
    fence: int = 0
    intent_at: float = 0.0  # the intent
    call: str = ""  # CallSid, once known


def rescheduled(promise: Promise, *, not_before: float, due_by: float, **fields: object) -> Promise:
    """At the time that the customer wants now, whatever was under way: that is stale. A new time has its attempts before it.

    Raises `IllegalTransition` when it has ended, or is being talked about.
    """
    if promise.state in ENDED or promise.state is PromiseState.TALKING:
        raise IllegalTransition(f"Promise {promise.id} is {promise.state} and cannot be moved.")
    return replace(
        promise,
        state=PromiseState.MADE,
        not_before=not_before,
        due_by=due_by,
        fence=promise.fence + 1,
        attempts=promise.attempts if promise.escalated else 0,
        leg="",
        call="",
        intent_at=0.0,
        merged_into="",
        times_rescheduled=promise.times_rescheduled + 1,
        delay_announced=False,
        risk_alerted=False,
        **fields,  # type: ignore[arg-type]  # fields of Promise, checked by replace
    )


def become(promise: Promise, state: PromiseState, **fields: object) -> Promise:
    """The promise in its next state.

    Anything open may be declined by the customer, merged when they ring in, or taken by a named person; other steps
    follow the life drawn in docs/life-of-a-callback.md. Raises `IllegalTransition` otherwise.
    """
    anytime = {PromiseState.DECLINED, PromiseState.MERGED, PromiseState.OWNED}
    allowed = promise.state not in ENDED and (state in anytime or state in _NEXT_STATES[promise.state])
    if not allowed:
        raise IllegalTransition(f"Promise {promise.id} is {promise.state} and cannot become {state}.")
    return replace(promise, state=state, **fields)  # type: ignore[arg-type]  # fields of Promise, checked by replace
