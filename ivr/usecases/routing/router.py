"""Who is offered to whom: the router decides in plain Python, the reservation is one compare-and-set."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ivr.domain.errors import IllegalTransition
from ivr.domain.records.agent import Agent, AgentState, reserve, summon
from ivr.domain.records.agent_leg import AgentLeg, LegKind, Offer
from ivr.domain.records.contact import Contact, ContactState
from ivr.domain.records.promise import QUEUED, Promise, PromiseState, become
from ivr.domain.rules import routing
from ivr.services import Services
from ivr.store.change import Change
from ivr.store.queries import queues
from ivr.usecases.promises import deadlines
from ivr.usecases.quarantine import state as quarantine_state
from ivr.usecases.queueing import capacity, membership

MAX_ROUNDS = 50  # rounds; each makes at least one leg


def route(services: Services) -> list[AgentLeg]:
    """Match all that can be matched now. The legs are on disk and due: a worker rings them.

    The heads of the queues are enough for a first match; so look again until nothing comes of it.
    """
    rules = routing.RoutingRules()
    made: list[AgentLeg] = []
    for _ in range(MAX_ROUNDS):
        waiting, idle = queues.list_heads(services.store)
        waiting = quarantine_state.filter_routable(services, waiting)
        if not waiting or not idle:
            break
        now = services.clock.now()
        line_ = [_parse_waiting(services, w) for w in waiting]
        matches = routing.match_waiting(line_, [_parse_idle(i) for i in idle], now, rules)
        if not sum(_apply_match(services, m, now, made) for m in matches):  # each is tried
            break
    return made


def _apply_match(services: Services, match: routing.Match, now: float, legs: list[AgentLeg]) -> bool:
    """Reserve them for each other. True when it is worth looking again: also when a record had just moved on.

    It may have been no more than a word to the waiting caller, and nobody else would route because of that.
    """
    record_type, _, name = match.waiting.id.partition(":")
    agent = services.store.get(Agent, match.agent.id)
    subject = (
        services.store.get(Contact, name) if record_type == "contact" else services.store.get(Promise, name)
    )
    if agent is None:
        return False
    change = services.store.begin(now=now)
    if subject is None or not _is_waiting(subject):
        return _remove_stale_entry(services, match.waiting, subject, change)
    if isinstance(subject, Promise) and deadlines.escalate_if_do_not_call(services, subject, change):
        return services.store.commit(change)
    if isinstance(subject, Promise) and (at := deadlines.callable_from(services, subject, now)) > now:
        deadlines.defer(services, subject, at, change)  # their night has begun
        return services.store.commit(change)
    reserve_ = _offer_contact if isinstance(subject, Contact) else _offer_promise
    leg = reserve_(services, subject, agent, match.reason, change)  # type: ignore[arg-type]  # each takes its own
    legs += [leg] if leg else []
    return True


def _is_waiting(subject: Contact | Promise) -> bool:
    waits = subject.state is ContactState.WAITING or subject.state in QUEUED
    return waits and not subject.leg


def _remove_stale_entry(
    services: Services, waiting: routing.Waiting, subject: Contact | Promise | None, change: Change
) -> bool:
    """In the queue by the index and not by the record: out of it, or everybody behind would wait for nobody."""
    if subject is not None:
        change.expect(subject)
    needs = waiting.requirements
    change.leave_queue(
        record_key=waiting.id,
        requirements=queues.format_requirements(
            waiting.queue, tuple(needs.preferred_skills), needs.language, supervisor=needs.supervisor
        ),
        queue=waiting.queue,
    )
    change.log_event("left queue without record", member=waiting.id)
    return services.store.commit(change)


def _offer_contact(
    services: Services, contact: Contact, agent: Agent, why: str, change: Change
) -> AgentLeg | None:
    leg = AgentLeg(
        id=services.new_id(),
        kind=LegKind.CONTACT,
        agent=agent.id,
        contact=contact.id,
        promise=contact.promise,
        our_number=contact.caller.called_number,
        offer=Offer(why=why, made_at=change.now),
    )
    membership.leave(contact, change)
    change.put(contact, replace(contact, leg=leg.id))
    return _reserve_and_commit(services, leg, agent, change)


def _offer_promise(
    services: Services, promise: Promise, agent: Agent, why: str, change: Change
) -> AgentLeg | None:
    leg = AgentLeg(
        id=services.new_id(),
        kind=LegKind.PROMISE,
        agent=agent.id,
        contact=promise.contact,
        promise=promise.id,
        our_number=promise.our_number,
        offer=Offer(why=why, made_at=change.now),
    )
    membership.leave_promise(promise, change)
    ringing = become(promise, PromiseState.RINGING, leg=leg.id)
    change.put(promise, ringing)
    change.schedule(ringing, change.now + 120)
    return _reserve_and_commit(services, leg, agent, change)


def summon_supervisor(services: Services, promise: Promise, agent: Agent) -> AgentLeg | None:
    """A supervisor who is away is asked for what nobody has taken. None when either has moved on."""
    why = "nobody has taken it, so those who are away are rung"
    return _offer_promise(services, promise, agent, why, services.store.begin())


def reserve_agent(leg: AgentLeg, agent: Agent, change: Change) -> AgentLeg | None:
    """Reserve the agent for it, and have it rung. None when they are not free."""
    take = summon if agent.state is AgentState.AWAY else reserve
    try:
        change.put(agent, take(agent, leg.id, change.now))
    except IllegalTransition:
        return None
    made = change.put(None, leg)
    change.schedule(made, change.now)
    change.log_event(
        "offer", offer=leg.id, contact=leg.contact, promise=leg.promise, agent=agent.id, kind=leg.kind
    )
    return made


def start_external_leg(leg: AgentLeg, change: Change) -> None:
    """Have somebody rung who is none of ours."""
    made = change.put(None, leg)
    change.schedule(made, change.now)
    change.log_event("offer", offer=leg.id, contact=leg.contact, kind=leg.kind)


def _reserve_and_commit(services: Services, leg: AgentLeg, agent: Agent, change: Change) -> AgentLeg | None:
    made = reserve_agent(leg, agent, change)
    return made if made and services.store.commit(change) else None


def _parse_waiting(services: Services, entry: dict[str, Any]) -> routing.Waiting:
    queue = services.library.get_queue(entry["queue"])
    # who was escalated to supervisors is nobody's to help out with
    helpers = (
        capacity.required_skills(services, queue.overflow)
        if queue.overflow and not entry["supervisor"]
        else None
    )
    return routing.Waiting(
        id=entry["id"],
        kind=routing.WaitingKind(entry["kind"]),
        queue=entry["queue"],
        requirements=routing.Requirements(
            skills=frozenset(entry["skills"]),
            preferred_skills=frozenset(entry["wished"]),
            language=entry["language"],
            supervisor=entry["supervisor"],
            relax_after_seconds=queue.widen or None,
            overflow_skills=helpers,
        ),
        queued_at=entry["arrived"],
        boost_seconds=entry["boost"],
        preferred_agent=entry["own"],
        preferred_reason=entry.get("own_because") or routing.Waiting.preferred_reason,
        preferred_until=entry.get("own_until", 0.0),
        not_before=entry.get("not_before", 0.0),
        declined_by=frozenset(entry["avoid"]),
        declined_at=entry.get("passed", 0.0),
    )


def _parse_idle(entry: dict[str, Any]) -> routing.IdleAgent:
    ability = routing.Ability(
        skills=frozenset(entry["skills"]),
        languages=frozenset(entry["languages"]),
        supervisor=entry["supervisor"],
    )
    return routing.IdleAgent(id=entry["id"], ability=ability, idle_since=entry["since"])
