"""Rooms: a contact is claimed in one step that checks the caller is still there; only then are both brought together."""

from __future__ import annotations

from dataclasses import replace

import structlog

from ivr.domain.errors import CallGone, TelephonyError
from ivr.domain.records import agent as agents
from ivr.domain.records.agent import Agent
from ivr.domain.records.agent_leg import IN_TALK, Offer, OfferState, Result
from ivr.domain.records.contact import Contact, ContactState, Where
from ivr.services import Services
from ivr.store.change import Change
from ivr.telephony.reply import Again, HangUp, Reply, Room
from ivr.usecases.phrases import say

log = structlog.get_logger()

AGAIN = 6.0  # seconds after which a caller who has not come is sent for again
CHECK = 60.0  # seconds between looks at a talk that goes on


def claim(contact: Contact, offer: Offer, change: Change) -> Contact:
    claimed = change.put(
        contact,
        replace(
            contact,
            state=ContactState.TALKING,
            offer=offer.id,
            served_by=offer.agent or contact.served_by,
            stage=contact.stage + 1,
            conference="",
            caller=Where.COMING,
            agent=Where.ROOM,
            joined=0.0,
            talked=False,
            broke=False,
            left_at=0.0,
            position="",
        ),
    )
    change.wake(claimed, change.now)
    change.journal("accepted", contact=contact.id, offer=offer.id, agent=offer.agent, stage=claimed.stage)
    return claimed


def engage(offer: Offer, agent: Agent | None, contact: Contact, change: Change) -> Offer:
    """`agent`: None for somebody outside."""
    if agent is not None:
        change.put(agent, agents.engage(agent, change.now))
    engaged = change.put(
        offer,
        replace(offer, state=OfferState.ACCEPTED, result=Result.ACCEPTED, stage=contact.stage, step=""),
    )
    change.wake(engaged, change.now + CHECK)
    return engaged


def gone(s: Services, offer: Offer) -> Reply:
    """Nobody is there any more: the agent is told and free; what is owed to the caller was recorded when they left."""
    language = language_of(s, offer)
    while offer.state is not OfferState.OVER:
        if offer.state in IN_TALK:  # a click and a key in the same instant: they have the caller
            return anew(s, offer)
        change = Change(now=s.clock.now())
        release(s, offer, Result.CANCELLED, change)
        if s.store.commit(change):
            break
        offer = s.store.get(Offer, offer.id) or offer
    return Reply(says=(say(s, language, "agent.gone"),), then=HangUp())


def agent_room(s: Services, offer: Offer, contact: Contact, *, words: str = "agent.joining") -> Reply:
    says = (say(s, language_of(s, offer), words),) if words else ()
    return Reply(says=says, then=room(s, contact, offer=offer))


def room(s: Services, contact: Contact, *, offer: Offer | None = None) -> Room:
    """The contact's room, for the caller or for an agent's leg. With three in it, nobody's leaving ends it."""
    action = s.urls.agent_left(offer.id, contact.stage) if offer else s.urls.left(contact.id, contact.stage)
    return Room(
        name=contact.room,
        action=action,
        events=s.urls.room(contact.id, contact.stage),
        label=f"agent-{offer.id}" if offer else "caller",
        end_on_exit=not contact.second,
        star=offer is not None and not offer.outside,
        wait=s.urls.ringing(),
    )


def fetch_caller(s: Services, contact: Contact) -> bool:
    """The caller was claimed but has not come: send for them over REST. A worker does it, again until they are there.

    False when their leg has ended.
    """
    change = Change(now=s.clock.now())
    change.expect(contact)
    change.wake(contact, change.now + AGAIN)
    if not s.store.commit(change):
        return True
    try:
        s.telephony.redirect(contact.call, s.urls.here(contact.id))
    except CallGone:
        return False
    except TelephonyError as e:
        # sent for again at the next wake; the waiting room asks us every ten seconds anyway
        log.warning("redirect_failed", contact=contact.id, code=e.code)
    return True


def anew(s: Services, offer: Offer) -> Reply:
    """Something else happened in that instant: the leg comes once more, and is answered from what is true then."""
    return Reply(then=Again(url=s.urls.agent(offer.id, offer.turn)))


def release(s: Services, offer: Offer, result: Result, change: Change) -> None:
    """The leg's part is over and its agent free."""
    over = change.put(offer, replace(offer, state=OfferState.OVER, result=offer.result or result))
    change.rest(over)
    change.journal(
        "agent leg ended", offer=offer.id, contact=offer.contact, agent=offer.agent, result=over.result
    )
    agent = change.latest(s.store.get(Agent, offer.agent))
    if agent is not None and agent.offer == offer.id:
        change.put(agent, agents.release(agent, change.now))


def end_on_exit(s: Services, contact: Contact) -> None:
    """Two remain of three: from now on whoever leaves ends the room, so that the other comes to us."""
    if contact.second or not contact.conference or not contact.loose:
        return
    offer = s.store.get(Offer, contact.offer)
    for call in (contact.call, offer.call if offer else ""):
        try:
            s.telephony.set_participant(contact.conference, call, end_on_exit=True)
        except CallGone:
            log.info("participant_left", contact=contact.id)
    change = Change(now=s.clock.now())
    change.put(contact, replace(contact, loose=False))
    s.store.commit(change)


def close(s: Services, contact: Contact) -> None:
    """The caller has left a room that does not end by itself: whoever is in it comes to us."""
    try:
        s.telephony.end_conference(contact.conference)
    except CallGone:
        log.info("conference_ended", contact=contact.id)


def at_stage(s: Services, offer: Offer, contact: Contact) -> Offer:
    """The leg goes to the room of this stage now."""
    if offer.stage == contact.stage and contact.agent is Where.ROOM:
        return offer
    change = Change(now=s.clock.now())
    there = change.put(offer, replace(offer, stage=contact.stage))
    if contact.offer == offer.id:
        change.put(contact, replace(contact, agent=Where.ROOM))
    else:
        change.put(contact, replace(contact, second_where=Where.ROOM))
    return there if s.store.commit(change) else offer


def language_of(s: Services, offer: Offer) -> str:
    """What this leg is spoken to in: the agent's own language; to somebody outside, the caller's."""
    agent = s.store.get(Agent, offer.agent) if not offer.outside else None
    if agent is not None:
        return agent.languages[0]
    contact = s.store.get(Contact, offer.contact) if offer.outside else None
    return contact.language if contact else s.library.languages[0]
