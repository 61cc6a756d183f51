"""An offer that came to nothing: the agent is free, and whoever it was about goes on."""

from __future__ import annotations

from dataclasses import replace

from ivr.domain.records import agent as agents
from ivr.domain.records.agent import Agent
from ivr.domain.records.agent_leg import BEFORE_ACCEPT, AgentLeg, LegKind, LegResult
from ivr.domain.records.contact import Contact, ContactState
from ivr.domain.records.promise import Promise, PromiseState
from ivr.services import Services
from ivr.store.change import Change
from ivr.usecases.agents import consulting
from ivr.usecases.promises import lifecycle as promise_lifecycle
from ivr.usecases.queueing import membership


def end_offer(services: Services, leg: AgentLeg, result: LegResult, why: str) -> None:
    """This leg came to nothing: the agent is free (or away, when their phone rings out again and again), the next is asked."""
    for change in services.store.transact():
        if change.is_retry:
            leg = services.store.reload(leg)
            if leg.state not in BEFORE_ACCEPT:
                return  # accepted, or dropped by somebody else, meanwhile
        over = change.put(leg, leg.end(result))
        change.unschedule(over)
        change.log_event("offer " + result.value, offer=leg.id, contact=leg.contact, agent=leg.agent, why=why)
        agent = services.store.get(Agent, leg.agent)
        if agent is not None and agent.leg == leg.id:
            freed = agents.miss_call if result is LegResult.UNANSWERED else agents.release
            change.put(agent, freed(agent, change.now))
        _return_to_queue(services, leg, result, change)


def _return_to_queue(services: Services, leg: AgentLeg, result: LegResult, change: Change) -> None:
    passed = leg.agent if result in (LegResult.DECLINED, LegResult.UNANSWERED, LegResult.FAILED) else ""
    if leg.kind is LegKind.CONSULT:
        consulting.on_consult_refused(services, leg, change)
        return
    if leg.kind in (LegKind.DISPOSITION, LegKind.MONITOR, LegKind.PERSISTENT, LegKind.THIRD_PARTY):
        return
    contact = services.store.get(Contact, leg.contact)
    if contact is not None and contact.leg == leg.id and contact.state is ContactState.WAITING:
        back = replace(
            contact,
            leg="",
            queue_place=replace(
                contact.queue_place,
                declined_by=tuple(sorted({*contact.queue_place.declined_by, passed} - {""})),
                declined_at=change.now if passed else contact.queue_place.declined_at,
            ),
        )
        change.put(contact, back)
        membership.join(services, back, change)
    elif contact is not None and contact.leg == leg.id and contact.state is ContactState.FLOW:
        change.put(contact, replace(contact, leg=""))
    promise = services.store.get(Promise, leg.promise)
    if promise is not None and promise.leg == leg.id and promise.state is PromiseState.RINGING:
        promise_lifecycle.return_to_queue(services, promise, change, avoid=passed)
