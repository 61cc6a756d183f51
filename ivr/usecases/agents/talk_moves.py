"""Where an agent's leg goes from the menu: back to the caller, or on to the wrap-up."""

from __future__ import annotations

from ivr.domain.records import agent as agents
from ivr.domain.records.agent import Agent
from ivr.domain.records.agent_leg import AgentLeg
from ivr.domain.records.contact import Contact
from ivr.domain.records.contact_parts import PartyLocation
from ivr.services import Services
from ivr.store.change import Change
from ivr.store.queries.leg_view import LegView
from ivr.telephony.reply import Reply
from ivr.usecases.agents import wrapup, wrapup_effects
from ivr.usecases.conferences import conference
from ivr.usecases.contacts import caller_moves


def return_to_caller(services: Services, view: LegView, contact: Contact) -> Reply:
    """Caller and agent meet again in a new conference."""
    return rejoin_caller(services, view, contact, services.store.begin(view.records))


def rejoin_caller(services: Services, view: LegView, contact: Contact, change: Change) -> Reply:
    """The same, with more to write. `contact`: as the change has it, or as it was read."""
    change.put(contact, contact)
    coming = caller_moves.bring_caller(
        contact.place_agent(PartyLocation.IN_CONFERENCE), change, same_conference=False
    )
    return join_conference(services, view, coming, change, phrase_key="agent.returned")


def join_conference(
    services: Services, view: LegView, contact: Contact, change: Change, *, phrase_key: str
) -> Reply:
    """Commit the change and send this leg to the contact's conference; ask again when somebody else was quicker."""
    there = change.put(view.leg, view.leg.return_to_talk(contact.conference.number))
    if not services.store.commit(change):
        return conference.ask_again(services, view.leg)
    return conference.build_agent_reply(services, view.with_leg(there), contact, phrase_key=phrase_key)


def move_to_wrapup(services: Services, view: LegView, wrapping: AgentLeg, change: Change) -> Reply:
    """Out of the talk: what was typed in it is kept, and the agent is asked how it went. `wrapping`: the leg in its wrap-up."""
    leg = change.put(view.leg, wrapping)
    leg = change.put(leg, wrapup_effects.save_typed_note(services, leg, change))
    agent = change.get(Agent, leg.agent)
    if agent is not None:
        change.put(agent, agents.wrap_up(agent, change.now))
    change.schedule(leg, change.now + wrapup.TIMEOUT_SECONDS)
    if not services.store.commit(change):
        return conference.ask_again(services, leg)
    return wrapup.prompt(services, view.with_leg(leg))
