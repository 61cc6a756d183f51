"""An attempt came to nothing: the next one at its time, the place kept, or supervisors when enough was tried."""

from __future__ import annotations

from dataclasses import replace

from ivr.domain.records.agent_leg import Offer
from ivr.domain.records.promise import Promise, PromiseKind, PromiseState, become
from ivr.services import Services
from ivr.store.change import Change
from ivr.usecases.promises import escalation, time_windows
from ivr.usecases.promises import lifecycle as promise_lifecycle


def not_kept(s: Services, promise: Promise, why: str, change: Change) -> Promise:
    """Busy, no answer, a machine, or no word that they spoke."""
    attempt = promise.attempt + 1
    change.journal("attempt failed", promise=promise.id, attempt=attempt, why=why)
    tried = replace(promise, attempt=attempt)
    if promise.kind is PromiseKind.ESCALATION:
        return _by_a_person(s, tried, why, change)
    at = time_windows.next_try(s, promise.queue, promise.number, attempt, change.now)
    if at is None:
        return escalation.escalate(s, tried, why, change)
    return _again(s, tried, at, why, change)


def _again(s: Services, promise: Promise, at: float, why: str, change: Change) -> Promise:
    again = become(
        promise,
        PromiseState.MADE,
        since=at,
        offer="",
        call="",
        why=why,
        intent_at=0.0,
        merged="",
        fence=promise.fence + 1,
    )
    return promise_lifecycle.put_back(s, promise, again, change)


def _by_a_person(s: Services, promise: Promise, why: str, change: Change) -> Promise:
    """Not even the person who took it reached them. They are asked first the next time, and so it goes on, day by day,
    until it is kept or declined, or somebody says that it is in their own hands.
    """
    offer = s.store.get(Offer, promise.offer)
    owner = offer.agent if offer else promise.owner
    at = time_windows.next_try(s, promise.queue, promise.number, promise.attempt, change.now, again=True)
    return _again(
        s, replace(promise, owner=owner), at or change.now + promise_lifecycle.LOOK_AGAIN, why, change
    )
