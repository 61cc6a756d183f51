"""Who is offered to whom: the router decides in plain Python, the reservation is one compare-and-set."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ivr.domain import routing
from ivr.domain.agent import Agent, AgentState, reserve
from ivr.domain.contact import Contact, ContactState
from ivr.domain.errors import IllegalTransition
from ivr.domain.offer import Offer, OfferKind
from ivr.domain.promise import IN_LINE, Promise, PromiseState, become
from ivr.services import Services
from ivr.store import lines
from ivr.store.change import Change
from ivr.usecases import lateness, line, slots

MOST = 50  # rounds; each makes at least one offer


def route(s: Services) -> list[Offer]:
    """Match all that can be matched now. The offers are on disk and due: whoever looks at them rings.

    The heads of the lines are enough for a first match; so look again until there is none.
    """
    rules = routing.Rules()
    made: list[Offer] = []
    for _ in range(MOST):
        waiting, idle = lines.heads(s.store, window=rules.own_window)
        if not waiting or not idle:
            break
        now = s.clock.now()
        matches = routing.match([_waiting(w) for w in waiting], [_idle(i) for i in idle], now, rules)
        offers = [offer for m in matches if (offer := _reserve(s, m, now)) is not None]
        if not offers:
            break
        made += offers
    return made


def _reserve(s: Services, match: routing.Match, now: float) -> Offer | None:
    """None when somebody else was quicker; they will route again."""
    noun, _, name = match.waiting.id.partition(":")
    agent = s.store.get(Agent, match.agent.id)
    if agent is None:
        return None
    kind: type[Contact | Promise] = Contact if noun == "contact" else Promise
    subject = s.store.get(kind, name)
    change = Change(now=now)
    if isinstance(subject, Contact):
        return _to_contact(s, subject, agent, match.why, change)
    if isinstance(subject, Promise):
        return _to_promise(s, subject, agent, match.why, change)
    return None


def _to_contact(s: Services, contact: Contact, agent: Agent, why: str, change: Change) -> Offer | None:
    if contact.state is not ContactState.WAITING or contact.offer:
        return None
    offer = Offer(
        id=s.new_id(),
        kind=OfferKind.CONTACT,
        agent=agent.id,
        contact=contact.id,
        promise=contact.promise,
        line=contact.line,
        why=why,
        made=change.now,
    )
    line.leave(contact, change)
    change.put(contact, replace(contact, offer=offer.id))
    return _make(s, offer, agent, change)


def _to_promise(s: Services, promise: Promise, agent: Agent, why: str, change: Change) -> Offer | None:
    if promise.state not in IN_LINE or promise.offer:
        return None
    if (awake := slots.awake(s, promise.number, change.now)) > change.now:  # their night has begun
        lateness.defer(s, promise, awake, change)
        s.store.commit(change)
        return None
    offer = Offer(
        id=s.new_id(),
        kind=OfferKind.PROMISE,
        agent=agent.id,
        contact=promise.contact,
        promise=promise.id,
        line=promise.line,
        why=why,
        made=change.now,
    )
    line.leave_promise(promise, change)
    ringing = become(promise, PromiseState.RINGING, offer=offer.id)
    change.put(promise, ringing)
    change.wake(ringing, change.now + 120)
    return _make(s, offer, agent, change)


def reserve_for_consult(s: Services, offer: Offer, agent: Agent, change: Change) -> Offer | None:
    """A colleague asked for by name or role, not by the line. None when they are not free any more."""
    if agent.state is not AgentState.AVAILABLE:
        return None
    return _make(s, offer, agent, change)


def _make(s: Services, offer: Offer, agent: Agent, change: Change) -> Offer | None:
    try:
        change.put(agent, reserve(agent, offer.id, change.now))
    except IllegalTransition:
        return None
    made = change.put(None, offer)
    change.wake(made, change.now)
    change.journal(
        "offer", offer=offer.id, contact=offer.contact, promise=offer.promise, agent=agent.id, kind=offer.kind
    )
    return made if s.store.commit(change) else None


def _waiting(w: dict[str, Any]) -> routing.Waiting:
    return routing.Waiting(
        id=w["id"],
        kind=routing.Kind(w["kind"]),
        queue=w["queue"],
        needs=routing.Needs(
            skills=frozenset(w["skills"]),
            wished=frozenset(w["wished"]),
            language=w["language"],
            supervisor=w["supervisor"],
        ),
        arrived=w["arrived"],
        boost=w["boost"],
        own=w["own"],
        not_before=w.get("not_before", 0.0),
        avoid=frozenset(w["avoid"]),
    )


def _idle(i: dict[str, Any]) -> routing.Idle:
    ability = routing.Ability(
        skills=frozenset(i["skills"]), languages=frozenset(i["languages"]), supervisor=i["supervisor"]
    )
    return routing.Idle(id=i["id"], ability=ability, since=i["since"])
