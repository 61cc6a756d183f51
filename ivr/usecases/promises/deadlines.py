"""What cannot be kept at the time that was said: put off for the night, announced before the time passes, escalated after it."""

from __future__ import annotations

from dataclasses import replace

from ivr.domain.promise_kinds import get_rules
from ivr.domain.records.contact import LIVE, Contact
from ivr.domain.records.customer import Customer
from ivr.domain.records.promise import QUEUED, Promise, PromiseState, WaitReason, become
from ivr.domain.records.supervisor_alert import AlertTopic
from ivr.services import Services
from ivr.store.change import Change
from ivr.usecases.customers import open_promises
from ivr.usecases.promises import escalation, supervisor_alerts, time_windows
from ivr.usecases.promises import lifecycle as promise_lifecycle
from ivr.usecases.promises import limits as promise_limits
from ivr.usecases.texting import send as texting_send

CHECK_SOON_SECONDS = 5.0


def queue_or_defer(services: Services, promise: Promise) -> None:
    """Its time has come: into the queue, unless the customer is asleep, or with us on the line (I4)."""
    change = services.store.begin()
    awake = callable_from(services, promise, change.now)
    if _is_customer_on_line(services, promise):
        change.expect(promise)
        change.schedule(promise, change.now + CHECK_SOON_SECONDS)
    elif escalate_if_do_not_call(services, promise, change):
        pass
    elif awake > change.now:
        defer(services, promise, awake, change)
    else:
        promise_lifecycle.make_due(services, promise, change)
    services.store.commit_best_effort(change)


def _is_customer_on_line(services: Services, promise: Promise) -> bool:
    contact = services.store.get(Contact, promise.contact)
    return open_promises.is_customer_on_line(services, promise) or bool(contact and contact.state in LIVE)


def callable_from(services: Services, promise: Promise, now: float) -> float:
    """`now`, or when this customer may be rung again. What a person does by hand needs no telephone of theirs."""
    if promise.is_manual:
        return now
    return time_windows.next_callable_time(
        services, promise.number, promise_limits.next_call_time(services, promise.number, now)
    )


def escalate_if_do_not_call(services: Services, promise: Promise, change: Change) -> bool:
    """They have asked not to be called: the line does not ring them, and a person decides how we keep our word."""
    if promise.is_manual or not is_do_not_call(services, promise):
        return False
    escalation.escalate(services, promise, WaitReason.DO_NOT_CALL, change)
    return True


def is_do_not_call(services: Services, promise: Promise) -> bool:
    """By the number that would ring, or by whose promise it is."""
    people = services.store.get_many(Customer, sorted({promise.number, promise.customer} - {""}))
    return any(c.no_calls for c in people)


def check_deadlines(services: Services, promise: Promise) -> None:
    """An open promise that nobody is at: is it still on time? Somebody looks again in any case."""
    change = services.store.begin()
    for step in (
        _defer_to_calling_hours,
        escalation.ask_next_round,
        _warn_customer,
        _escalate_overdue,
        _alert_if_at_risk,
    ):
        if step(services, promise, change):
            break
    else:
        change.expect(promise)
        change.schedule(promise, promise_lifecycle.next_check_time(promise, change.now))
    services.store.commit_best_effort(change)


def _defer_to_calling_hours(services: Services, promise: Promise, change: Change) -> bool:
    awake = callable_from(services, promise, change.now)
    if promise.state is PromiseState.MADE or awake <= change.now:
        return False
    defer(services, promise, awake, change)
    return True


def _alert_if_at_risk(_services: Services, promise: Promise, change: Change) -> bool:
    """Supervisors hear of it while something can still be done about it, once; what was escalated they know."""
    if promise.escalated or promise.risk_alerted or promise.state not in QUEUED:
        return False
    if change.now < promise.due_by - promise_lifecycle.ALERT_SUPERVISORS_BEFORE_SECONDS:
        return False
    seen = change.put(promise, replace(promise, risk_alerted=True))
    change.schedule(seen, promise_lifecycle.next_check_time(seen, change.now))
    supervisor_alerts.schedule_alert(AlertTopic.AT_RISK, seen, change)
    return True


def _warn_customer(services: Services, promise: Promise, change: Change) -> bool:
    """Not when they did not answer: that they heard from us, or will see on their phone."""
    if (
        promise.delay_announced
        or promise.attempts
        or not change.now >= promise.due_by - promise_lifecycle.WARN_CUSTOMER_BEFORE_SECONDS
    ):
        return False
    if promise.is_manual:
        return False  # no call of ours is to be expected
    promise_lifecycle.store_open(services, promise, announce_delay(services, promise, change), change)
    return True


def _escalate_overdue(services: Services, promise: Promise, change: Change) -> bool:
    """Told a new time, and that has passed too."""
    if promise.escalated or not promise.delay_announced or change.now <= promise.due_by:
        return False
    escalation.escalate(services, promise, WaitReason.LATE, change)
    return True


def defer(services: Services, promise: Promise, resume_at: float, change: Change) -> Promise:
    """Their night has begun: not now, and not forgotten. No attempt is counted, the place is kept."""
    change.log_event("deferred", promise=promise.id)
    fields = {"not_before": resume_at, "leg": "", "call": "", "intent_at": 0.0, "fence": promise.fence + 1}
    made = promise.state is PromiseState.MADE
    later = replace(promise, **fields) if made else become(promise, PromiseState.MADE, **fields)  # type: ignore[arg-type]  # fields of Promise
    if resume_at >= promise.due_by and not promise.delay_announced and not promise.attempts:
        later = announce_delay(services, later, change)
    return promise_lifecycle.store_open(services, promise, later, change)


def announce_delay(services: Services, promise: Promise, change: Change) -> Promise:
    """They hear it before the time passes, with a new time. Once."""
    start = max(change.now, promise.not_before)
    _, until = time_windows.find_soonest(services, promise.queue, promise.number, promise.key, start)
    warned = replace(
        promise,
        due_by=max(until, promise.due_by),
        delay_announced=True,
        times_rescheduled=promise.times_rescheduled + 1,
    )
    change.log_event("at risk", promise=promise.id)
    texting_send.create_promise_text(services, warned, get_rules(promise.kind).delay_text_key, change)
    return warned
