"""What cannot be kept at the time that was said: put off for the night, announced before the time passes, escalated after it."""

from __future__ import annotations

from dataclasses import replace

from ivr.domain.contact import LIVE, Contact
from ivr.domain.customer import Customer
from ivr.domain.promise import Promise, PromiseKind, PromiseState, become
from ivr.services import Services
from ivr.store.change import Change
from ivr.usecases import promises, slots, texts

LATE = "late"
SOON = 5.0


def fall_due(s: Services, promise: Promise) -> None:
    """Its time has come: into the line, unless the customer is asleep, or with us on the line (I4)."""
    change = Change(now=s.clock.now())
    awake = slots.awake(s, promise.number, change.now)
    if _with_us(s, promise):
        change.expect(promise)
        change.wake(promise, change.now + SOON)
    elif awake > change.now:
        defer(s, promise, awake, change)
    else:
        promises.due(s, promise, change)
    s.store.commit(change)


def _with_us(s: Services, promise: Promise) -> bool:
    customer = s.store.get(Customer, promise.number)
    contact = s.store.get(Contact, promise.contact)
    return bool(customer and customer.live) or bool(contact and contact.state in LIVE)


def watch(s: Services, promise: Promise) -> None:
    """An open promise that nobody is at: is it still on time? Somebody looks again in any case."""
    change = Change(now=s.clock.now())
    if not (_put_off(s, promise, change) or _warn(s, promise, change) or _overdue(s, promise, change)):
        change.expect(promise)
        change.wake(promise, promises.next_look(promise, change.now))
    s.store.commit(change)


def _put_off(s: Services, promise: Promise, change: Change) -> bool:
    awake = slots.awake(s, promise.number, change.now)
    if promise.state is PromiseState.MADE or awake <= change.now:
        return False
    defer(s, promise, awake, change)
    return True


def _warn(s: Services, promise: Promise, change: Change) -> bool:
    """Not when they did not answer: that they heard from us, or will see on their phone."""
    if promise.warned or promise.attempt or not change.now >= promise.until - promises.WARN:
        return False
    promises.put_back(s, promise, told_later(s, promise, change), change)
    return True


def _overdue(s: Services, promise: Promise, change: Change) -> bool:
    """Told a new time, and that has passed too."""
    escalated = promise.kind is PromiseKind.ESCALATION or not promise.warned
    if escalated or change.now <= promise.until or not promises.supervisors(s):
        return False
    promises.escalate(s, promise, LATE, change)
    return True


def defer(s: Services, promise: Promise, at: float, change: Change) -> Promise:
    """Their night has begun: not now, and not forgotten. No attempt is counted, the place is kept."""
    change.journal("deferred", promise=promise.id)
    fields = {"since": at, "offer": "", "call": "", "intent_at": 0.0, "fence": promise.fence + 1}
    made = promise.state is PromiseState.MADE
    later = replace(promise, **fields) if made else become(promise, PromiseState.MADE, **fields)  # type: ignore[arg-type]  # fields of Promise
    if at >= promise.until and not promise.warned and not promise.attempt:
        later = told_later(s, later, change)
    return promises.put_back(s, promise, later, change)


def told_later(s: Services, promise: Promise, change: Change) -> Promise:
    """They hear it before the time passes, with a new time. Once."""
    start = max(change.now, promise.since)
    _, until = slots.soonest(s, promise.queue, promise.number, promise.member, start)
    warned = replace(promise, until=max(until, promise.until), warned=True, moved=promise.moved + 1)
    change.journal("at risk", promise=promise.id)
    texts.about_promise(s, warned, "text.at_risk", change)
    return warned
