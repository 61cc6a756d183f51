"""What is asked of an agent's leg from elsewhere: come here, you are not needed any more, you are free."""

from __future__ import annotations

from collections.abc import Callable

from ivr.domain.records import agent as agents
from ivr.domain.records.agent import Agent
from ivr.domain.records.agent_leg import AgentLeg, LegResult, LegState
from ivr.store.change import Change

SELF_RETURN_SECONDS = 1.0  # seconds in which a leg whose conference has ended comes to us unasked


def request_redirect(leg_id: str, change: Change, *, after_seconds: float = 0.0) -> None:
    """What this leg hears has changed. `after_seconds`: seconds it is given to come by itself."""
    transition(leg_id, change, AgentLeg.request_redirect, after_seconds=after_seconds)


def transition(
    leg_id: str,
    change: Change,
    step: Callable[[AgentLeg], AgentLeg],
    *,
    after_seconds: float = 0.0,
) -> None:
    """A transition that is decided elsewhere, unless the leg has ended. The leg is looked at `after_seconds` later."""
    leg = change.get(AgentLeg, leg_id)
    if leg is None or leg.state is LegState.ENDED:
        return
    change.schedule(change.put(leg, step(leg)), change.now + after_seconds)


def dismiss(leg_id: str, change: Change) -> None:
    """They are not needed any more: their phone stops ringing, or they hear so and are thanked."""
    leg = change.get(AgentLeg, leg_id)
    if leg is None or leg.state is LegState.ENDED:
        return
    over = change.put(
        leg,
        leg.end(LegResult.CANCELLED).request_redirect(),
    )
    change.schedule(over, change.now)
    change.log_event("offer cancelled", offer=leg.id, contact=leg.contact, agent=leg.agent)
    free_agent(leg, change)


def request_goodbye(leg_id: str, change: Change) -> None:
    """Its part was finished elsewhere: the leg hears so, and ends."""
    leg = change.get(AgentLeg, leg_id)
    if leg is not None:
        change.schedule(change.put(leg, leg.request_redirect()), change.now)


def free_agent(leg: AgentLeg, change: Change) -> None:
    agent = change.get(Agent, leg.agent)
    if agent is not None and agent.leg == leg.id:
        change.put(agent, agents.release(agent, change.now))


def waive_disposition(leg_id: str, change: Change) -> None:
    """The caller goes on to somebody else: an agent who hung up and was to be asked how it went is free."""
    leg = change.get(AgentLeg, leg_id)
    if leg is not None and leg.state is LegState.ENDED:
        free_agent(leg, change)
