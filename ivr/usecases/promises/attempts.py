"""An attempt came to nothing: the next one at its time, the place kept, or supervisors when enough was tried."""

from __future__ import annotations

from dataclasses import replace

from ivr.domain.records.agent_leg import AgentLeg
from ivr.domain.records.promise import Promise, PromiseState, become
from ivr.services import Services
from ivr.store.change import Change
from ivr.usecases.promises import escalation, time_windows
from ivr.usecases.promises import lifecycle as promise_lifecycle


def record_failed_attempt(services: Services, promise: Promise, reason: str, change: Change) -> Promise:
    """Busy, no answer, a machine, or no word that they spoke."""
    attempt = promise.attempts + 1
    change.log_event("attempt failed", promise=promise.id, attempt=attempt, why=reason)
    tried = replace(promise, attempts=attempt)
    if promise.escalated:
        return _retry_with_owner(services, tried, reason, change)
    at = time_windows.next_attempt_time(services, promise.queue, promise.number, attempt, change.now)
    if at is None:
        return escalation.escalate(services, tried, reason, change)
    return _retry_at(services, tried, at, reason, change)


def _retry_at(services: Services, promise: Promise, due_at: float, reason: str, change: Change) -> Promise:
    again = become(
        promise,
        PromiseState.MADE,
        not_before=due_at,
        leg="",
        call="",
        why=reason,
        intent_at=0.0,
        merged_into="",
        fence=promise.fence + 1,
    )
    return promise_lifecycle.store_open(services, promise, again, change)


def _retry_with_owner(services: Services, promise: Promise, reason: str, change: Change) -> Promise:
    """Not even the person who took it reached them. They are asked first the next time, and so it goes on, day by day,
    until it is kept or declined, or somebody says that it is in their own hands.
    """
    leg = services.store.get(AgentLeg, promise.leg)
    owner = leg.agent if leg else promise.owner
    at = time_windows.next_attempt_time(
        services, promise.queue, promise.number, promise.attempts, change.now, repeat_last=True
    )
    return _retry_at(
        services,
        replace(promise, owner=owner),
        at or change.now + promise_lifecycle.CHECK_SECONDS,
        reason,
        change,
    )
