"""The agent's word after a talk: asked on their leg, then by ringing them, in the end a supervisor puts it right.

`helped` is the agent's word, not a timer (I1); so a contact whose caller has gone stays open until somebody has said it.
"""

from __future__ import annotations

from dataclasses import replace

from ivr.domain.records import agent as agents
from ivr.domain.records.agent import Agent, AgentState
from ivr.domain.records.agent_leg import Offer, OfferKind, OfferState
from ivr.domain.records.contact import Contact, Outcome
from ivr.domain.records.promise import Promise, PromiseState
from ivr.services import Services
from ivr.store.change import Change
from ivr.usecases.agents import ringing
from ivr.usecases.conferences import conference
from ivr.usecases.contacts import outcome
from ivr.usecases.promises import escalation

ASKED = 3  # times an agent is rung for their word
ASK_AGAIN = 60.0


def ask(s: Services, contact: Contact) -> None:
    """The caller has gone: who says how it went?"""
    if contact.conference:
        conference.close(s, contact)
    offer = s.store.get(Offer, contact.offer)
    saying = offer is not None and offer.state is not OfferState.OVER
    agent = s.store.get(Agent, offer.agent) if offer is not None else None
    change = Change(now=s.clock.now())
    if saying:
        _later(contact, outcome.WORD_AFTER, change)
    elif contact.word:
        outcome.by_word(s, contact, change)
    elif agent is None or contact.asks >= ASKED or agent.state is AgentState.OFFLINE:
        _nobody_said(s, contact, agent, change)
    elif (left := _for_notes(s, contact, agent, change.now)) > 0:
        _later(contact, left, change)
    elif (ready := _ready(contact, agent, change.now)) is not None:
        _ring(s, contact, agent, ready, change)
        return
    else:  # with somebody else now; one who is away is not rung, and does not say it either
        asks = contact.asks + (agent.state is AgentState.AWAY)
        _later(replace(contact, asks=asks), ASK_AGAIN, change)
    s.store.commit(change)


def _later(contact: Contact, seconds: float, change: Change) -> None:
    change.wake(change.put(contact, contact), change.now + seconds)


def _for_notes(s: Services, contact: Contact, agent: Agent, now: float) -> float:
    """Seconds that they still have for it at their desk, before their telephone asks."""
    if agent.state is not AgentState.WRAP_UP or agent.offer != contact.offer:
        return 0.0
    return agent.since + s.library.queue(contact.queue).wrap_up - now


def _ready(contact: Contact, agent: Agent, now: float) -> Agent | None:
    """The agent, free to be rung: idle, or held back in wrap-up by this very question."""
    if agent.state is AgentState.WRAP_UP and agent.offer == contact.offer:
        return agents.release(replace(agent, then=AgentState.AVAILABLE), now)
    return agent if agent.state is AgentState.AVAILABLE else None


def _ring(s: Services, contact: Contact, agent: Agent, ready: Agent, change: Change) -> None:
    question = Offer(
        id=s.new_id(),
        kind=OfferKind.WORD,
        agent=agent.id,
        contact=contact.id,
        promise=contact.promise,
        line=contact.line,
        made=change.now,
        why="has not said how it went",
    )
    asked = change.put(contact, replace(contact, offer=question.id, asks=contact.asks + 1))
    change.wake(asked, change.now + ASK_AGAIN)
    reserved = agents.reserve(ready, question.id, change.now)
    change.put(agent, replace(reserved, then=agent.then))  # where they asked to go stands
    made = change.put(None, question)
    change.wake(made, change.now)
    if s.store.commit(change):
        ringing.ring(s, made)


def _nobody_said(s: Services, contact: Contact, agent: Agent | None, change: Change) -> None:
    """Whoever talked with them does not say how it went: a supervisor rings and puts it right."""
    held = s.store.get(Promise, contact.promise)
    if held is not None and held.state in (PromiseState.TALKING, PromiseState.MERGED):
        escalation.escalate(s, held, "nobody said it was kept", change)  # one matter, one promise
        kept = contact
    else:
        kept = outcome.put_right(s, contact, change, why=contact.reason)
    outcome.end(s, change.put(contact, kept), Outcome.PROMISED, change)
    if agent is not None and agent.offer == contact.offer and agent.state is AgentState.WRAP_UP:
        change.put(agent, agents.release(agent, change.now))
