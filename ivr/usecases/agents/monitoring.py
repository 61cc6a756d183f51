"""A supervisor in somebody's talk: hearing, whispering to the agent, or speaking to both. They are rung like anybody.

Their leg is no part of the talk: it never holds a room open or ends it, and it goes when the talk ends.
"""

from __future__ import annotations

from dataclasses import replace

import structlog

from ivr.domain.actor import THE_LINE, By
from ivr.domain.errors import CallGone, CalorError
from ivr.domain.records.agent import Agent
from ivr.domain.records.agent_leg import Ear, Offer, OfferKind, OfferState, Result
from ivr.domain.records.contact import Contact, ContactState, Where
from ivr.services import Services
from ivr.store.change import Change
from ivr.telephony.reply import HangUp, Reply, Room
from ivr.usecases.conferences import conference, leg_commands
from ivr.usecases.phrases import say
from ivr.usecases.routing import router

log = structlog.get_logger()

LOOK = 5.0  # seconds between looks whether there is still something to hear
TRIES = 5


class NotPossible(CalorError):
    """Says why nobody can be listened to."""


def hears(s: Services, supervisor: str) -> str:
    """The contact whose talk they are in; "" = none."""
    try:
        return _listening(s, supervisor).contact
    except NotPossible:
        return ""


def listen(s: Services, supervisor: str, contact_id: str, ear: Ear, *, by: By = THE_LINE) -> Offer:
    """Ring the supervisor; with a key they are in. Raises NotPossible."""
    agent, contact = s.store.get(Agent, supervisor), s.store.get(Contact, contact_id)
    if agent is None or not agent.supervisor:
        raise NotPossible("Only supervisors listen in.")
    if contact is None or not _goes_on(contact):
        raise NotPossible("They are not talking any more.")
    change = Change(now=s.clock.now())
    offer = Offer(
        id=s.new_id(),
        kind=OfferKind.LISTEN,
        agent=agent.id,
        contact=contact.id,
        line=contact.line,
        made=change.now,
        ear=ear,
        why="wants to hear it",
    )
    change.act("monitoring", by, contact=contact.id, agent=agent.id, how=ear.value)
    made = router.ask(offer, agent, change)
    if made is None or not s.store.commit(change):
        raise NotPossible(f"You are {agent.state}. Be available, or away, to listen in.")
    return made


def enter(s: Services, offer: Offer) -> Reply:
    """They pressed the key."""
    contact, agent = s.store.get(Contact, offer.contact), s.store.get(Agent, offer.agent)
    if contact is None or agent is None or not _goes_on(contact):
        return _over(s, offer)
    change = Change(now=s.clock.now())
    there = conference.engage(offer, agent, contact, change)
    change.wake(there, change.now + LOOK)
    if not s.store.commit(change):
        return here(s, s.store.get(Offer, offer.id) or offer)
    return Reply(then=_room(s, there, contact))


def here(s: Services, offer: Offer) -> Reply:
    """Into the room where the talk is now."""
    contact = s.store.get(Contact, offer.contact)
    if contact is None or offer.state is not OfferState.ACCEPTED or not _goes_on(contact):
        return _over(s, offer)
    change = Change(now=s.clock.now())
    there = change.put(offer, replace(offer, stage=contact.stage, fetch=False, sent=0.0))
    if not s.store.commit(change):
        there = s.store.get(Offer, offer.id) or offer
    return Reply(then=_room(s, there, contact))


def left(s: Services, offer: Offer, stage: int) -> Reply:
    """They pressed *, or the room has ended: the talk may go on in another."""
    contact = s.store.get(Contact, offer.contact)
    moved_on = contact is not None and _goes_on(contact) and contact.stage != stage
    return here(s, offer) if moved_on else _over(s, offer)


def change_ear(s: Services, supervisor: str, ear: Ear, *, by: By = THE_LINE) -> None:
    """From hearing to whispering, from there to speaking, and back. Raises NotPossible."""
    for _ in range(TRIES):
        offer = _listening(s, supervisor)
        contact = s.store.get(Contact, offer.contact)
        if contact is None or not _goes_on(contact):
            raise NotPossible("They are not talking any more.")
        change = Change(now=s.clock.now())
        change.put(offer, replace(offer, ear=ear))
        change.act("monitoring", by, contact=contact.id, agent=supervisor, how=ear.value)
        if not s.store.commit(change):
            continue
        try:
            s.telephony.listen_in(
                contact.conference,
                offer.call,
                muted=ear is Ear.MONITOR,
                coach=_coached(s, contact, ear) or None,
            )
        except CallGone as e:
            raise NotPossible("They are not talking any more.") from e
        return
    raise NotPossible("Too much is happening at once. Try again.")


def stop(s: Services, supervisor: str, *, by: By = THE_LINE) -> None:
    """Enough heard. Raises NotPossible."""
    for _ in range(TRIES):
        offer = _listening(s, supervisor)
        change = Change(now=s.clock.now())
        leg_commands.dismiss(s, offer.id, change)
        change.act("monitoring ended", by, contact=offer.contact, agent=supervisor)
        if s.store.commit(change):
            return
    raise NotPossible("Too much is happening at once. Try again.")


def tend(s: Services, offer: Offer) -> None:
    """Nobody sits in an empty room: with the talk gone elsewhere the leg is sent for."""
    contact = s.store.get(Contact, offer.contact)
    change = Change(now=s.clock.now())
    if contact is None or not _goes_on(contact) or contact.stage != offer.stage:
        leg_commands.send_for(s, offer.id, change)
    else:
        change.expect(offer)
        change.wake(offer, change.now + LOOK)
    s.store.commit(change)


def _goes_on(contact: Contact) -> bool:
    return (
        contact.state is ContactState.TALKING
        and contact.caller is Where.ROOM
        and contact.agent is Where.ROOM
        and bool(contact.conference)
    )


def _room(s: Services, offer: Offer, contact: Contact) -> Room:
    return replace(
        conference.room(s, contact, offer=offer),
        end_on_exit=False,
        muted=offer.ear is Ear.MONITOR,
        coach=_coached(s, contact, offer.ear),
    )


def _coached(s: Services, contact: Contact, ear: Ear) -> str:
    talks = s.store.get(Offer, contact.offer) if ear is Ear.WHISPER else None
    return talks.call if talks else ""


def _listening(s: Services, supervisor: str) -> Offer:
    agent = s.store.get(Agent, supervisor)
    offer = s.store.get(Offer, agent.offer) if agent and agent.offer else None
    if offer is None or offer.kind is not OfferKind.LISTEN or offer.state is not OfferState.ACCEPTED:
        raise NotPossible("You are not listening to anybody.")
    return offer


def _over(s: Services, offer: Offer) -> Reply:
    words = say(s, conference.language_of(s, offer), "agent.listen_over")
    while offer.state is not OfferState.OVER:
        change = Change(now=s.clock.now())
        conference.release(s, offer, Result.ACCEPTED, change)
        if s.store.commit(change):
            break
        offer = s.store.get(Offer, offer.id) or offer
    log.info("monitoring_ended", contact=offer.contact)
    return Reply(says=(words,), then=HangUp())
