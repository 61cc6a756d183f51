"""Promises as records: made, put back, declined, kept, escalated. Ringing the customer is in keep.py.

Every function writes into the caller's `Change`, so that a promise and what it is made of change together or not at all.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from ivr.domain import numbers
from ivr.domain.agent import Agent, AgentState
from ivr.domain.contact import Contact, ContactState
from ivr.domain.customer import Case, Customer
from ivr.domain.promise import IN_LINE, Promise, PromiseKind, PromiseState, become
from ivr.services import Services
from ivr.store import keys
from ivr.store.change import Change
from ivr.usecases import line, slots, texts

GRACE = 120.0  # seconds until somebody looks whether a silent call still lives
LOOK_AGAIN = 60.0


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a promise is to say. `since` and `until` 0: as soon as it is their turn."""

    kind: PromiseKind = PromiseKind.CALLBACK
    number: str = ""
    queue: str = ""
    skills: tuple[str, ...] = ()
    since: float = 0.0
    until: float = 0.0
    supervisor: bool = False
    owner: str = ""
    reason: str = ""
    text: str = "text.promised"  # "" = the customer is not told by text


def make(s: Services, contact: Contact, wanted: Wanted, change: Change) -> tuple[Contact, Promise]:
    """Owe the customer of this contact a call. It may be said only after the change is committed (I3)."""
    change.owes = True
    number = wanted.number or contact.number
    customer = change.latest(s.store.get(Customer, contact.number))
    queue = wanted.queue or contact.queue or s.library.for_line(contact.line).person
    since, until = wanted.since, wanted.until
    if not until:
        soon, until = slots.soonest(s, replace(contact, queue=queue), max(change.now, since))
        since = max(since, soon)
    zones = numbers.zones(number)
    contact = place_given_up(contact, change)
    promise = Promise(
        id=s.new_id(),
        kind=wanted.kind,
        contact=contact.id,
        case=open_case(s, contact, customer, change),
        number=number,
        line=contact.line,
        zone=zones[0] if len(zones) == 1 else "",
        language=contact.language,
        name=contact.name,
        queue=queue,
        skills=wanted.skills or contact.skills,
        supervisor=wanted.supervisor,
        reason=wanted.reason or contact.reason,
        made_at=change.now,
        since=since,
        until=until,
        arrived=contact.arrived or change.now,
        owner=wanted.owner,
    )
    promise = change.put(None, promise)
    change.op("ZADD", keys.booked(queue), since, promise.id)
    change.wake(promise, since)
    change.journal("promised", promise=promise.id, contact=contact.id, kind=promise.kind, queue=queue)
    if customer is not None:
        change.put(customer, replace(customer, promise=promise.id, case=promise.case))
    if wanted.text and not (customer and customer.no_texts):
        texts.about_promise(s, promise, wanted.text, change)
    return replace(contact, promise=promise.id, case=promise.case), promise


def place_given_up(contact: Contact, change: Change) -> Contact:
    """Out of the line, because something is owed instead."""
    if contact.state is not ContactState.WAITING:
        return contact
    line.leave(contact, change)
    change.wake(contact, change.now + GRACE)
    return replace(contact, state=ContactState.FLOW, offer="")


def give_reason(promise: Promise, words: str, change: Change) -> None:
    change.put(promise, replace(change.latest(promise) or promise, reason=words))


def open_case(s: Services, contact: Contact, customer: Customer | None, change: Change) -> str:
    """The case this contact belongs to; a new one when it belongs to none."""
    if contact.case:
        return contact.case
    case = Case(
        id=s.new_id(),
        customer=customer.id if customer else "",
        subject=contact.reason,
        opened=change.now,
    )
    change.put(None, case)
    return case.id


def put_back(s: Services, old: Promise, new: Promise, change: Change) -> Promise:
    """Store an open promise in the line or waiting for its time, and see that somebody looks."""
    if old.state in IN_LINE:
        line.leave_promise(old, change)
    new = change.put(old, new)
    if new.state in IN_LINE:
        line.join_promise(s, new, change)
    change.wake(new, new.since if new.state is PromiseState.MADE else change.now + LOOK_AGAIN)
    change.op("ZADD", keys.booked(new.queue), new.since, new.id)
    change.journal("promise " + new.state.value, promise=new.id, attempt=new.attempt)
    return new


