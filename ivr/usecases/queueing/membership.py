"""Standing in a queue: callers and callbacks whose turn is kept stand in the same one, in the order of `domain/rules/priority.py`."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping

from ivr.domain.promise_kinds import get_rules
from ivr.domain.records.agent import Agent, AgentState
from ivr.domain.records.contact import Contact, ContactState
from ivr.domain.records.promise import Promise
from ivr.domain.rules import priority
from ivr.services import Services
from ivr.store.change import Change
from ivr.store.queries import queues
from ivr.usecases.queueing import capacity

OWNER_WAIT_SECONDS = 300.0  # seconds for which a follow-up waits for whoever promised it
OWNER_MARGIN_SECONDS = 300.0  # seconds before the time that was said at which it is anybody's


def join(services: Services, contact: Contact, change: Change) -> None:
    place = contact.queue_place
    change.join_queue(
        record_key=contact.key,
        requirements=_requirements(contact),
        queue=place.name,
        score=priority.compute_place(place.queued_at, place.boost_seconds),
        waiting={
            "id": contact.key,
            "kind": "contact",
            "queue": place.name,
            "skills": sorted(capacity.required_skills(services, place.name)),
            "wished": list(place.skills),
            "language": contact.caller.language,
            "supervisor": place.needs_supervisor,
            "arrived": place.queued_at,
            "boost": place.boost_seconds,
            "own": (own := json.loads(contact.flow_progress.caller_context or "{}").get("own", "")),
            "own_because": "was asked for by the caller" if place.preferred_agent_until else "",
            "own_until": 0.0 if own in place.declined_by else place.preferred_agent_until,
            "avoid": list(place.declined_by),
            "passed": place.declined_at,
        },
    )
    change.schedule(contact, change.now)


def next_relaxation_at(services: Services, contact: Contact, now: float) -> float:
    """When more people may take a waiting caller than now; for ever when that is not to come."""
    if contact.state is not ContactState.WAITING:
        return math.inf
    queue = services.library.get_queue(contact.queue_place.name)
    at = contact.queue_place.queued_at + queue.widen
    return at if queue.widen and at > now and (contact.queue_place.skills or queue.overflow) else math.inf


def list_full_queues(services: Services, callers: Mapping[str, int]) -> frozenset[str]:
    """The queues in which as many callers stand as may: whoever comes now is offered a promise."""
    return frozenset(
        queue for queue, many in callers.items() if many >= services.library.get_queue(queue).max_waiting
    )


def leave(contact: Contact, change: Change) -> None:
    change.leave_queue(
        record_key=contact.key, requirements=_requirements(contact), queue=contact.queue_place.name
    )


def _requirements(contact: Contact) -> str:
    return queues.format_requirements(
        contact.queue_place.name,
        contact.queue_place.skills,
        contact.caller.language,
        supervisor=contact.queue_place.needs_supervisor,
    )


def join_promise(services: Services, promise: Promise, change: Change) -> None:
    """Beside the callers, at the place they first had; supervisors for what was escalated."""
    boost = priority.grant_to_callback(promise, change.now)
    change.join_queue(
        record_key=promise.key,
        requirements=_promise_requirements(promise),
        queue=promise.queue,
        score=priority.compute_place(promise.queued_at, boost),
        waiting={
            "id": promise.key,
            "kind": "promise",
            "queue": promise.queue,
            "skills": []
            if promise.needs_supervisor
            else sorted(capacity.required_skills(services, promise.queue)),
            "wished": list(promise.skills),
            "language": promise.language,
            "supervisor": promise.needs_supervisor,
            "arrived": promise.queued_at,
            "boost": boost,
            "own": promise.owner,
            "own_until": _owner_preferred_until(promise, change),
            "avoid": list(promise.declined_by),
            "not_before": promise.not_before,
        },
    )


def _owner_preferred_until(promise: Promise, change: Change) -> float:
    """Whoever said that they would ring does so, if they are at work and soon free; the time that was said comes first."""
    waits = get_rules(promise.kind).waits_for_owner and not promise.escalated
    if not waits or promise.owner in promise.declined_by:
        return 0.0
    owner = change.get(Agent, promise.owner)
    if owner is None or owner.state is AgentState.OFFLINE:
        return 0.0
    return min(change.now + OWNER_WAIT_SECONDS, promise.due_by - OWNER_MARGIN_SECONDS)


def _promise_requirements(promise: Promise) -> str:
    return queues.format_requirements(
        promise.queue, promise.skills, promise.language, supervisor=promise.needs_supervisor
    )


def leave_promise(promise: Promise, change: Change) -> None:
    change.leave_queue(
        record_key=promise.key, requirements=_promise_requirements(promise), queue=promise.queue
    )
