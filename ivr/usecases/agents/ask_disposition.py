"""The agent's disposition after a talk: asked on their leg, then by ringing them, in the end a supervisor puts it right.

`helped` is the agent's disposition, not a timer (I1); so a contact whose caller has gone stays open until somebody has said it.
"""

from __future__ import annotations

from dataclasses import replace

from ivr.domain.records import agent as agents
from ivr.domain.records.agent import Agent, AgentState
from ivr.domain.records.agent_leg import AgentLeg, LegKind, LegState, Offer
from ivr.domain.records.contact import Contact, Outcome
from ivr.domain.records.promise import Promise, PromiseState
from ivr.services import Services
from ivr.store.change import Change
from ivr.usecases.agents import dial_agent
from ivr.usecases.conferences import conference
from ivr.usecases.contacts import outcome
from ivr.usecases.promises import escalation

MAX_CALLS = 3  # times an agent is rung for their disposition
ASK_AGAIN_SECONDS = 60.0


def process_due(services: Services, contact: Contact) -> None:
    """The caller has gone: who says how it went?"""
    if contact.conference.sid:
        conference.end_conference(services, contact)
    leg = services.store.get(AgentLeg, contact.leg)
    saying = leg is not None and leg.state is not LegState.ENDED
    agent = services.store.get(Agent, leg.agent) if leg is not None else None
    change = services.store.begin()
    if saying:
        _schedule(contact, outcome.ASK_DISPOSITION_AFTER_SECONDS, change)
    elif contact.disposition:
        outcome.end_by_disposition(services, contact, change)
    elif agent is None or contact.disposition_calls >= MAX_CALLS or agent.state is AgentState.OFFLINE:
        _escalate_missing_disposition(services, contact, agent, change)
    elif (left := _desk_seconds_left(services, contact, agent, change.now)) > 0:
        _schedule(contact, left, change)
    elif (ready := _free_agent(contact, agent, change.now)) is not None:
        _call_agent(services, contact, agent, ready, change)
        return
    else:  # with somebody else now; one who is away is not rung, and does not say it either
        asks = contact.disposition_calls + (agent.state is AgentState.AWAY)
        _schedule(replace(contact, disposition_calls=asks), ASK_AGAIN_SECONDS, change)
    services.store.commit_best_effort(change)


def _schedule(contact: Contact, delay_seconds: float, change: Change) -> None:
    change.schedule(change.put(contact, contact), change.now + delay_seconds)


def _desk_seconds_left(services: Services, contact: Contact, agent: Agent, now: float) -> float:
    """Seconds that they still have for it at their desk, before their telephone asks."""
    if agent.state is not AgentState.WRAP_UP or agent.leg != contact.leg:
        return 0.0
    return agent.state_since + services.library.get_queue(contact.queue_place.name).wrap_up - now


def _free_agent(contact: Contact, agent: Agent, now: float) -> Agent | None:
    """The agent, free to be rung: idle, or held back in wrap-up by this very question."""
    if agent.state is AgentState.WRAP_UP and agent.leg == contact.leg:
        return agents.release(replace(agent, state_after_call=AgentState.AVAILABLE), now)
    return agent if agent.state is AgentState.AVAILABLE else None


def _call_agent(
    services: Services, contact: Contact, agent: Agent, freed_agent: Agent, change: Change
) -> None:
    question = AgentLeg(
        id=services.new_id(),
        kind=LegKind.DISPOSITION,
        agent=agent.id,
        contact=contact.id,
        promise=contact.promise,
        our_number=contact.caller.called_number,
        offer=Offer(made_at=change.now, why="has not said how it went"),
    )
    asked = change.put(
        contact, replace(contact, leg=question.id, disposition_calls=contact.disposition_calls + 1)
    )
    change.schedule(asked, change.now + ASK_AGAIN_SECONDS)
    reserved = agents.reserve(freed_agent, question.id, change.now)
    change.put(
        agent, replace(reserved, state_after_call=agent.state_after_call)
    )  # where they asked to go stands
    made = change.put(None, question)
    change.schedule(made, change.now)
    if services.store.commit(change):
        dial_agent.call_agent(services, made)


def _escalate_missing_disposition(
    services: Services, contact: Contact, agent: Agent | None, change: Change
) -> None:
    """Whoever talked with them does not say how it went: a supervisor rings and puts it right."""
    held = services.store.get(Promise, contact.promise)
    if held is not None and held.state in (PromiseState.TALKING, PromiseState.MERGED):
        escalation.escalate(services, held, "nobody said it was kept", change)  # one matter, one promise
        kept = contact
    else:
        kept = outcome.promise_supervisor_call(services, contact, change, why=contact.reason)
    outcome.end_contact(services, change.put(contact, kept), Outcome.PROMISED, change)
    if agent is not None and agent.leg == contact.leg and agent.state is AgentState.WRAP_UP:
        change.put(agent, agents.release(agent, change.now))