def end(s: Services, promise: Promise, state: PromiseState, change: Change, **fields: object) -> Promise:
    """Kept, declined or in a named person's hands: nothing else ends a promise (I2)."""
    promise = change.latest(promise) or promise
    if promise.state in IN_LINE:
        line.leave_promise(promise, change)
    done = change.put(promise, become(promise, state, fence=promise.fence + 1, **fields))
    change.rest(done)
    change.op("ZREM", keys.booked(done.queue), done.id)
    late = state is PromiseState.KEPT and change.now > promise.until > 0
    change.journal(
        "promise " + state.value, promise=done.id, contact=done.contact, late=1 if late else "", by=done.owner
    )
    for number in {done.number, _contact_number(s, done, change)} - {""}:
        customer = change.latest(s.store.get(Customer, number))
        if customer is not None and customer.promise == done.id:
            change.put(customer, replace(customer, promise=""))
    return done


def _contact_number(s: Services, promise: Promise, change: Change) -> str:
    contact = change.made(Contact, promise.contact) or s.store.get(Contact, promise.contact)
    return contact.number if contact else ""


def decline(s: Services, promise: Promise, change: Change, *, by: str) -> bool:
    """The customer does not want the call. False when it has ended, or they are talking already."""
    if promise.state in (PromiseState.KEPT, PromiseState.DECLINED, PromiseState.OWNED, PromiseState.TALKING):
        return False
    change.journal("decline asked", promise=promise.id, via=by)
    end(s, promise, PromiseState.DECLINED, change)
    return True


def not_kept(s: Services, promise: Promise, why: str, change: Change) -> Promise:
    """An attempt came to nothing: the next one at its time, the place kept, or supervisors when enough was tried."""
    attempt = promise.attempt + 1
    at = slots.next_try(s, promise.queue, promise.number, attempt, change.now)
    change.journal("attempt failed", promise=promise.id, attempt=attempt, why=why)
    if at is None:
        return escalate(s, replace(promise, attempt=attempt), why, change)
    again = become(
        promise, PromiseState.MADE, attempt=attempt, since=at, offer="", call="", why=why, intent_at=0.0
    )
    again = replace(again, fence=promise.fence + 1)
    return put_back(s, promise, again, change)


def back_to_line(s: Services, promise: Promise, change: Change, *, avoid: str = "") -> Promise:
    """No agent took it: the next one, at the same place in line."""
    state = PromiseState.ESCALATED if promise.kind is PromiseKind.ESCALATION else PromiseState.DUE
    line = replace(promise, offer="", avoid=tuple({*promise.avoid, avoid} - {""}))
    moved = (
        become(line, PromiseState.DUE)
        if state is PromiseState.DUE
        else replace(line, state=PromiseState.ESCALATED)
    )
    moved = put_back(s, promise, moved, change)
    change.wake(moved, change.now)
    return moved


def escalate(s: Services, promise: Promise, why: str, change: Change) -> Promise:
    """Attempts or time exhausted, or the number unusable: supervisors are told, and asked until one has it."""
    base = change.latest(promise) or promise
    up = become(
        promise,
        PromiseState.ESCALATED,
        kind=PromiseKind.ESCALATION,
        supervisor=True,
        why=why,
        offer="",
        call="",
        avoid=(),
        fence=promise.fence + 1,
    )
    up = put_back(s, base, up, change)
    up = put_back(s, base, up, change)
    change.wake(up, change.now)
    change.journal("escalated", promise=promise.id, why=why)
    for agent in s.store.everyone(Agent):
        if agent.supervisor and agent.state is not AgentState.OFFLINE:
            body = s.library.book(agent.languages[0]).text("text.escalated", promise=promise.id)
            texts.send(s, to=agent.phone, line=promise.line, body=body, about=promise.member, change=change)
    return up


def is_made(contact: Contact, change: Change) -> bool:
    """Whether this change owes the contact a call."""
    return change.made(Promise, contact.promise) is not None
