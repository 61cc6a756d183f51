"""Promises as records: made, put back, declined, kept. What is changed of them is in usecases/callbacks/reschedule.py; ringing the customer is
in usecases/callbacks/connect.py and usecases/callbacks/dial.py, what comes of an attempt in attempts.py, what supervisors do in escalation.py.

Every function writes into the caller's `Change`, so that a promise and what it is made of change together or not at all.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from ivr.domain import phone_numbers
from ivr.domain.records.agent import Agent, AgentState
from ivr.domain.records.contact import Contact, ContactState
from ivr.domain.records.customer import Case, Customer
from ivr.domain.records.promise import IN_LINE, Promise, PromiseKind, PromiseState, become
from ivr.domain.schedule import time_zones
from ivr.services import Services
from ivr.store import keys
from ivr.store.change import Change
from ivr.store.queries import case_index
from ivr.usecases.customers import open_promises
from ivr.usecases.promises import time_windows
from ivr.usecases.queueing import membership
from ivr.usecases.texting import send as texting_send

GRACE = 120.0  # seconds until somebody looks whether a silent call still lives
LOOK_AGAIN = 60.0
WARN = 300.0  # seconds before the time we named: then a customer is told that it will be later
FORESEE = 600.0  # seconds before it: then supervisors are told that it may be


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
    since, until = times(s, wanted, queue, number, contact.member, change.now)
    contact = place_given_up(contact, change)
    promise = Promise(
        id=s.new_id(),
        kind=wanted.kind,
        contact=contact.id,
        case=open_case(s, contact, customer, change),
        customer=contact.number,
        number=number,
        line=contact.line,
        zone=zone_of(number, change.now),
        language=contact.language,
        name=contact.name,
        queue=queue,
        skills=wanted.skills or contact.skills,
        supervisor=wanted.supervisor,
        reason=wanted.reason or contact.reason,
        made_at=change.now,
        since=since,
        until=until,
        arrived=place(wanted, contact.arrived or change.now),
        owner=wanted.owner,
    )
    promise = change.put(None, promise)
    change.op("ZADD", keys.booked(queue), since, promise.id)
    change.wake(promise, since)
    change.journal("promised", promise=promise.id, contact=contact.id, kind=promise.kind, queue=queue)
    change.touch(f"{Case.noun}:{promise.case}")
    open_promises.point(s, promise, change)
    if wanted.text:
        texting_send.about_promise(s, promise, wanted.text, change)
    return replace(contact, promise=promise.id, case=promise.case), promise


def zone_of(number: str, now: float) -> str:
    """The customer's own zone, where their number tells by which clock they live; else ""."""
    zone = time_zones.of(phone_numbers.zones(number), datetime.fromtimestamp(now, UTC), UTC)
    return str(zone) if zone is not UTC else ""


def times(
    s: Services, wanted: Wanted, queue: str, number: str, member: str, now: float
) -> tuple[float, float]:
    """(not before, by when). A time at which they sleep moves to the next at which they do not."""
    if wanted.until:
        since = time_windows.awake(s, number, max(now, wanted.since))
        return since, wanted.until + max(0.0, since - max(now, wanted.since))
    soon, until = time_windows.soonest(s, queue, number, member, max(now, wanted.since))
    return max(wanted.since, soon), until


def place(wanted: Wanted, kept: float) -> float:
    """A chosen time is a place of its own: whoever chose to be called tomorrow does not stand before those who wait then."""
    return max(kept, wanted.since) if wanted.until else kept


def place_given_up(contact: Contact, change: Change) -> Contact:
    """Out of the line, because something is owed instead."""
    if contact.state is not ContactState.WAITING:
        return contact
    membership.leave(contact, change)
    change.wake(contact, change.now + GRACE)
    return replace(contact, state=ContactState.FLOW, offer="")


def give_reason(promise: Promise, words: str, change: Change) -> None:
    change.put(promise, replace(change.latest(promise) or promise, reason=words))


def open_case(
    s: Services, contact: Contact, customer: Customer | None, change: Change, *, owner: str = ""
) -> str:
    """The case this contact belongs to; a new one when it belongs to none. `owner`: the agent who took the call, of a new one."""
    if contact.case:
        return contact.case
    case = Case(
        id=s.new_id(),
        customer=contact.number,
        subject=contact.reason,
        owner=owner,
        opened=change.now,
    )
    case_index.opened(change.put(None, case), customer, change)
    return case.id


