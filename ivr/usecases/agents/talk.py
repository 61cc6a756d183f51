"""An agent's leg in a talk: where it should be now, and what its leaving means."""

from __future__ import annotations

from ivr.domain.records import agent as agents
from ivr.domain.records.agent import Agent
from ivr.domain.records.agent_leg import AgentLeg, LegResult, LegState
from ivr.domain.records.contact import Contact, ContactState
from ivr.domain.records.contact_parts import PartyLocation
from ivr.domain.rules.who_is_in_the_call import TalkVerdict, judge_talk
from ivr.services import Services
from ivr.store.queries.leg_view import LegView
from ivr.telephony.reply import HangUp, Redirect, Reply
from ivr.usecases.agents import menu_step, star_menu, wrapup, wrapup_effects
from ivr.usecases.conferences import conference, leg_view
from ivr.usecases.contacts import hangups
from ivr.usecases.phrases import phrase


def prompt(services: Services, view: LegView) -> Reply:
    """Where the leg should be now, once it was accepted."""
    match view.leg.state:
        case LegState.MENU:
            return menu_step.prompt(services, view)
        case LegState.WRAPPING:
            return wrapup.prompt(services, view)
        case LegState.ACCEPTED | LegState.CONSULTING:
            return _prompt_in_conference(services, view)
    return Reply(verb=HangUp())


def _prompt_in_conference(services: Services, view: LegView) -> Reply:
    leg, contact = view.leg, view.contact
    if contact is None or leg.id not in (contact.leg, contact.conference.consult_leg):
        return wrapup.begin(services, view)
    is_theirs = contact.leg == leg.id
    if contact.state is ContactState.ON_HOLD and leg.state is LegState.ACCEPTED and is_theirs:
        return star_menu.open_menu(services, view, contact)
    if contact.state is ContactState.ON_HOLD:  # a consult: the two are in the conference
        return Reply(verb=conference.build_join_verb(services, contact, leg=leg))
    if contact.state not in (ContactState.TALKING, ContactState.CALLING):
        return wrapup.begin(services, view)
    places = contact.conference
    if (places.agent_location if is_theirs else places.consult_leg_location) is PartyLocation.LEFT_CONFERENCE:
        if judge_talk(contact, services.clock.now()) is TalkVerdict.WAIT_FOR_REASON:
            return _wait_for_reason(services, view)
        settled = hangups.reevaluate(services, contact.id)
        if settled is not None and settled.state is not ContactState.TALKING:
            return prompt(services, leg_view.load(services, leg.id) or view)
    there = conference.update_leg_conference(services, view, contact)
    return conference.build_agent_reply(services, there, contact, phrase_key="")


def _wait_for_reason(services: Services, view: LegView) -> Reply:
    """The leg has left, and it is not known yet whether the caller has gone too."""
    again = Redirect(url=services.urls.agent(view.leg.id, view.leg.prompt.turn), pause_seconds=1)
    return Reply(prompts=(phrase(services, view.language, "one_moment"),), verb=again)


def on_conference_left(services: Services, view: LegView, conference_number: int) -> Reply:
    """They pressed *, or the conference has ended."""
    leg = view.leg
    contact = hangups.on_agent_left_conference(services, leg, conference_number)
    if contact is None:
        return wrapup.begin(services, view)
    consulting = leg.state is LegState.CONSULTING and contact.state is ContactState.ON_HOLD
    if consulting and contact.leg == leg.id:
        return star_menu.open_menu(services, view, contact)
    return prompt(services, leg_view.load(services, leg.id) or view)


def on_hangup(services: Services, leg: AgentLeg) -> None:
    """The leg has ended in the talk."""
    hangups.on_agent_hangup(services, leg)
    end_leg(services, leg.id)


def end_leg(services: Services, leg_id: str) -> None:
    """The leg is over; the agent is not free before they said how it went, if it is theirs to say."""
    for change in services.store.transact():
        leg = change.get(AgentLeg, leg_id)
        if leg is None or leg.state is LegState.ENDED:
            return
        contact = change.get(Contact, leg.contact)
        owes_disposition = is_disposition_owed(leg, contact)
        kept = wrapup_effects.save_typed_note(services, leg, change)
        if not owes_disposition:
            conference.end_leg(kept, LegResult.ACCEPTED, change)
            continue
        change.unschedule(change.put(leg, kept.end()))
        agent = change.get(Agent, leg.agent)
        if agent is not None and agent.leg == leg.id:
            change.put(agent, agents.wrap_up(agent, change.now))
        if contact is not None and contact.state is ContactState.AWAITING_DISPOSITION:
            change.schedule(contact, change.now)


def is_disposition_owed(leg: AgentLeg, contact: Contact | None) -> bool:
    """They have talked, and nobody knows yet how it went."""
    return contact is not None and contact.leg == leg.id and contact.talked and not contact.disposition
