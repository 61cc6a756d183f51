"""Somebody looks at a promise: what it needs now, found from its state alone. Looking twice does nothing twice."""

from __future__ import annotations

from ivr.domain.records.agent_leg import Offer, OfferState
from ivr.domain.records.contact import Contact, ContactState
from ivr.domain.records.promise import ENDED, Promise, PromiseState
from ivr.services import Services
from ivr.store.change import Change
from ivr.usecases.callbacks import dial as callback_dial
from ivr.usecases.contacts import outcome
from ivr.usecases.promises import attempts as promise_attempts
from ivr.usecases.promises import deadlines
from ivr.usecases.promises import lifecycle as promise_lifecycle


def look(s: Services, name: str) -> bool:
    """False when nothing is owed any more."""
    promise = s.store.get(Promise, name)
    if promise is None or promise.state in ENDED:
        return False
    match promise.state:
        case PromiseState.MADE if s.clock.now() >= promise.since:
            deadlines.fall_due(s, promise)
        case PromiseState.RINGING:
            _ringing(s, promise)
        case PromiseState.DIALLING:
            callback_dial.look(s, promise)
        case PromiseState.TALKING:
            _talking(s, promise)
        case PromiseState.MERGED:
            _merged(s, promise)
        case _:
            deadlines.watch(s, promise)
    return True


def _ringing(s: Services, promise: Promise) -> None:
    """Its offer carries it; one that is over without having said so gives it back."""
    offer = s.store.get(Offer, promise.offer)
    change = Change(now=s.clock.now())
    if offer is None or offer.state is OfferState.OVER:
        promise_lifecycle.back_to_line(s, promise, change)
    else:
        _later(promise, change)
    s.store.commit(change)


def _talking(s: Services, promise: Promise) -> None:
    """Kept needs the agent's word: a talk that ended without it is an attempt."""
    contact = s.store.get(Contact, promise.contact)
    change = Change(now=s.clock.now())
    if contact is None or contact.state is ContactState.ENDED:
        promise_attempts.not_kept(s, promise, "nobody said it was kept", change)
    else:
        _later(promise, change)
    s.store.commit(change)


def _merged(s: Services, promise: Promise) -> None:
    """The contact that carries it decides."""
    contact = s.store.get(Contact, promise.merged)
    change = Change(now=s.clock.now())
    if contact is None or contact.state is ContactState.ENDED:
        promise_lifecycle.put_back(s, promise, outcome.owed_again(promise, change.now), change)
    else:
        _later(promise, change)
    s.store.commit(change)


def _later(promise: Promise, change: Change) -> None:
    change.expect(promise)
    change.wake(promise, change.now + promise_lifecycle.LOOK_AGAIN)
