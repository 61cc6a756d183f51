"""What a promise is called on a page, and why it was not changed."""

from __future__ import annotations

from ivr.domain.records.promise import MOVED, Promise, PromiseKind, PromiseState
from ivr.usecases.callbacks.reschedule import Refused, WhyNot
from ivr.web.staff.time_text import at

STATES = {
    PromiseState.MADE: "waits for its time",
    PromiseState.DUE: "in line for an agent",
    PromiseState.RINGING: "an agent is being asked",
    PromiseState.DIALLING: "their phone is ringing",
    PromiseState.TALKING: "talking with them",
    PromiseState.MERGED: "they rang in, and that call carries it",
    PromiseState.ESCALATED: "waits for a supervisor to take it",
    PromiseState.KEPT: "kept",
    PromiseState.DECLINED: "declined by the customer",
    PromiseState.OWNED: "in a person's hands",
}
_WHY = {
    MOVED: "moved at their wish",
    "late": "its time passed twice",
    "unusable": "their number cannot be called",
    "no calls": "they asked not to be called",
}
_NOT = {
    WhyNot.UNKNOWN: "It is not there any more.",
    WhyNot.ENDED: "It has ended already.",
    WhyNot.ON_LINE: "They are on the telephone with us about it now; it is changed in that call.",
    WhyNot.UNDER_WAY: "An agent or their phone is being rung for it already; nothing would be sooner.",
    WhyNot.TIME_GONE: "That time is over, closed, full, or in their night. Choose another.",
    WhyNot.NUMBER: "That number may not be rung. A supervisor can take it.",
    WhyNot.OFTEN: "That number was promised too many calls lately.",
    WhyNot.CHANGED: "It has changed since it was shown. Look again.",
}


def state(promise: Promise) -> str:
    words = STATES[promise.state]
    escalated = promise.kind is PromiseKind.ESCALATION and promise.state is PromiseState.MADE
    return "waits for its time, then for a supervisor" if escalated else words


def why(promise: Promise) -> str:
    """Of the last failure or escalation; "" when there was none."""
    return _WHY.get(promise.why, promise.why)


def refused(came: Refused, zone: str, now: float) -> str:
    if came.why is WhyNot.NIGHT:
        return f"It is night where they are, until {at(came.at, zone, now)} by their clock. Nobody is woken by us: move it to the morning."
    return _NOT[came.why]
