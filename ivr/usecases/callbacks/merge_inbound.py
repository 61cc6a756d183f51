"""They ring while we owe them a call: one matter, one call (I4)."""

from __future__ import annotations

from dataclasses import replace

from ivr.domain.records.agent_leg import Offer, OfferKind
from ivr.domain.records.contact import Contact, ContactState, Outcome, Where
from ivr.domain.records.promise import ENDED, IN_LINE, Promise, PromiseState, become
from ivr.services import Services
from ivr.store.change import Change
from ivr.usecases.contacts import outcome
from ivr.usecases.dialing import number_lock
from ivr.usecases.promises import lifecycle as promise_lifecycle
from ivr.usecases.queueing import membership


def merge(s: Services, contact: Contact, owed: Promise, change: Change) -> tuple[Contact, bool]:
    """This call carries the promise. True when an agent is in a room for them already.

    The fence goes up first, so that whatever was under way is stale.
    """
    if owed.state in IN_LINE:
        membership.leave_promise(owed, change)
    merged = change.put(
        owed,
        become(
            owed,
            PromiseState.MERGED,
            merged=contact.id,
            fence=owed.fence + 1,
            offer="",
            call="",
            intent_at=0.0,
        ),
    )
    change.wake(merged, change.now + promise_lifecycle.LOOK_AGAIN)
    number_lock.look_now(s, owed, change)  # a phone that rings for it stops ringing
    change.journal("promise merged", promise=owed.id, contact=contact.id)
    contact = replace(
        contact, promise=owed.id, case=owed.case, reason=owed.reason, arrived=0.0, queue=owed.queue
    )
    offer = s.store.get(Offer, owed.offer)
    if offer is None:
        return contact, False
    if owed.state is PromiseState.RINGING:  # whoever is being briefed for it takes the caller instead
        change.put(offer, replace(offer, kind=OfferKind.CONTACT, contact=contact.id))
        return replace(contact, offer=offer.id), False
    return _into_their_room(s, contact, offer, change), True


def _into_their_room(s: Services, contact: Contact, offer: Offer, change: Change) -> Contact:
    """Their phone was being rung and an agent waits: the agent comes over to this call."""
    earlier = s.store.get(Contact, offer.contact)
    if earlier is not None and earlier.state is ContactState.CALLING:
        outcome.end(s, earlier, Outcome.PROMISED, change)
    moved = change.put(offer, replace(offer, kind=OfferKind.CONTACT, contact=contact.id, fetch=True))
    change.wake(moved, change.now)
    return replace(
        contact,
        state=ContactState.TALKING,
        offer=offer.id,
        stage=1,
        caller=Where.ROOM,
        agent=Where.COMING,
    )


def turn_to(s: Services, contact: Contact, other: Promise, change: Change) -> Contact | None:
    """It is about another call that we owe them: what was carried is owed as before. None when that cannot be changed now."""
    held = s.store.get(Promise, contact.promise)
    free = other.state not in ENDED | {PromiseState.MERGED, PromiseState.TALKING, PromiseState.DIALLING}
    if not free or contact.offer or held is None or held.state is not PromiseState.MERGED:
        return None
    promise_lifecycle.put_back(s, held, outcome.owed_again(held, change.now), change)
    turned, _ = merge(s, replace(contact, promise="", case=""), other, change)
    change.journal("switched to another callback", contact=contact.id, promise=other.id)
    return turned
