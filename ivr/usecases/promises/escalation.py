"""What the line cannot keep by itself goes to supervisors: told and rung, again and again, until a person has it.

Nobody's silence ends a promise: it is kept, or the customer declines it, or somebody says with a key that it is theirs.
"""

from __future__ import annotations

from dataclasses import replace

from ivr.domain.records.agent import Agent, AgentState
from ivr.domain.records.promise import Promise, PromiseState, WaitReason, become
from ivr.domain.records.supervisor_alert import AlertCircle, AlertTopic
from ivr.services import Services
from ivr.store.change import Change
from ivr.usecases.promises import lifecycle as promise_lifecycle
from ivr.usecases.promises import supervisor_alerts

ROUND_PAUSES_SECONDS = (
    300.0,
    600.0,
    1200.0,
    2400.0,
    3600.0,
)  # seconds until all are asked anew; the last repeats
WIDEN_AFTER_ROUNDS = 2  # rounds after which those who are not at work are told too
WIDEST_AFTER_ROUNDS = 3


def escalate(services: Services, promise: Promise, reason: str, change: Change) -> Promise:
    """Attempts or time exhausted, or nobody may ring them. What is late may be kept by whoever is free first."""
    base = change.latest(promise)
    up = become(
        promise,
        PromiseState.ESCALATED,
        escalated=True,
        needs_supervisor=promise.needs_supervisor or reason != WaitReason.LATE,
        why=reason,
        leg="",
        call="",
        merged_into="",
        intent_at=0.0,
        not_before=change.now,
        declined_by=(),
        alert_rounds=0,
        alerted_at=change.now,
        fence=promise.fence + 1,
    )
    up = promise_lifecycle.store_open(services, base, up, change)
    change.schedule(up, change.now)
    change.log_event("escalated", promise=promise.id, why=reason)
    supervisor_alerts.schedule_alert(AlertTopic.ESCALATED, up, change)
    return up


def ask_next_round(services: Services, promise: Promise, change: Change) -> bool:
    """Nobody has taken it for a while: everybody is asked anew, those who passed too, and more people are told."""
    pause = ROUND_PAUSES_SECONDS[min(promise.alert_rounds, len(ROUND_PAUSES_SECONDS) - 1)]
    if promise.state is not PromiseState.ESCALATED or change.now < promise.alerted_at + pause:
        return False
    rounds = promise.alert_rounds + 1
    asked = promise_lifecycle.store_open(
        services,
        promise,
        replace(promise, alert_rounds=rounds, alerted_at=change.now, declined_by=()),
        change,
    )
    change.schedule(asked, change.now)
    change.log_event("supervisors asked again", promise=promise.id, round=rounds)
    circle = (
        AlertCircle.AT_WORK
        if rounds < WIDEN_AFTER_ROUNDS
        else AlertCircle.ALL
        if rounds < WIDEST_AFTER_ROUNDS
        else AlertCircle.ALL_AND_FALLBACK
    )
    supervisor_alerts.schedule_alert(AlertTopic.ESCALATED, asked, change, circle)
    return True


def pick_supervisor(services: Services, promise: Promise) -> Agent | None:
    """A supervisor whom the line passes over and who is rung all the same now: away from their desk, but at work.

    One after the other in each round, beginning with the second. Who is available is asked by the line itself, if they can
    serve the queue: what is late is not only for supervisors.
    """
    if promise.state is not PromiseState.ESCALATED or not promise.alert_rounds or promise.leg:
        return None
    passed_over = {AgentState.AWAY} | ({AgentState.AVAILABLE} if not promise.needs_supervisor else set())
    there = [
        a
        for a in services.store.list_all(Agent)
        if a.supervisor and a.state in passed_over and not a.leg and a.id not in promise.declined_by
    ]
    return min(there, key=lambda a: (a.state is AgentState.AWAY, a.state_since, a.id), default=None)
