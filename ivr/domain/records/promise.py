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
    ESCALATION = "escalation"


class PromiseState(StrEnum):
    MADE = "made"  # not yet time
    DUE = "due"  # in line for an agent
    RINGING = "ringing"  # an agent is being asked
    DIALLING = "dialling"  # the customer's phone rings, or may ring
    TALKING = "talking"
    MERGED = "merged"  # the customer rang in; that contact carries it
    ESCALATED = "escalated"  # in line for a supervisor, until one has it
    KEPT = "kept"
    DECLINED = "declined"  # by the customer
    OWNED = "owned"  # in a named person's hands


ENDED = frozenset({PromiseState.KEPT, PromiseState.DECLINED, PromiseState.OWNED})
IN_LINE = frozenset({PromiseState.DUE, PromiseState.ESCALATED})
MOVED = "moved"  # why it waits: the customer wanted another time
UNDER_WAY = frozenset({PromiseState.RINGING, PromiseState.DIALLING, PromiseState.TALKING})

_AFTER: dict[PromiseState, frozenset[PromiseState]] = {
    PromiseState.MADE: frozenset({PromiseState.DUE, PromiseState.ESCALATED}),
    PromiseState.DUE: frozenset({PromiseState.MADE, PromiseState.RINGING, PromiseState.ESCALATED}),
    PromiseState.RINGING: frozenset({PromiseState.DUE, PromiseState.DIALLING, PromiseState.ESCALATED}),
    PromiseState.DIALLING: frozenset(
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
    noun: ClassVar[str] = "promise"

    kind: PromiseKind = PromiseKind.CALLBACK
    state: PromiseState = PromiseState.MADE
    contact: str = ""
    case: str = ""
    customer: str = ""  # whose it is: the number they called from
    number: str = ""  # E.164 to ring; another one if they asked for it
    line: str = ""  # our number that rings
    zone: str = ""
    language: str = "en"
    name: str = ""
    queue: str = ""
    skills: tuple[str, ...] = ()
    supervisor: bool = False
    reason: str = ""
    made_at: float = 0.0
    ended: float = 0.0
    since: float = 0.0  # not before
    until: float = 0.0  # what the customer was told
    arrived: float = 0.0  # original place in line
    attempt: int = 0  # finished attempts
    fence: int = 0  # raised by whoever takes it on: everything begun under a lower one is stale
    intent_at: float = 0.0  # the POST to the customer was about to be made
    call: str = ""  # CallSid of the customer's leg
    offer: str = ""
    owner: str = ""  # the agent who promised, or in whose hands it is
    merged: str = ""  # the contact that carries it
    avoid: tuple[str, ...] = ()
    moved: int = 0  # times the customer was told a new time
    warned: bool = False  # they were told that it would be late
    at_risk: bool = False  # supervisors were told that it may be
    rounds: int = 0  # times that supervisors were asked anew since it was escalated
    asked_at: float = 0.0  # the last time
    why: str = ""  # of the last failure or escalation, or MOVED


@dataclass(frozen=True, kw_only=True)
class Dialled(Record):
    """That we may be ringing this number now, for whom, and under which fence. `id` is the number.

    While it stands nobody else's call to this number is started: never two at once, and a call found in Twilio's list
    can be nobody else's.
    """

    noun: ClassVar[str] = "number_lock"

    promise: str = ""  # "" = nobody's
    fence: int = 0
    since: float = 0.0  # the intent
    call: str = ""  # CallSid, once known


def moved_to(promise: Promise, *, since: float, until: float, **fields: object) -> Promise:
    """At the time that the customer wants now, whatever was under way: that is stale. A new time has its attempts before it.

    Raises `IllegalTransition` when it has ended, or is being talked about.
    """
    if promise.state in ENDED or promise.state is PromiseState.TALKING:
        raise IllegalTransition(f"Promise {promise.id} is {promise.state} and cannot be moved.")
    escalated = promise.kind is PromiseKind.ESCALATION
    return replace(
        promise,
        state=PromiseState.MADE,
        since=since,
        until=until,
        fence=promise.fence + 1,
        attempt=promise.attempt if escalated else 0,
        offer="",
        call="",
        intent_at=0.0,
        merged="",
        moved=promise.moved + 1,
        warned=False,
        at_risk=False,
        **fields,  # type: ignore[arg-type]  # fields of Promise, checked by replace
    )


def become(promise: Promise, state: PromiseState, **fields: object) -> Promise:
    """The promise in its next state.

    Anything open may be declined by the customer, merged when they ring in, or taken by a named person; other steps
    follow the life drawn in docs/life-of-a-callback.md. Raises `IllegalTransition` otherwise.
    """
    anytime = {PromiseState.DECLINED, PromiseState.MERGED, PromiseState.OWNED}
    allowed = promise.state not in ENDED and (state in anytime or state in _AFTER[promise.state])
    if not allowed:
        raise IllegalTransition(f"Promise {promise.id} is {promise.state} and cannot become {state}.")
    return replace(promise, state=state, **fields)  # type: ignore[arg-type]  # fields of Promise, checked by replace
