"""A supervisor goes into somebody's talk: hearing, whispering to the agent, or speaking to both. They are rung like anybody."""

from __future__ import annotations

from dataclasses import replace

from ivr.domain.actor import SYSTEM, Actor
from ivr.domain.errors import CallGone, CalorError
from ivr.domain.records.agent import Agent
from ivr.domain.records.agent_leg import AgentLeg, LegKind, LegState, MonitoringMode, Offer
from ivr.domain.records.contact import Contact
from ivr.services import Services
from ivr.usecases.agents.kinds.monitor import get_coached_call, is_in_conference
from ivr.usecases.conferences import leg_commands
from ivr.usecases.routing import router


class MonitoringNotPossible(CalorError):
    """Says why nobody can be listened to."""


def get_monitored_contact(services: Services, supervisor: str) -> str:
    """The contact whose talk they are in; "" = none."""
    try:
        return _get_monitoring_leg(services, supervisor).contact
    except MonitoringNotPossible:
        return ""


def start(
    services: Services, supervisor: str, contact_id: str, mode: MonitoringMode, *, actor: Actor = SYSTEM
) -> AgentLeg:
    """Ring the supervisor; with a key they are in. Raises MonitoringNotPossible."""
    agent, contact = services.store.get(Agent, supervisor), services.store.get(Contact, contact_id)
    if agent is None or not agent.supervisor:
        raise MonitoringNotPossible("Only supervisors listen in.")
    if contact is None or not is_in_conference(contact):
        raise MonitoringNotPossible("They are not talking any more.")
    change = services.store.begin()
    leg = AgentLeg(
        id=services.new_id(),
        kind=LegKind.MONITOR,
        agent=agent.id,
        contact=contact.id,
        our_number=contact.caller.called_number,
        monitoring_mode=mode,
        offer=Offer(made_at=change.now, why="wants to hear it"),
    )
    change.log_action("monitoring", actor, contact=contact.id, agent=agent.id, how=mode.value)
    made = router.reserve_agent(leg, agent, change)
    if made is None or not services.store.commit(change):
        raise MonitoringNotPossible(f"You are {agent.state}. Be available, or away, to listen in.")
    return made


def change_mode(services: Services, supervisor: str, mode: MonitoringMode, *, actor: Actor = SYSTEM) -> None:
    """From hearing to whispering, from there to speaking, and back. Raises MonitoringNotPossible."""
    for change in services.store.transact():
        leg = _get_monitoring_leg(services, supervisor)
        contact = services.store.get(Contact, leg.contact)
        if contact is None or not is_in_conference(contact):
            raise MonitoringNotPossible("They are not talking any more.")
        change.put(leg, replace(leg, monitoring_mode=mode))
        change.log_action("monitoring", actor, contact=contact.id, agent=supervisor, how=mode.value)
        conference_sid, coach = contact.conference.sid, get_coached_call(services, contact, mode) or None
    try:
        services.telephony.set_monitoring(
            conference_sid, leg.call, muted=mode is MonitoringMode.MONITOR, coach=coach
        )
    except CallGone as e:
        raise MonitoringNotPossible("They are not talking any more.") from e


def stop(services: Services, supervisor: str, *, actor: Actor = SYSTEM) -> None:
    """Enough heard. Raises MonitoringNotPossible."""
    for change in services.store.transact():
        leg = _get_monitoring_leg(services, supervisor)
        leg_commands.dismiss(leg.id, change)
        change.log_action("monitoring ended", actor, contact=leg.contact, agent=supervisor)


def _get_monitoring_leg(services: Services, supervisor: str) -> AgentLeg:
    agent = services.store.get(Agent, supervisor)
    leg = services.store.get(AgentLeg, agent.leg) if agent and agent.leg else None
    if leg is None or leg.kind is not LegKind.MONITOR or leg.state is not LegState.ACCEPTED:
        raise MonitoringNotPossible("You are not listening to anybody.")
    return leg
