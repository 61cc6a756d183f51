"""Conferences: a contact is claimed in one step that checks the caller is still there; only then are both brought together."""

from __future__ import annotations

from dataclasses import replace

import structlog

from ivr.domain.errors import CallGone, TelephonyError, TryLater
from ivr.domain.records import agent as agents
from ivr.domain.records.agent import Agent
from ivr.domain.records.agent_leg import IN_TALK, AgentLeg, LegResult, LegState
from ivr.domain.records.contact import Contact
from ivr.domain.records.contact_parts import PartyLocation
from ivr.services import Services
from ivr.store.change import Change
from ivr.store.queries.leg_view import LegView
from ivr.telephony.reply import HangUp, JoinConference, Redirect, Reply
from ivr.usecases.phrases import phrase

log = structlog.get_logger()

REDIRECT_AGAIN_SECONDS = 6.0  # seconds after which a caller who has not come is sent for again
FAILED_REDIRECT_AGAIN_SECONDS = 1.0  # the same when Twilio has refused it, or has not answered
CHECK_SECONDS = 60.0  # seconds between looks at a talk that goes on


def claim(contact: Contact, leg: AgentLeg, change: Change) -> Contact:
    claimed = change.put(
        contact,
        contact.claim(leg.id, agent=leg.agent),
    )
    change.schedule(claimed, change.now)
    change.log_event(
        "accepted", contact=contact.id, offer=leg.id, agent=leg.agent, stage=claimed.conference.number
    )
    return claimed


def engage(leg: AgentLeg, agent: Agent | None, contact: Contact, change: Change) -> AgentLeg:
    """`agent`: None for somebody outside."""
    if agent is not None:
        change.put(agent, agents.engage(agent, change.now))
    engaged = change.put(
        leg,
        leg.accept(contact.conference.number),
    )
    change.schedule(engaged, change.now + CHECK_SECONDS)
    return engaged


def tell_agent_caller_gone(services: Services, view: LegView) -> Reply:
    """Nobody is there any more: the agent is told and free; what is owed to the caller was recorded when they left."""
    leg = view.leg
    for change in services.store.transact(view.records):
        if change.is_retry:
            leg = services.store.reload(leg)
        if leg.state is LegState.ENDED:
            break
        if leg.state in IN_TALK:  # a click and a key in the same instant: they have the caller
            return ask_again(services, leg)
        end_leg(leg, LegResult.CANCELLED, change)
    return Reply(prompts=(phrase(services, view.language, "agent.gone"),), verb=HangUp())


def build_agent_reply(
    services: Services, view: LegView, contact: Contact, *, phrase_key: str = "agent.joining"
) -> Reply:
    """Into the contact's conference, with these words before it; none where `phrase_key` is empty."""
    says = (phrase(services, view.language, phrase_key),) if phrase_key else ()
    return Reply(prompts=says, verb=build_join_verb(services, contact, leg=view.leg))


def build_join_verb(services: Services, contact: Contact, *, leg: AgentLeg | None = None) -> JoinConference:
    """The contact's conference, for the caller or for an agent's leg. With three in it, nobody's leaving ends it."""
    action = (
        services.urls.agent_left(leg.id, contact.conference.number)
        if leg
        else services.urls.caller_left(contact.id, contact.conference.number)
    )
    return JoinConference(
        conference_name=contact.conference_name,
        action_url=action,
        events_url=services.urls.conference_events(contact.id, contact.conference.number),
        label=f"agent-{leg.id}" if leg else "caller",
        end_on_exit=not contact.conference.consult_leg,
        leave_on_star=leg is not None and not leg.consult.external_number,
        wait_url=services.urls.conference_wait(),
    )


def redirect_caller(services: Services, contact: Contact) -> bool:
    """The caller was claimed but has not come: send for them over REST. A worker does it, again until they are there.

    False when their leg has ended.
    """
    change = services.store.begin()
    change.expect(contact)
    change.schedule(contact, change.now + REDIRECT_AGAIN_SECONDS)
    if not services.store.commit(change):
        return True
    try:
        services.telephony.redirect(contact.call, services.urls.resume(contact.id))
    except CallGone:
        return False
    except TelephonyError as e:
        log.warning("redirect_failed", contact=contact.id, code=e.code)
        if not isinstance(e, TryLater):  # sent for twice they hear the same; not at all, they hear nothing
            soon = services.store.begin()
            soon.expect(contact)
            soon.schedule(contact, soon.now + FAILED_REDIRECT_AGAIN_SECONDS)
            services.store.commit_best_effort(soon)
    return True


def find_stray_caller(services: Services, contact: Contact) -> None:
    """A conference has told that they came in: when they are in it still, they are sent for. Else the event was late."""
    try:
        inside = services.telephony.list_participants(contact.conference.stray_sid)
    except CallGone:
        inside = []  # that conference has ended
    found = any(one.call_sid == contact.call for one in inside)
    change = services.store.begin()
    known = replace(
        contact,
        conference=replace(
            contact.conference,
            stray_sid="",
            caller_location=PartyLocation.IN_CONFERENCE if found else contact.conference.caller_location,
        ),
    )
    change.schedule(change.put(contact, known), change.now)
    if found:
        log.warning("stray_caller_found", contact=contact.id)
    services.store.commit_best_effort(change)


def ask_again(services: Services, leg: AgentLeg) -> Reply:
    """Something else happened in that instant: the leg comes once more, and is answered from what is true then."""
    return Reply(verb=Redirect(url=services.urls.agent(leg.id, leg.prompt.turn)))


def end_leg(leg: AgentLeg, result: LegResult, change: Change) -> None:
    """The leg's part is over and its agent free."""
    over = change.put(leg, leg.end(result))
    change.unschedule(over)
    change.log_event(
        "agent leg ended", offer=leg.id, contact=leg.contact, agent=leg.agent, result=over.result
    )
    agent = change.get(Agent, leg.agent)
    if agent is not None and agent.leg == leg.id:
        change.put(agent, agents.release(agent, change.now))


def let_whoever_leaves_end_it(services: Services, contact: Contact) -> None:
    """Two remain of three: from now on whoever leaves ends the conference, so that the other comes to us."""
    if contact.conference.consult_leg or not contact.conference.sid or not contact.conference.stays_open:
        return
    leg = services.store.get(AgentLeg, contact.leg)
    for call in (contact.call, leg.call if leg else ""):
        try:
            services.telephony.set_participant(contact.conference.sid, call, end_on_exit=True)
        except CallGone:
            log.info("participant_left", contact=contact.id)
    change = services.store.begin()
    change.put(contact, replace(contact, conference=replace(contact.conference, stays_open=False)))
    services.store.commit_best_effort(change)


def end_conference(services: Services, contact: Contact) -> None:
    """The caller has left a conference that does not end by itself: whoever is in it comes to us."""
    try:
        services.telephony.end_conference(contact.conference.sid)
    except CallGone:
        log.info("conference_ended", contact=contact.id)


def update_leg_conference(services: Services, view: LegView, contact: Contact) -> LegView:
    """The leg goes to the present conference now."""
    leg, here = view.leg, PartyLocation.IN_CONFERENCE
    if leg.conference_number == contact.conference.number and contact.conference.agent_location is here:
        return view
    change = services.store.begin(view.records)
    there = change.put(leg, replace(leg, conference_number=contact.conference.number))
    placed = contact.place_agent(here) if contact.leg == leg.id else contact.place_colleague(here)
    change.put(contact, placed)
    return view.with_leg(there) if services.store.commit(change) else view
