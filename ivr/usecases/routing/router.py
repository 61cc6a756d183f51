"""Who is offered to whom: the router decides in plain Python, the reservation is one compare-and-set."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ivr.domain.errors import IllegalTransition
from ivr.domain.records.agent import Agent, AgentState, reserve, summon
from ivr.domain.records.agent_leg import Offer, OfferKind
from ivr.domain.records.contact import Contact, ContactState
from ivr.domain.records.promise import IN_LINE, Promise, PromiseState, become
from ivr.domain.rules import routing
from ivr.services import Services
from ivr.store.change import Change
from ivr.store.queries import queues
from ivr.usecases.customers import caller_context
from ivr.usecases.promises import deadlines
from ivr.usecases.quarantine import state as quarantine_state
from ivr.usecases.queueing import membership

MOST = 50  # rounds; each makes at least one offer


def route(s: Services) -> list[Offer]:
    """Match all that can be matched now. The offers are on disk and due: whoever looks at them rings.

    The heads of the lines are enough for a first match; so look again until nothing comes of it.
    """
    rules = routing.Rules()
    made: list[Offer] = []
    for _ in range(MOST):
        waiting, idle = queues.heads(s.store)
        waiting = quarantine_state.routes(s, waiting)
        if not waiting or not idle:
            break
        now = s.clock.now()
        line_ = [_waiting(s, w) for w in waiting]
        matches = routing.match(line_, [_idle(i) for i in idle], now, rules)
        if not sum(_settle(s, m, now, made) for m in matches):  # each is tried
            break
    return made


def _settle(s: Services, match: routing.Match, now: float, made: list[Offer]) -> bool:
    """Reserve them for each other. True when it is worth looking again: also when a record had just moved on.

    It may have been no more than a word to the waiting caller, and nobody else would route because of that.
    """
    noun, _, name = match.waiting.id.partition(":")
    agent = s.store.get(Agent, match.agent.id)
    subject = s.store.get(Contact, name) if noun == "contact" else s.store.get(Promise, name)
    if agent is None:
        return False
    change = Change(now=now)
    if subject is None or not _stands(subject):
        return _not_there(s, match.waiting, subject, change)
    if isinstance(subject, Promise) and deadlines.to_a_person(s, subject, change):
        return s.store.commit(change)
    if isinstance(subject, Promise) and (at := deadlines.asleep_until(s, subject, now)) > now:
        deadlines.defer(s, subject, at, change)  # their night has begun
        return s.store.commit(change)
    reserve_ = _to_contact if isinstance(subject, Contact) else _to_promise
    offer = reserve_(s, subject, agent, match.why, change)  # type: ignore[arg-type]  # each takes its own
    made += [offer] if offer else []
    return True


def _stands(subject: Contact | Promise) -> bool:
    waits = subject.state is ContactState.WAITING or subject.state in IN_LINE
    return waits and not subject.offer


def _not_there(
    s: Services, waiting: routing.Waiting, subject: Contact | Promise | None, change: Change
) -> bool:
    """In line by the index and not by the record: out of it, or everybody behind would wait for nobody."""
    if subject is not None:
        change.expect(subject)
    needs = waiting.needs
    change.leave_line(
        member=waiting.id,
        needs=queues.needs(waiting.queue, tuple(needs.wished), needs.language, supervisor=needs.supervisor),
        queue=waiting.queue,
    )
    change.journal("left queue without record", member=waiting.id)
    return s.store.commit(change)


def _to_contact(s: Services, contact: Contact, agent: Agent, why: str, change: Change) -> Offer | None:
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
    membership.leave(contact, change)
    change.put(contact, replace(contact, offer=offer.id))
    return _make(s, offer, agent, change)


def _to_promise(s: Services, promise: Promise, agent: Agent, why: str, change: Change) -> Offer | None:
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
    membership.leave_promise(promise, change)
    ringing = become(promise, PromiseState.RINGING, offer=offer.id)
    change.put(promise, ringing)
    change.wake(ringing, change.now + 120)
    return _make(s, offer, agent, change)


def summon_for(s: Services, promise: Promise, agent: Agent) -> Offer | None:
    """A supervisor who is away is asked for what nobody has taken. None when either has moved on."""
    why = "nobody has taken it, so those who are away are rung"
    return _to_promise(s, promise, agent, why, Change(now=s.clock.now()))


def reserve_for_consult(s: Services, offer: Offer, agent: Agent, change: Change) -> Offer | None:
    """A colleague asked for by name or role, not by the line. None when they are not free any more."""
    if agent.state is not AgentState.AVAILABLE:
        return None
    return _make(s, offer, agent, change)


def ask(offer: Offer, agent: Agent, change: Change) -> Offer | None:
    """Reserve the agent for it, and have it rung. None when they are not free."""
    take = summon if agent.state is AgentState.AWAY else reserve
    try:
        change.put(agent, take(agent, offer.id, change.now))
    except IllegalTransition:
        return None
    made = change.put(None, offer)
    change.wake(made, change.now)
    change.journal(
        "offer", offer=offer.id, contact=offer.contact, promise=offer.promise, agent=agent.id, kind=offer.kind
    )
    return made


def ask_outside(offer: Offer, change: Change) -> None:
    """Have somebody rung who is none of ours."""
    made = change.put(None, offer)
    change.wake(made, change.now)
    change.journal("offer", offer=offer.id, contact=offer.contact, kind=offer.kind)


def _make(s: Services, offer: Offer, agent: Agent, change: Change) -> Offer | None:
    made = ask(offer, agent, change)
    return made if made and s.store.commit(change) else None


def _waiting(s: Services, w: dict[str, Any]) -> routing.Waiting:
    queue = s.library.queue(w["queue"])
    # who was escalated to supervisors is nobody's to help out with
    helpers = caller_context.required(s, queue.overflow) if queue.overflow and not w["supervisor"] else None
    return routing.Waiting(
        id=w["id"],
        kind=routing.Kind(w["kind"]),
        queue=w["queue"],
        needs=routing.Needs(
            skills=frozenset(w["skills"]),
            wished=frozenset(w["wished"]),
            language=w["language"],
            supervisor=w["supervisor"],
            widen_after=queue.widen or None,
            helpers=helpers,
        ),
        arrived=w["arrived"],
        boost=w["boost"],
        own=w["own"],
        own_because=w.get("own_because") or routing.Waiting.own_because,
        own_until=w.get("own_until", 0.0),
        not_before=w.get("not_before", 0.0),
        avoid=frozenset(w["avoid"]),
        passed=w.get("passed", 0.0),
    )


def _idle(i: dict[str, Any]) -> routing.Idle:
    ability = routing.Ability(
        skills=frozenset(i["skills"]), languages=frozenset(i["languages"]), supervisor=i["supervisor"]
    )
    return routing.Idle(id=i["id"], ability=ability, since=i["since"])
