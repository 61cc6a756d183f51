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
from ivr.domain.records.promise import QUEUED, Promise, PromiseKind, PromiseState, become
from ivr.domain.rules import priority
from ivr.domain.schedule import time_zones
from ivr.services import Services
from ivr.store.change import Change
from ivr.store.queries import case_index, promises
from ivr.usecases.customers import open_promises
from ivr.usecases.promises import time_windows
from ivr.usecases.queueing import membership
from ivr.usecases.texting import send as texting_send

CALL_CHECK_SECONDS = 120.0  # seconds until somebody looks whether a silent call still lives
CHECK_SECONDS = 60.0
WARN_CUSTOMER_BEFORE_SECONDS = (
    300.0  # seconds before the time we named: then a customer is told that it will be later
)
ALERT_SUPERVISORS_BEFORE_SECONDS = 600.0  # seconds before it: then supervisors are told that it may be


@dataclass(frozen=True, kw_only=True)
class PromiseRequest:
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
    text_key: str = "text.promised"  # "" = the customer is not told by text

    @property
    def chosen_since(self) -> float:
        """The beginning of the time that they chose; 0 = they chose none."""
        return self.since if self.until else 0.0


def make_promise(
    services: Services, contact: Contact, request: PromiseRequest, change: Change
) -> tuple[Contact, Promise]:
    """Owe the customer of this contact a call. It may be said only after the change is committed (I3)."""
    change.makes_promise = True
    number = request.number or contact.caller.number
    customer = change.get(Customer, contact.caller.number)
    queue = (
        request.queue
        or contact.queue_place.name
        or services.library.get_flow_for_number(contact.caller.called_number).person_queue
    )
    since, until = compute_times(services, request, queue, number, contact.key, change.now)
    contact = give_up_place(contact, change)
    promise = Promise(
        id=services.new_id(),
        kind=request.kind,
        contact=contact.id,
        case=find_or_open_case(services, contact, customer, change),
        customer=contact.caller.number,
        number=number,
        our_number=contact.caller.called_number,
        zone=find_zone(number, change.now),
        language=contact.caller.language,
        name=contact.caller.name,
        queue=queue,
        skills=request.skills or contact.queue_place.skills,
        needs_supervisor=request.supervisor,
        reason=request.reason or contact.reason,
        created_at=change.now,
        not_before=since,
        due_by=until,
        queued_at=priority.arrive_not_before(
            contact.queue_place.queued_at or change.now, request.chosen_since
        ),
        owner=request.owner,
    )
    promise = change.put(None, promise)
    promises.add_scheduled(promise, change)
    change.schedule(promise, since)
    change.log_event("promised", promise=promise.id, contact=contact.id, kind=promise.kind, queue=queue)
    change.touch_topic(f"{Case.record_type}:{promise.case}")
    open_promises.add_to_customers(promise, change)
    if request.text_key:
        texting_send.create_promise_text(services, promise, request.text_key, change)
    return replace(contact, promise=promise.id, case=promise.case), promise


def find_zone(number: str, now: float) -> str:
    """The customer's own zone, where their number tells by which clock they live; else ""."""
    zone = time_zones.choose_zone(phone_numbers.time_zones(number), datetime.fromtimestamp(now, UTC), UTC)
    return str(zone) if zone is not UTC else ""


def compute_times(
    services: Services, request: PromiseRequest, queue: str, number: str, key: str, now: float
) -> tuple[float, float]:
    """(not before, by when). A time at which they sleep moves to the next at which they do not."""
    if request.until:
        since = time_windows.next_callable_time(services, number, max(now, request.since))
        return since, request.until + max(0.0, since - max(now, request.since))
    soon, until = time_windows.find_soonest(services, queue, number, key, max(now, request.since))
    return max(request.since, soon), until


def give_up_place(contact: Contact, change: Change) -> Contact:
    """Out of the queue, because something is owed instead."""
    if contact.state is not ContactState.WAITING:
        return contact
    membership.leave(contact, change)
    change.schedule(contact, change.now + CALL_CHECK_SECONDS)
    return replace(contact.return_to_flow(), leg="")


def set_reason(promise: Promise, reason: str, change: Change) -> None:
    change.put(promise, replace(change.latest(promise), reason=reason))


