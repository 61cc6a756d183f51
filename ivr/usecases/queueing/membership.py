"""Standing in line: callers and callbacks whose turn is kept stand in the same one, by the time they first arrived."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping

from ivr.domain.records.agent import Agent, AgentState
from ivr.domain.records.contact import Contact, ContactState
from ivr.domain.records.promise import Promise, PromiseKind
from ivr.services import Services
from ivr.store.change import Change
from ivr.store.queries import queues
from ivr.usecases.customers import caller_context

OVERDUE_BOOST = 3600.0  # seconds ahead in line
OWNERS = 300.0  # seconds for which a follow-up waits for whoever promised it
BEFORE = 300.0  # seconds before the time that was said at which it is anybody's


def join(s: Services, contact: Contact, change: Change) -> None:
    change.join_line(
        member=contact.member,
        needs=_needs(contact),
        queue=contact.queue,
        score=contact.arrived - contact.boost,
        waiting={
            "id": contact.member,
            "kind": "contact",
            "queue": contact.queue,
            "skills": sorted(caller_context.required(s, contact.queue)),
            "wished": list(contact.skills),
            "language": contact.language,
            "supervisor": contact.supervisor,
            "arrived": contact.arrived,
            "boost": contact.boost,
            "own": (own := json.loads(contact.situation or "{}").get("own", "")),
            "own_because": "was asked for by the caller" if contact.wish_until else "",
            "own_until": 0.0 if own in contact.avoid else contact.wish_until,
            "avoid": list(contact.avoid),
            "passed": contact.passed,
        },
    )
    change.wake(contact, change.now)


def widens(s: Services, contact: Contact, now: float) -> float:
    """When more people may take a waiting caller than now; for ever when that is not to come."""
    if contact.state is not ContactState.WAITING:
        return math.inf
    queue = s.library.queue(contact.queue)
    at = contact.arrived + queue.widen
    return at if queue.widen and at > now and (contact.skills or queue.overflow) else math.inf


def crowded(s: Services, callers: Mapping[str, int]) -> frozenset[str]:
    """The queues in which as many callers stand as may: whoever comes now is offered a promise."""
    return frozenset(queue for queue, many in callers.items() if many >= s.library.queue(queue).max_waiting)


def leave(contact: Contact, change: Change) -> None:
    change.leave_line(member=contact.member, needs=_needs(contact), queue=contact.queue)


def _needs(contact: Contact) -> str:
    return queues.needs(contact.queue, contact.skills, contact.language, supervisor=contact.supervisor)


def join_promise(s: Services, promise: Promise, change: Change) -> None:
    """Beside the callers, at the place they first had; supervisors for what was escalated."""
    overdue = OVERDUE_BOOST if promise.warned or 0 < promise.until <= change.now else 0.0
    change.join_line(
        member=promise.member,
        needs=_promise_needs(promise),
        queue=promise.queue,
        score=promise.arrived - overdue,
        waiting={
            "id": promise.member,
            "kind": "promise",
            "queue": promise.queue,
            "skills": [] if promise.supervisor else sorted(caller_context.required(s, promise.queue)),
            "wished": list(promise.skills),
            "language": promise.language,
            "supervisor": promise.supervisor,
            "arrived": promise.arrived,
            "boost": overdue,
            "own": promise.owner,
            "own_until": _owners_until(s, promise, change),
            "avoid": list(promise.avoid),
            "not_before": promise.since,
        },
    )


def _owners_until(s: Services, promise: Promise, change: Change) -> float:
    """Whoever said that they would ring does so, if they are at work and soon free; the time that was said comes first."""
    if promise.kind is not PromiseKind.FOLLOW_UP or promise.owner in promise.avoid:
        return 0.0
    owner = change.latest(s.store.get(Agent, promise.owner))
    if owner is None or owner.state is AgentState.OFFLINE:
        return 0.0
    return min(change.now + OWNERS, promise.until - BEFORE)


def _promise_needs(promise: Promise) -> str:
    return queues.needs(promise.queue, promise.skills, promise.language, supervisor=promise.supervisor)


def leave_promise(promise: Promise, change: Change) -> None:
    change.leave_line(member=promise.member, needs=_promise_needs(promise), queue=promise.queue)
