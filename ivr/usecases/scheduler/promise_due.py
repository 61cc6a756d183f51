"""Somebody looks at a promise: what it needs now, found from its state alone. Looking twice does nothing twice."""

from __future__ import annotations

from ivr.domain.records.agent_leg import AgentLeg, LegState
from ivr.domain.records.contact import Contact, ContactState
from ivr.domain.records.promise import ENDED, Promise, PromiseState
from ivr.services import Services
from ivr.store.change import Change
from ivr.usecases.callbacks import dial as callback_dial
from ivr.usecases.contacts import outcome
from ivr.usecases.promises import attempts as promise_attempts
from ivr.usecases.promises import deadlines
from ivr.usecases.promises import lifecycle as promise_lifecycle


def process_due(services: Services, promise_id: str) -> bool:
    """False when nothing is owed any more."""
    promise = services.store.get(Promise, promise_id)
    if promise is None or promise.state in ENDED:
        return False
    match promise.state:
        case PromiseState.MADE if services.clock.now() >= promise.not_before:
            deadlines.queue_or_defer(services, promise)
        case PromiseState.RINGING:
            _check_ringing(services, promise)
        case PromiseState.DIALING:
            callback_dial.process_due(services, promise)
        case PromiseState.TALKING:
            _check_talking(services, promise)
        case PromiseState.MERGED:
            _check_merged(services, promise)
        case _:
            deadlines.check_deadlines(services, promise)
    return True


def _check_ringing(services: Services, promise: Promise) -> None:
    """Its leg carries it; one that is over without having said so gives it back."""
    leg = services.store.get(AgentLeg, promise.leg)
    change = services.store.begin()
    if leg is None or leg.state is LegState.ENDED:
        promise_lifecycle.return_to_queue(services, promise, change)
    else:
        _reschedule(promise, change)
    services.store.commit_best_effort(change)


def _check_talking(services: Services, promise: Promise) -> None:
    """Kept needs the agent's disposition: a talk that ended without it is an attempt."""
    contact = services.store.get(Contact, promise.contact)
    change = services.store.begin()
    if contact is None or contact.state is ContactState.ENDED:
        promise_attempts.record_failed_attempt(services, promise, "nobody said it was kept", change)
    else:
        _reschedule(promise, change)
    services.store.commit_best_effort(change)


def _check_merged(services: Services, promise: Promise) -> None:
    """The contact that carries it decides."""
    contact = services.store.get(Contact, promise.merged_into)
    change = services.store.begin()
    if contact is None or contact.state is ContactState.ENDED:
        promise_lifecycle.store_open(services, promise, outcome.reopen_promise(promise, change.now), change)
    else:
        _reschedule(promise, change)
    services.store.commit_best_effort(change)


def _reschedule(promise: Promise, change: Change) -> None:
    change.expect(promise)
    change.schedule(promise, change.now + promise_lifecycle.CHECK_SECONDS)