def find_or_open_case(
    services: Services, contact: Contact, customer: Customer | None, change: Change, *, owner: str = ""
) -> str:
    """The case this contact belongs to; a new one when it belongs to none. `owner`: the agent who took the call, of a new one."""
    if contact.case:
        return contact.case
    case = Case(
        id=services.new_id(),
        customer=contact.caller.number,
        subject=contact.reason,
        owner=owner,
        opened_at=change.now,
    )
    case_index.add_case(change.put(None, case), customer, change)
    return case.id


def ensure_case(services: Services, contact: Contact, change: Change, *, owner: str = "") -> Contact:
    """The contact with a case: whatever is said about it needs a place to stand. The customer's next call finds it there."""
    contact = change.latest(contact)
    if contact.case:
        return contact
    customer = change.get(Customer, contact.caller.number)
    contact = change.put(
        contact, replace(contact, case=find_or_open_case(services, contact, customer, change, owner=owner))
    )
    if customer is not None:
        change.put(customer, replace(customer, open_case=contact.case))
    return contact


def store_open(services: Services, old: Promise, new: Promise, change: Change) -> Promise:
    """Store an open promise in the queue or waiting for its time, and see that somebody looks."""
    if old.state in QUEUED:
        membership.leave_promise(old, change)
    new = change.put(old, new)
    if new.state in QUEUED:
        membership.join_promise(services, new, change)
    change.schedule(new, next_check_time(new, change.now))
    promises.add_scheduled(new, change)
    change.log_event("promise " + new.state.value, promise=new.id, attempt=new.attempts)
    return new


def next_check_time(promise: Promise, now: float) -> float:
    """When somebody must look at an open promise that nobody is at."""
    at = promise.not_before if promise.state is PromiseState.MADE else now + CHECK_SECONDS
    soon = (
        [promise.due_by - ALERT_SUPERVISORS_BEFORE_SECONDS]
        if promise.state in QUEUED and not promise.risk_alerted
        else []
    )
    soon += [promise.due_by - WARN_CUSTOMER_BEFORE_SECONDS] if not promise.delay_announced else []
    return min([at, *(moment for moment in soon if now < moment)])


def end_promise(promise: Promise, state: PromiseState, change: Change, **fields: object) -> Promise:
    """Kept, declined or in a named person's hands: nothing else ends a promise (I2)."""
    promise = change.latest(promise)
    if promise.state in QUEUED:
        membership.leave_promise(promise, change)
    done = change.put(promise, become(promise, state, fence=promise.fence + 1, ended_at=change.now, **fields))
    change.unschedule(done)
    promises.remove_scheduled(done, change)
    late = state is not PromiseState.DECLINED and change.now > promise.due_by > 0
    change.log_event(
        "promise " + state.value, promise=done.id, contact=done.contact, late=1 if late else "", by=done.owner
    )
    open_promises.remove_from_customers(done, {done.number, done.customer}, change)
    return done


def decline_promise(promise: Promise, change: Change, *, channel: str, actor_id: str = "") -> Promise:
    """The customer does not want the call. `channel`: which way they said so; `actor_id`: the colleague who wrote it down."""
    change.log_event("decline requested", promise=promise.id, via=channel, by=actor_id)
    return end_promise(promise, PromiseState.DECLINED, change)


def make_due(services: Services, promise: Promise, change: Change) -> Promise:
    """It is time: into the queue, at its place."""
    if promise.escalated:
        anew = become(promise, PromiseState.ESCALATED, alert_rounds=0, alerted_at=change.now, declined_by=())
        return store_open(services, promise, anew, change)
    return store_open(services, promise, become(promise, PromiseState.DUE), change)


def return_to_queue(services: Services, promise: Promise, change: Change, *, avoid: str = "") -> Promise:
    """No agent took it, or theirs left before the customer was there: the next one, at the same place in the queue."""
    state = PromiseState.ESCALATED if promise.escalated else PromiseState.DUE
    waiting = replace(
        promise,
        state=state,
        leg="",
        call="",
        intent_at=0.0,
        fence=promise.fence + 1,
        declined_by=tuple(sorted({*promise.declined_by, avoid} - {""})),
        not_before=change.now
        if avoid
        else promise.not_before,  # whoever has just passed is not asked again at once
    )
    moved = store_open(services, promise, waiting, change)
    change.schedule(moved, change.now)
    return moved


def list_supervisors_at_work(services: Services) -> list[Agent]:
    """Those who are at work."""
    found = services.store.list_all(Agent)
    return [a for a in found if a.supervisor and a.state is not AgentState.OFFLINE]


def is_promise_made(contact: Contact, change: Change) -> bool:
    """Whether this change owes the contact a call."""
    return change.get_pending(Promise, contact.promise) is not None
