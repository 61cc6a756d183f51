"""Staying on the line: an agent's leg that is not hung up between calls, so that the next caller is there in an instant.

The leg is a record of its own (`LegKind.PERSISTENT`). The leg of a call borrows it (`AgentLeg.persistent_leg` names it): it is sent for
instead of being rung, hears the brief at once, and comes back where another leg would be hung up (`kinds/persistent.py`).
"""

from __future__ import annotations

from dataclasses import replace

from ivr.domain.actor import Actor
from ivr.domain.errors import CalorError
from ivr.domain.records.agent import Agent, AgentState
from ivr.domain.records.agent_leg import AgentLeg, LegKind, Offer
from ivr.services import Services
from ivr.store.queries import our_numbers
from ivr.usecases.routing import router


def start(services: Services, agent_id: str, actor: Actor) -> AgentLeg:
    """Ring the agent; with a key they stay on the line. Raises CalorError while they are in a call, or there already."""
    agent = services.store.get(Agent, agent_id)
    if agent is None:
        raise CalorError("You answer no telephone on this line.")
    if agent.persistent_leg:
        raise CalorError("You are on the line already.")
    change = services.store.begin()
    leg = AgentLeg(
        id=services.new_id(),
        kind=LegKind.PERSISTENT,
        agent=agent.id,
        our_number=pick_our_number(services),
        offer=Offer(made_at=change.now),
    )
    change.log_action("persistent leg requested", actor, agent=agent.id)
    if agent.state not in (AgentState.AVAILABLE, AgentState.AWAY) or not router.reserve_agent(
        leg, agent, change
    ):
        raise CalorError("Set yourself available first; you cannot come on the line in a call.")
    if not services.store.commit(change):
        raise CalorError("Something else happened at the same moment. Look again.")
    return leg


def pick_our_number(services: Services) -> str:
    """A number of ours that rings them: one that was called, or the first of the account."""
    if services.settings.caller_id:
        return services.settings.caller_id
    called = services.store.read(our_numbers.list_called())
    numbers = called or [own.number for own in services.telephony.list_numbers()]
    if not numbers:
        raise CalorError("No number of ours could ring you yet. IVR_CALLER_ID says which.")
    return numbers[0]


def stop(services: Services, agent_id: str, actor: Actor) -> None:
    """Off the line again, after the call if there is one. Raises CalorError when they are not on it."""
    agent = services.store.get(Agent, agent_id)
    leg = services.store.get(AgentLeg, agent.persistent_leg) if agent and agent.persistent_leg else None
    if agent is None or leg is None:
        raise CalorError("You are not on the line.")
    change = services.store.begin()
    change.put(agent, replace(agent, persistent_leg=""))
    change.put(leg, leg.end() if agent.leg else leg.end().request_redirect())
    change.schedule(leg, change.now)
    change.log_action("persistent leg released", actor, agent=agent.id)
    if not services.store.commit(change):
        raise CalorError("Something else happened at the same moment. Look again.")
