"""They ring while we owe them a call: one matter, one call (I4)."""

from __future__ import annotations

from dataclasses import replace

from ivr.domain.records.agent_leg import AgentLeg, LegKind
from ivr.domain.records.contact import Contact, ContactState, Outcome
from ivr.domain.records.promise import ENDED, QUEUED, Promise, PromiseState, become
from ivr.services import Services
from ivr.store.change import Change
from ivr.usecases.contacts import outcome
from ivr.usecases.dialing import number_lock
from ivr.usecases.promises import lifecycle as promise_lifecycle
from ivr.usecases.queueing import membership


def merge(services: Services, contact: Contact, promise: Promise, change: Change) -> tuple[Contact, bool]:
    """This call carries the promise. True when an agent is in a conference for them already.

    The fence goes up first, so that whatever was under way is stale.
    """
    if promise.state in QUEUED:
        membership.leave_promise(promise, change)
    merged = change.put(
        promise,
        become(
            promise,
            PromiseState.MERGED,
            merged_into=contact.id,
            fence=promise.fence + 1,
            leg="",
            call="",
            intent_at=0.0,
        ),
    )
    change.schedule(merged, change.now + promise_lifecycle.CHECK_SECONDS)
    number_lock.schedule_check(services, promise, change)  # a phone that rings for it stops ringing
    change.log_event("promise merged", promise=promise.id, contact=contact.id)
    contact = replace(
        contact,
        promise=promise.id,
        case=promise.case,
        reason=promise.reason,
        queue_place=replace(contact.queue_place, queued_at=0.0, name=promise.queue),
    )
    leg = services.store.get(AgentLeg, promise.leg)
    if leg is None:
        return contact, False
    if promise.state is PromiseState.RINGING:  # whoever is being briefed for it takes the caller instead
        change.put(leg, replace(leg, kind=LegKind.CONTACT, contact=contact.id))
        return replace(contact, leg=leg.id), False
    return _move_agent_to_call(services, contact, leg, change), True


def _move_agent_to_call(services: Services, contact: Contact, leg: AgentLeg, change: Change) -> Contact:
    """Their phone was being rung and an agent waits: the agent comes over to this call."""
    earlier = services.store.get(Contact, leg.contact)
    if earlier is not None and earlier.state is ContactState.CALLING:
        outcome.end_contact(services, earlier, Outcome.PROMISED, change)
    moved = change.put(
        leg,
        replace(leg, kind=LegKind.CONTACT, contact=contact.id).request_redirect(),
    )
    change.schedule(moved, change.now)
    return contact.receive_agent(leg.id)


def switch_promise(services: Services, contact: Contact, other: Promise, change: Change) -> Contact | None:
    """It is about another call that we owe them: what was carried is owed as before. None when that cannot be changed now."""
    held = services.store.get(Promise, contact.promise)
    free = other.state not in ENDED | {PromiseState.MERGED, PromiseState.TALKING, PromiseState.DIALING}
    if not free or contact.leg or held is None or held.state is not PromiseState.MERGED:
        return None
    promise_lifecycle.store_open(services, held, outcome.reopen_promise(held, change.now), change)
    turned, _ = merge(services, replace(contact, promise="", case=""), other, change)
    change.log_event("switched to another callback", contact=contact.id, promise=other.id)
    return turned
