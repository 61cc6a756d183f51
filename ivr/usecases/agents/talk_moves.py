"""Where an agent's leg goes from the menu: back to the caller, or on to the wrap-up."""

from __future__ import annotations

from ivr.domain.records import agent as agents
from ivr.domain.records.agent import Agent
from ivr.domain.records.agent_leg import AgentLeg
from ivr.domain.records.contact import Contact
from ivr.domain.records.contact_parts import PartyLocation
from ivr.services import Services
from ivr.store.change import Change
from ivr.telephony.reply import Reply
from ivr.usecases.agents import wrapup, wrapup_effects
from ivr.usecases.conferences import conference
from ivr.usecases.contacts import caller_moves


def return_to_caller(services: Services, leg: AgentLeg, contact: Contact) -> Reply:
    change = services.store.begin()
    return rejoin_caller(services, leg, contact, change, "agent.returned")


def rejoin_caller(
    services: Services,
    leg: AgentLeg,
    contact: Contact,
    change: Change,
    phrase_key: str,
    *,
    without_colleague: Contact | None = None,
) -> Reply:
    """Caller and agent meet again in a new conference."""
    change.put(contact, without_colleague or contact)
    there = without_colleague or contact
    there = there.place_agent(PartyLocation.IN_CONFERENCE)
    coming = caller_moves.bring_caller(there, change, same_conference=False)
    return join_conference(services, leg, coming, change, phrase_key=phrase_key)


def join_conference(
    services: Services, leg: AgentLeg, contact: Contact, change: Change, *, phrase_key: str
) -> Reply:
    """Commit the change and send this leg to the contact's conference; ask again when somebody else was quicker."""
    there = change.put(
        leg,
        leg.return_to_talk(contact.conference.number),
    )
    if not services.store.commit(change):
        return conference.ask_again(services, leg)
    return conference.build_agent_reply(services, there, contact, phrase_key=phrase_key)


def move_to_wrapup(services: Services, leg: AgentLeg, change: Change) -> Reply:
    """Out of the talk: what was typed in it is kept, and the agent is asked how it went."""
    leg = change.put(leg, wrapup_effects.save_typed_note(services, leg, change))
    agent = services.store.get(Agent, leg.agent)
    if agent is not None:
        change.put(agent, agents.wrap_up(agent, change.now))
    change.schedule(leg, change.now + wrapup.TIMEOUT_SECONDS)
    if not services.store.commit(change):
        return conference.ask_again(services, leg)
    return wrapup.prompt(services, leg)
