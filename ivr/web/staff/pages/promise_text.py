"""What a promise is called on a page, and why it was not changed."""

from __future__ import annotations

from ivr.domain.promise_kinds import get_rules
from ivr.domain.records.promise import Promise, PromiseState, WaitReason
from ivr.usecases.callbacks.reschedule_request import RefusalReason, RescheduleRefused
from ivr.web.staff.time_text import format_time

_REASON_TEXTS: dict[str, str] = {
    WaitReason.RESCHEDULED: "moved at their wish",
    WaitReason.LATE: "its time passed twice",
    WaitReason.UNUSABLE_NUMBER: "their number cannot be called",
    WaitReason.DO_NOT_CALL: "they asked not to be called",
}
_REFUSAL_TEXTS = {
    RefusalReason.UNKNOWN: "It is not there any more.",
    RefusalReason.ENDED: "It has ended already.",
    RefusalReason.ON_LINE: "They are on the telephone with us about it now; it is changed in that call.",
    RefusalReason.UNDER_WAY: "An agent or their phone is being rung for it already; nothing would be sooner.",
    RefusalReason.TIME_GONE: "That time is over, closed, full, or in their night. Choose another.",
    RefusalReason.NOT_DIALABLE: "That number may not be rung. A supervisor can take it.",
    RefusalReason.TOO_OFTEN: "That number was promised too many calls lately.",
    RefusalReason.CHANGED: "It has changed since it was shown. Look again.",
}


def title(promise: Promise) -> str:
    rules = get_rules(promise.kind)
    return rules.escalated_title if promise.escalated else rules.title


def state_text(promise: Promise) -> str:
    if promise.escalated and promise.state is PromiseState.MADE:
        return "waits for its time, then for a supervisor"
    return get_rules(promise.kind).state_labels[promise.state]


def reason_text(promise: Promise) -> str:
    """Of the last failure or escalation; "" when there was none."""
    return _REASON_TEXTS.get(promise.why, promise.why)


def refusal_text(refusal: RescheduleRefused, zone: str, now: float) -> str:
    if refusal.why is RefusalReason.OUTSIDE_CALLING_HOURS:
        return f"It is night where they are, until {format_time(refusal.callable_at, zone, now)} by their clock. Nobody is woken by us: move it to the morning."
    return _REFUSAL_TEXTS[refusal.why]