def cased(s: Services, contact: Contact, change: Change, *, owner: str = "") -> Contact:
    """The contact with a case: whatever is said about it needs a place to stand. The customer's next call finds it there."""
    contact = change.latest(contact) or contact
    if contact.case:
        return contact
    customer = change.latest(s.store.get(Customer, contact.number))
    contact = change.put(contact, replace(contact, case=open_case(s, contact, customer, change, owner=owner)))
    if customer is not None:
        change.put(customer, replace(customer, case=contact.case))
    return contact


def put_back(s: Services, old: Promise, new: Promise, change: Change) -> Promise:
    """Store an open promise in the line or waiting for its time, and see that somebody looks."""
    if old.state in IN_LINE:
        membership.leave_promise(old, change)
    new = change.put(old, new)
    if new.state in IN_LINE:
        membership.join_promise(s, new, change)
    change.wake(new, next_look(new, change.now))
    change.op("ZADD", keys.booked(new.queue), new.since, new.id)
    change.journal("promise " + new.state.value, promise=new.id, attempt=new.attempt)
    return new


def next_look(promise: Promise, now: float) -> float:
    """When somebody must look at an open promise that nobody is at."""
    at = promise.since if promise.state is PromiseState.MADE else now + LOOK_AGAIN
    soon = [promise.until - FORESEE] if promise.state in IN_LINE and not promise.at_risk else []
    soon += [promise.until - WARN] if not promise.warned else []
    return min([at, *(moment for moment in soon if now < moment)])


def end(s: Services, promise: Promise, state: PromiseState, change: Change, **fields: object) -> Promise:
    """Kept, declined or in a named person's hands: nothing else ends a promise (I2)."""
    promise = change.latest(promise) or promise
    if promise.state in IN_LINE:
        membership.leave_promise(promise, change)
    done = change.put(promise, become(promise, state, fence=promise.fence + 1, ended=change.now, **fields))
    change.rest(done)
    change.op("ZREM", keys.booked(done.queue), done.id)
    late = state is not PromiseState.DECLINED and change.now > promise.until > 0
    change.journal(
        "promise " + state.value, promise=done.id, contact=done.contact, late=1 if late else "", by=done.owner
    )
    open_promises.unpoint(s, done, {done.number, done.customer}, change)
    return done


def decline(s: Services, promise: Promise, change: Change, *, by: str, who: str = "") -> Promise:
    """The customer does not want the call. `by`: which way they said so; `who`: the colleague who wrote it down."""
    change.journal("decline requested", promise=promise.id, via=by, by=who)
    return end(s, promise, PromiseState.DECLINED, change)


def due(s: Services, promise: Promise, change: Change) -> Promise:
    """It is time: into the line, at its place."""
    if promise.kind is PromiseKind.ESCALATION:
        anew = become(promise, PromiseState.ESCALATED, rounds=0, asked_at=change.now, avoid=())
        return put_back(s, promise, anew, change)
    return put_back(s, promise, become(promise, PromiseState.DUE), change)


def back_to_line(s: Services, promise: Promise, change: Change, *, avoid: str = "") -> Promise:
    """No agent took it, or theirs left before the customer was there: the next one, at the same place in line."""
    state = PromiseState.ESCALATED if promise.kind is PromiseKind.ESCALATION else PromiseState.DUE
    waiting = replace(
        promise,
        state=state,
        offer="",
        call="",
        intent_at=0.0,
        fence=promise.fence + 1,
        avoid=tuple(sorted({*promise.avoid, avoid} - {""})),
        since=change.now if avoid else promise.since,  # whoever has just passed is not asked again at once
    )
    moved = put_back(s, promise, waiting, change)
    change.wake(moved, change.now)
    return moved


def supervisors(s: Services) -> list[Agent]:
    """Those who are at work."""
    found = s.store.everyone(Agent)
    return [a for a in found if a.supervisor and a.state is not AgentState.OFFLINE]


def is_made(contact: Contact, change: Change) -> bool:
    """Whether this change owes the contact a call."""
    return change.made(Promise, contact.promise) is not None
