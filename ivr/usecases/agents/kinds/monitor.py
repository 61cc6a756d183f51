"""A supervisor hears a talk. Their leg never holds a conference open or ends it, and it goes when the talk ends."""

from __future__ import annotations

from dataclasses import replace

import structlog

from ivr.domain.records.agent_leg import AgentLeg, LegResult, LegState, MonitoringMode
from ivr.domain.records.contact import Contact, ContactState
from ivr.domain.records.contact_parts import PartyLocation
from ivr.flow.turn import SpokenPrompt
from ivr.services import Services
from ivr.store.queries.leg_view import LegView
from ivr.telephony.reply import HangUp, JoinConference, Reply
from ivr.usecases.agents.kinds.handler import LegHandler
from ivr.usecases.conferences import conference, leg_commands, leg_view
from ivr.usecases.phrases import phrase

log = structlog.get_logger()

CHECK_SECONDS = 5.0  # seconds between looks whether there is still something to hear


class MonitorLeg(LegHandler):
    needs_brief = False

    def screening_prompt(self, services: Services, view: LegView) -> SpokenPrompt:
        return phrase(services, view.language, "agent.knock_listen")

    def accept(self, services: Services, view: LegView) -> Reply:
        if view.contact is None or view.agent is None or not is_in_conference(view.contact):
            return _end_leg(services, view)
        change = services.store.begin(view.records)
        there = conference.engage(view.leg, view.agent, view.contact, change)
        change.schedule(there, change.now + CHECK_SECONDS)
        if not services.store.commit(change):
            return self.prompt(services, leg_view.reload(services, view))
        return Reply(verb=_build_join_verb(services, there, view.contact))

    def prompt(self, services: Services, view: LegView) -> Reply:
        """Into the conference where the talk is now."""
        leg, contact = view.leg, view.contact
        if leg.state is LegState.ENDED:
            return Reply(verb=HangUp())
        if contact is None or leg.state is not LegState.ACCEPTED or not is_in_conference(contact):
            return _end_leg(services, view)
        change = services.store.begin(view.records)
        there = change.put(leg, replace(leg, conference_number=contact.conference.number).mark_redirected())
        if not services.store.commit(change):
            there = services.store.reload(leg)
        return Reply(verb=_build_join_verb(services, there, contact))

    def on_conference_left(self, services: Services, view: LegView, conference_number: int) -> Reply:
        """They pressed *, or the conference has ended: the talk may go on in another."""
        contact = view.contact
        moved_on = (
            contact is not None
            and is_in_conference(contact)
            and contact.conference.number != conference_number
        )
        return self.prompt(services, view) if moved_on else _end_leg(services, view)

    def check(self, services: Services, leg: AgentLeg) -> bool:
        """Nobody sits in an empty conference: with the talk gone elsewhere the leg is sent for."""
        contact = services.store.get(Contact, leg.contact)
        change = services.store.begin()
        if (
            contact is None
            or not is_in_conference(contact)
            or contact.conference.number != leg.conference_number
        ):
            leg_commands.request_redirect(leg.id, change)
        else:
            change.expect(leg)
            change.schedule(leg, change.now + CHECK_SECONDS)
        services.store.commit_best_effort(change)
        return True


def is_in_conference(contact: Contact) -> bool:
    """Whether there is a talk that can be heard."""
    return (
        contact.state is ContactState.TALKING
        and contact.conference.caller_location is PartyLocation.IN_CONFERENCE
        and contact.conference.agent_location is PartyLocation.IN_CONFERENCE
        and bool(contact.conference.sid)
    )


def get_coached_call(services: Services, contact: Contact, mode: MonitoringMode) -> str:
    """CallSid of the agent who alone hears a supervisor that whispers; "" = none."""
    talks = services.store.get(AgentLeg, contact.leg) if mode is MonitoringMode.WHISPER else None
    return talks.call if talks else ""


def _build_join_verb(services: Services, leg: AgentLeg, contact: Contact) -> JoinConference:
    return replace(
        conference.build_join_verb(services, contact, leg=leg),
        end_on_exit=False,
        muted=leg.monitoring_mode is MonitoringMode.MONITOR,
        coached_call_sid=get_coached_call(services, contact, leg.monitoring_mode),
    )


def _end_leg(services: Services, view: LegView) -> Reply:
    leg = view.leg
    for change in services.store.transact(view.records):
        if change.is_retry:
            leg = services.store.reload(leg)
        if leg.state is LegState.ENDED:
            break
        conference.end_leg(leg, LegResult.ACCEPTED, change)
    log.info("monitoring_ended", contact=leg.contact)
    return Reply(prompts=(phrase(services, view.language, "agent.listen_over"),), verb=HangUp())
