"""What the line cannot keep by itself goes to supervisors: told and rung, again and again, until a person has it.

Nobody's silence ends a promise: it is kept, or the customer declines it, or somebody says with a key that it is theirs.
"""

from __future__ import annotations

from dataclasses import replace

from ivr.domain.records.agent import Agent, AgentState
from ivr.domain.records.promise import Promise, PromiseKind, PromiseState, become
from ivr.domain.records.supervisor_alert import Circle, Topic
from ivr.services import Services
from ivr.store.change import Change
from ivr.usecases.promises import lifecycle as promise_lifecycle
from ivr.usecases.promises import supervisor_alerts

UNUSABLE = "unusable"  # the number cannot be called
NO_CALLS = "no calls"  # they asked not to be called
LATE = "late"
BY_HAND = frozenset({UNUSABLE, NO_CALLS})  # no phone of theirs is rung by us: a person decides what to do

PAUSES = (300.0, 600.0, 1200.0, 2400.0, 3600.0)  # seconds until all are asked anew; the last repeats
WIDER = 2  # rounds after which those who are not at work are told too
WIDEST = 3


def escalate(s: Services, promise: Promise, why: str, change: Change) -> Promise:
    """Attempts or time exhausted, or nobody may ring them. What is late may be kept by whoever is free first."""
    base = change.latest(promise) or promise
    up = become(
        promise,
        PromiseState.ESCALATED,
        kind=PromiseKind.ESCALATION,
        supervisor=promise.supervisor or why != LATE,
        why=why,
        offer="",
        call="",
        merged="",
        intent_at=0.0,
        since=change.now,
        avoid=(),
        rounds=0,
        asked_at=change.now,
        fence=promise.fence + 1,
    )
    up = promise_lifecycle.put_back(s, base, up, change)
    change.wake(up, change.now)
    change.journal("escalated", promise=promise.id, why=why)
    supervisor_alerts.of(s, Topic.ESCALATED, up, change)
    return up


def next_round(s: Services, promise: Promise, change: Change) -> bool:
    """Nobody has taken it for a while: everybody is asked anew, those who passed too, and more people are told."""
    pause = PAUSES[min(promise.rounds, len(PAUSES) - 1)]
    if promise.state is not PromiseState.ESCALATED or change.now < promise.asked_at + pause:
        return False
    rounds = promise.rounds + 1
    asked = promise_lifecycle.put_back(
        s, promise, replace(promise, rounds=rounds, asked_at=change.now, avoid=()), change
    )
    change.wake(asked, change.now)
    change.journal("supervisors asked again", promise=promise.id, round=rounds)
    circle = Circle.AT_WORK if rounds < WIDER else Circle.ALL if rounds < WIDEST else Circle.ANYBODY
    supervisor_alerts.of(s, Topic.ESCALATED, asked, change, circle)
    return True


def whom(s: Services, promise: Promise) -> Agent | None:
    """A supervisor whom the line passes over and who is rung all the same now: away from their desk, but at work.

    One after the other in each round, beginning with the second. Who is available is asked by the line itself, if they can
    serve the queue: what is late is not only for supervisors.
    """
    if promise.state is not PromiseState.ESCALATED or not promise.rounds or promise.offer:
        return None
    passed_over = {AgentState.AWAY} | ({AgentState.AVAILABLE} if not promise.supervisor else set())
    there = [
        a
        for a in s.store.everyone(Agent)
        if a.supervisor and a.state in passed_over and not a.offer and a.id not in promise.avoid
    ]
    return min(there, key=lambda a: (a.state is AgentState.AWAY, a.since, a.id), default=None)
