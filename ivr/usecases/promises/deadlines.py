"""What cannot be kept at the time that was said: put off for the night, announced before the time passes, escalated after it."""

from __future__ import annotations

from dataclasses import replace

from ivr.domain.records.contact import LIVE, Contact
from ivr.domain.records.customer import Customer
from ivr.domain.records.promise import IN_LINE, Promise, PromiseKind, PromiseState, become
from ivr.domain.records.supervisor_alert import Topic
from ivr.services import Services
from ivr.store.change import Change
from ivr.usecases.customers import open_promises
from ivr.usecases.promises import escalation, supervisor_alerts, time_windows
from ivr.usecases.promises import lifecycle as promise_lifecycle
from ivr.usecases.promises import limits as promise_limits
from ivr.usecases.texting import send as texting_send

SOON = 5.0


def fall_due(s: Services, promise: Promise) -> None:
    """Its time has come: into the line, unless the customer is asleep, or with us on the line (I4)."""
    change = Change(now=s.clock.now())
    awake = asleep_until(s, promise, change.now)
    if _with_us(s, promise):
        change.expect(promise)
        change.wake(promise, change.now + SOON)
    elif to_a_person(s, promise, change):
        pass
    elif awake > change.now:
        defer(s, promise, awake, change)
    else:
        promise_lifecycle.due(s, promise, change)
    s.store.commit(change)


def _with_us(s: Services, promise: Promise) -> bool:
    contact = s.store.get(Contact, promise.contact)
    return open_promises.with_us(s, promise) or bool(contact and contact.state in LIVE)


def asleep_until(s: Services, promise: Promise, now: float) -> float:
    """`now`, or when this customer may be rung again. What a person does by hand needs no telephone of theirs."""
    if promise.why in escalation.BY_HAND:
        return now
    return time_windows.awake(s, promise.number, promise_limits.rung_from(s, promise.number, now))


def to_a_person(s: Services, promise: Promise, change: Change) -> bool:
    """They have asked not to be called: the line does not ring them, and a person decides how we keep our word."""
    if promise.why in escalation.BY_HAND or not no_calls(s, promise):
        return False
    escalation.escalate(s, promise, escalation.NO_CALLS, change)
    return True


def no_calls(s: Services, promise: Promise) -> bool:
    """By the number that would ring, or by whose promise it is."""
    people = s.store.get_all(Customer, sorted({promise.number, promise.customer} - {""}))
    return any(c.no_calls for c in people)


def watch(s: Services, promise: Promise) -> None:
    """An open promise that nobody is at: is it still on time? Somebody looks again in any case."""
    change = Change(now=s.clock.now())
    for step in (_put_off, escalation.next_round, _warn, _overdue, _foresee):
        if step(s, promise, change):
            break
    else:
        change.expect(promise)
        change.wake(promise, promise_lifecycle.next_look(promise, change.now))
    s.store.commit(change)


def _put_off(s: Services, promise: Promise, change: Change) -> bool:
    awake = asleep_until(s, promise, change.now)
    if promise.state is PromiseState.MADE or awake <= change.now:
        return False
    defer(s, promise, awake, change)
    return True


def _foresee(s: Services, promise: Promise, change: Change) -> bool:
    """Supervisors hear of it while something can still be done about it, once; what was escalated they know."""
    escalated = promise.kind is PromiseKind.ESCALATION
    if escalated or promise.at_risk or promise.state not in IN_LINE:
        return False
    if change.now < promise.until - promise_lifecycle.FORESEE:
        return False
    seen = change.put(promise, replace(promise, at_risk=True))
    change.wake(seen, promise_lifecycle.next_look(seen, change.now))
    supervisor_alerts.of(s, Topic.RISK, seen, change)
    return True


def _warn(s: Services, promise: Promise, change: Change) -> bool:
    """Not when they did not answer: that they heard from us, or will see on their phone."""
    if promise.warned or promise.attempt or not change.now >= promise.until - promise_lifecycle.WARN:
        return False
    if promise.why in escalation.BY_HAND:
        return False  # no call of ours is to be expected
    promise_lifecycle.put_back(s, promise, told_later(s, promise, change), change)
    return True


def _overdue(s: Services, promise: Promise, change: Change) -> bool:
    """Told a new time, and that has passed too."""
    escalated = promise.kind is PromiseKind.ESCALATION or not promise.warned
    if escalated or change.now <= promise.until:
        return False
    escalation.escalate(s, promise, escalation.LATE, change)
    return True


def defer(s: Services, promise: Promise, at: float, change: Change) -> Promise:
    """Their night has begun: not now, and not forgotten. No attempt is counted, the place is kept."""
    change.journal("deferred", promise=promise.id)
    fields = {"since": at, "offer": "", "call": "", "intent_at": 0.0, "fence": promise.fence + 1}
    made = promise.state is PromiseState.MADE
    later = replace(promise, **fields) if made else become(promise, PromiseState.MADE, **fields)  # type: ignore[arg-type]  # fields of Promise
    if at >= promise.until and not promise.warned and not promise.attempt:
        later = told_later(s, later, change)
    return promise_lifecycle.put_back(s, promise, later, change)


def told_later(s: Services, promise: Promise, change: Change) -> Promise:
    """They hear it before the time passes, with a new time. Once."""
    start = max(change.now, promise.since)
    _, until = time_windows.soonest(s, promise.queue, promise.number, promise.member, start)
    warned = replace(promise, until=max(until, promise.until), warned=True, moved=promise.moved + 1)
    change.journal("at risk", promise=promise.id)
    texting_send.about_promise(s, warned, "text.at_risk", change)
    return warned
