"""A supervisor in somebody's talk: hearing, whispering to the agent, or speaking to both. They are rung like anybody.

Their leg is no part of the talk: it never holds a conference open or ends it, and it goes when the talk ends.
"""

from __future__ import annotations

from dataclasses import replace

import structlog

from ivr.domain.actor import SYSTEM, Actor
from ivr.domain.errors import CallGone, CalorError
from ivr.domain.records.agent import Agent
from ivr.domain.records.agent_leg import AgentLeg, LegKind, LegResult, LegState, MonitoringMode, Offer
from ivr.domain.records.contact import Contact, ContactState
from ivr.domain.records.contact_parts import PartyLocation
from ivr.services import Services
from ivr.telephony.reply import HangUp, JoinConference, Reply
from ivr.usecases.conferences import conference, leg_commands
from ivr.usecases.phrases import phrase
from ivr.usecases.routing import router

log = structlog.get_logger()

CHECK_SECONDS = 5.0  # seconds between looks whether there is still something to hear


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
    if contact is None or not _is_in_conference(contact):
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


def on_enter(services: Services, leg: AgentLeg) -> Reply:
    """They pressed the key."""
    contact, agent = services.store.get(Contact, leg.contact), services.store.get(Agent, leg.agent)
    if contact is None or agent is None or not _is_in_conference(contact):
        return _end_leg(services, leg)
    change = services.store.begin()
    there = conference.engage(leg, agent, contact, change)
    change.schedule(there, change.now + CHECK_SECONDS)
    if not services.store.commit(change):
        return prompt(services, services.store.get(AgentLeg, leg.id) or leg)
    return Reply(verb=_build_join_verb(services, there, contact))


def prompt(services: Services, leg: AgentLeg) -> Reply:
    """Into the conference where the talk is now."""
    contact = services.store.get(Contact, leg.contact)
    if contact is None or leg.state is not LegState.ACCEPTED or not _is_in_conference(contact):
        return _end_leg(services, leg)
    change = services.store.begin()
    there = change.put(
        leg,
        replace(leg, conference_number=contact.conference.number).mark_redirected(),
    )
    if not services.store.commit(change):
        there = services.store.get(AgentLeg, leg.id) or leg
    return Reply(verb=_build_join_verb(services, there, contact))


def on_conference_left(services: Services, leg: AgentLeg, conference_number: int) -> Reply:
    """They pressed *, or the conference has ended: the talk may go on in another."""
    contact = services.store.get(Contact, leg.contact)
    moved_on = (
        contact is not None and _is_in_conference(contact) and contact.conference.number != conference_number
    )
    return prompt(services, leg) if moved_on else _end_leg(services, leg)


def change_mode(services: Services, supervisor: str, mode: MonitoringMode, *, actor: Actor = SYSTEM) -> None:
    """From hearing to whispering, from there to speaking, and back. Raises MonitoringNotPossible."""
    for change in services.store.transact():
        leg = _get_monitoring_leg(services, supervisor)
        contact = services.store.get(Contact, leg.contact)
        if contact is None or not _is_in_conference(contact):
            raise MonitoringNotPossible("They are not talking any more.")
        change.put(leg, replace(leg, monitoring_mode=mode))
        change.log_action("monitoring", actor, contact=contact.id, agent=supervisor, how=mode.value)
        conference_sid, coach = contact.conference.sid, _coached_call(services, contact, mode) or None
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


def process_due(services: Services, leg: AgentLeg) -> None:
    """Nobody sits in an empty conference: with the talk gone elsewhere the leg is sent for."""
    contact = services.store.get(Contact, leg.contact)
    change = services.store.begin()
    if (
        contact is None
        or not _is_in_conference(contact)
        or contact.conference.number != leg.conference_number
    ):
        leg_commands.request_redirect(leg.id, change)
    else:
        change.expect(leg)
        change.schedule(leg, change.now + CHECK_SECONDS)
    services.store.commit_best_effort(change)


def _is_in_conference(contact: Contact) -> bool:
    return (
        contact.state is ContactState.TALKING
        and contact.conference.caller_location is PartyLocation.IN_CONFERENCE
        and contact.conference.agent_location is PartyLocation.IN_CONFERENCE
        and bool(contact.conference.sid)
    )


def _build_join_verb(services: Services, leg: AgentLeg, contact: Contact) -> JoinConference:
    return replace(
        conference.build_join_verb(services, contact, leg=leg),
        end_on_exit=False,
        muted=leg.monitoring_mode is MonitoringMode.MONITOR,
        coached_call_sid=_coached_call(services, contact, leg.monitoring_mode),
    )


def _coached_call(services: Services, contact: Contact, mode: MonitoringMode) -> str:
    talks = services.store.get(AgentLeg, contact.leg) if mode is MonitoringMode.WHISPER else None
    return talks.call if talks else ""


def _get_monitoring_leg(services: Services, supervisor: str) -> AgentLeg:
    agent = services.store.get(Agent, supervisor)
    leg = services.store.get(AgentLeg, agent.leg) if agent and agent.leg else None
    if leg is None or leg.kind is not LegKind.MONITOR or leg.state is not LegState.ACCEPTED:
        raise MonitoringNotPossible("You are not listening to anybody.")
    return leg


def _end_leg(services: Services, leg: AgentLeg) -> Reply:
    words = phrase(services, conference.language_for_leg(services, leg), "agent.listen_over")
    for change in services.store.transact():
        if change.is_retry:
            leg = services.store.reload(leg)
        if leg.state is LegState.ENDED:
            break
        conference.end_leg(leg, LegResult.ACCEPTED, change)
    log.info("monitoring_ended", contact=leg.contact)
    return Reply(prompts=(words,), verb=HangUp())
