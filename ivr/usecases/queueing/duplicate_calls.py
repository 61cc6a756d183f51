"""One caller in several calls at once: one place in the queue, and one promise when all of them have hung up.

Who rings five times in a minute is in a hurry, or lost the connection before the network noticed. The newest call has the
place, as the one before it may be dead; whoever is still on an older one is told so, and may say that they are somebody else:
one number can be a family's, or a company's. A call that is known less surely takes nothing from one that is attested (I7).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ivr.domain.records.agent_leg import BEFORE_ACCEPT, AgentLeg
from ivr.domain.records.contact import LIVE, Contact, ContactState
from ivr.domain.records.customer import Customer
from ivr.domain.records.promise import QUEUED, Promise, PromiseState, become
from ivr.domain.rules import priority
from ivr.services import Services
from ivr.store.change import Change
from ivr.usecases.dialing import shared_numbers
from ivr.usecases.queueing import membership

MAX_CALLS = 12  # calls of one number that are looked at; more at once are no one person's
CHECK_SECONDS = 60.0


def note_newer_call(services: Services, contact: Contact, change: Change) -> None:
    """A call comes while another of theirs is on the line: that one learns of it, as it may yet be about to stand in a queue."""
    older = services.store.get(Contact, contact.same_number.older_call)
    if older is not None and older.state in (ContactState.FLOW, ContactState.WAITING):
        change.put(older, replace(older, same_number=replace(older.same_number, newer_call=contact.id)))


def take_over_place(services: Services, contact: Contact, change: Change) -> Contact:
    """This call is about to stand in a queue: at the place of theirs that there is, which the other call gives up."""
    if contact.same_number.different_person or not (
        contact.same_number.older_call or contact.same_number.newer_call
    ):
        return contact
    waits = (
        o
        for o in _list_other_calls(services, contact)
        if o.state is ContactState.WAITING and not o.same_number.place_taken_by
    )
    before = next((o for o in waits if o.caller.trust_level <= contact.caller.trust_level), None)
    if before is None:
        return contact
    before = change.latest(before)
    membership.leave(before, change)
    change.put(
        before,
        replace(
            before,
            leg="",
            same_number=replace(before.same_number, place_taken_by=contact.id),
            queue_place=replace(before.queue_place, choice_given_at=0.0),
        ),
    )
    change.schedule(before, change.now + CHECK_SECONDS)
    change.log_event("duplicate call took place", contact=contact.id, other=before.id)
    taken = replace(contact, queue_place=priority.take_over(contact.queue_place, before.queue_place))
    asked = services.store.get(AgentLeg, before.leg)
    if asked is not None and asked.state in BEFORE_ACCEPT and not contact.leg:
        change.put(asked, replace(asked, contact=contact.id))  # whoever is being briefed takes this call
        return replace(taken, leg=asked.id)
    return taken


def hand_over(services: Services, contact: Contact, promise: Promise | None, change: Change) -> str:
    """This call is over, another one of theirs is not: what it had is that one's, whose id it is. "" = there is none."""
    heir = _continuing_call(services, contact)
    if heir is None or (promise is not None and not _may_carry_promise(heir, promise)):
        return ""
    new = replace(heir, queue_place=priority.inherit(heir.queue_place, contact.queue_place, change.now))
    if promise is not None:
        if promise.state in QUEUED:
            membership.leave_promise(promise, change)
        fence = promise.fence + 1  # an agent who is about to be asked for it would be too late
        merged = change.put(promise, become(promise, PromiseState.MERGED, merged_into=heir.id, fence=fence))
        change.schedule(merged, change.now + CHECK_SECONDS)
        new = replace(new, promise=promise.id, case=promise.case)
    if heir.state is ContactState.WAITING and not heir.leg:
        membership.leave(heir, change)
        membership.join(
            services,
            change.put(
                heir,
                replace(
                    new,
                    same_number=replace(new.same_number, place_taken_by=""),
                    queue_place=replace(new.queue_place, choice_given_at=0.0),
                ),
            ),
            change,
        )
    else:
        change.put(heir, new)
    change.log_event("place passed to duplicate call", contact=contact.id, other=heir.id)
    return heir.id


def _may_carry_promise(other: Contact, promise: Promise) -> bool:
    """A call that has not come to a talk yet, and a promise that nobody is at: as when they ring in about it."""
    if promise.state is PromiseState.MERGED:
        return not other.promise
    waits = other.state in (ContactState.FLOW, ContactState.WAITING)
    return waits and not other.promise and promise.state in QUEUED | {PromiseState.MADE}


def has_place_elsewhere(services: Services, contact: Contact) -> bool:
    """Whether another call of theirs has the place. One round trip or more, for such calls only."""
    return any(not other.same_number.place_taken_by for other in _list_other_calls(services, contact))


def take_back_place(
    services: Services, contact: Contact, change: Change, *, different_person: bool
) -> Contact:
    """The place is this call's again: the other one is over, or somebody else's (`different_person`)."""
    here = replace(
        contact,
        same_number=replace(
            contact.same_number,
            place_taken_by="",
            different_person=different_person or contact.same_number.different_person,
        ),
        queue_place=replace(contact.queue_place, choice_given_at=0.0),
    )
    membership.join(services, change.put(contact, here), change)
    return here


def find_continuing_call(services: Services, contact: Contact) -> str:
    """The call of theirs that goes on when this one is over; "" = none."""
    found = (
        _continuing_call(services, contact)
        if contact.same_number.older_call or contact.same_number.newer_call
        else None
    )
    return found.id if found else ""


def _continuing_call(services: Services, contact: Contact) -> Contact | None:
    if contact.same_number.different_person:
        return None
    sure = (
        o for o in _list_other_calls(services, contact) if o.caller.trust_level >= contact.caller.trust_level
    )
    return next(sure, None)


def _list_other_calls(services: Services, contact: Contact) -> Iterator[Contact]:
    """Other live calls of this caller, those that have their place first."""
    customer = services.store.get(Customer, contact.caller.number)
    if customer is None or shared_numbers.is_shared(services, customer):
        return
    seen, names, later = (
        {contact.id, ""},
        [
            contact.same_number.place_taken_by,
            customer.live_contact,
            contact.same_number.older_call,
            contact.same_number.newer_call,
        ],
        [],
    )
    while names and len(seen) < MAX_CALLS:
        name = names.pop(0)
        if name in seen:
            continue
        seen.add(name)
        other = services.store.get(Contact, name)
        if other is None or other.caller.number != contact.caller.number:
            continue
        names += [
            other.same_number.place_taken_by,
            other.same_number.older_call,
            other.same_number.newer_call,
        ]
        if other.state in LIVE and not other.same_number.different_person:
            if other.same_number.place_taken_by:
                later.append(other)
            else:
                yield other
    yield from later
