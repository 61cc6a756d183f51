"""The desk: the same choices that the phone's keys give, by a click.

A click changes the record as the key would have done; then the agent's leg is sent for, and hears what its state says.
So a browser that dies loses nothing, and the phone goes on where the desk has left it. Every function raises `NotNow`
with words for the agent when what was clicked does not fit what is going on (two tabs, a caller who has just left).
"""

from __future__ import annotations

from dataclasses import replace

from ivr.domain.records.agent import Agent
from ivr.domain.records.agent_leg import BEFORE_ACCEPT, IN_TALK, Offer, OfferState, Result
from ivr.domain.records.contact import Contact, ContactState, Where
from ivr.domain.records.promise import Promise
from ivr.services import Services
from ivr.store.change import Change
from ivr.usecases.agents import leg as agent_leg
from ivr.usecases.agents import ringing, star_menu, wrapup
from ivr.usecases.conferences import leg_commands
from ivr.usecases.contacts import hangups
from ivr.usecases.desk.guards import (
    TRIES,
    NotNow,
    again,
    called,
    come,
    mine,
    must,
    on_hold,
    talk_of,
    with_colleague,
)
from ivr.usecases.desk.targets import Kind, Target, fits_of, may_ring, reserve, waiting_for

# ---- being asked


def accept(s: Services, agent_id: str, offer_id: str) -> None:
    """Yes. It counts from the moment that a person is known to be at their phone: who picks up an ordinary one presses a key."""
    for _ in range(TRIES):
        offer = mine(s, agent_id, offer_id, BEFORE_ACCEPT, "You are not being asked any more.")
        if offer.state is OfferState.BRIEFING and (offer.confirmed or offer.browser or offer.stays):
            ringing.accept(s, called(offer))
            taken = s.store.get(Offer, offer.id)
            if taken is None or taken.state not in IN_TALK:
                come(s, offer.id)
                raise NotNow("They have left, or somebody else has taken it.")
            come(s, offer.id)
            return
        change = Change(now=s.clock.now())
        change.put(offer, replace(offer, eager=True))
        if s.store.commit(change):
            return
    raise NotNow("Too much is happening at once. Try again.")


def decline(s: Services, agent_id: str, offer_id: str) -> None:
    """No: the next person is asked, and the phone is left alone."""
    offer = mine(s, agent_id, offer_id, BEFORE_ACCEPT, "You are not being asked any more.")
    ringing.drop(s, offer, Result.DECLINED, "passed at the desk")
    over = s.store.get(Offer, offer.id)
    if over is None or over.state is not OfferState.OVER or over.result is not Result.DECLINED:
        raise NotNow("You have just accepted it.")
    change = Change(now=s.clock.now())
    change.wake(change.put(over, replace(over, fetch=True, step=agent_leg.DECLINED)), change.now)
    s.store.commit(change)


# ---- in the talk


def hold(s: Services, agent_id: str) -> None:
    """The caller is spoken to, the agent hears the menu of the phone."""
    _hold(s, agent_id)


@again
def back(s: Services, agent_id: str) -> None:
    """To the caller again; a colleague who was asked is not needed any more."""
    offer, contact = on_hold(s, agent_id)
    (star_menu.cancel if contact.second else star_menu.back)(s, called(offer), contact)
    must(s, offer, lambda o: o.state is OfferState.ACCEPTED)
    come(s, offer.id)


@again
def consult(s: Services, agent_id: str, target: Target, reason: str = "") -> None:
    """Ask a colleague, the caller held. Refused, with the caller undisturbed, when nobody is free."""
    offer, contact = talk_of(s, agent_id)
    if contact.second:
        raise NotNow("A colleague is with you already.")
    fits = fits_of(s, target)
    if target.kind is Kind.OUTSIDE:
        may_ring(s, target.name)
    elif not star_menu.free(s, offer, contact, fits):
        raise NotNow("Nobody of them is free just now.")
    if contact.state is not ContactState.HELD:
        offer, contact = _hold(s, agent_id, later=leg_commands.BY_ITSELF)
    if target.kind is Kind.OUTSIDE:
        star_menu.consult_outside(s, called(offer), contact, target.name)
    else:
        star_menu.consult(s, called(offer), contact, fits, reason=reason)
    come(s, offer.id)
    nobody = target.kind is not Kind.OUTSIDE and not star_menu.free(s, offer, contact, fits)
    why = "Nobody of them is free just now." if nobody else ""
    must(s, offer, lambda o: o.state is OfferState.CONSULTING, why)


@again
def introduce(s: Services, agent_id: str) -> None:
    """The colleague has come: all three together."""
    offer, contact = with_colleague(s, agent_id)
    outside = offer.state is OfferState.MENU  # else they are in that very room
    star_menu.introduce(s, called(offer) if outside else offer, contact)
    come(s, offer.id)
    must(s, offer, lambda o: o.state is OfferState.ACCEPTED)


@again
def hand_over(s: Services, agent_id: str) -> None:
    """Leave caller and colleague together, from the consult or from the talk of three."""
    offer, contact = talk_of(s, agent_id)
    if contact.state is ContactState.HELD:
        offer, contact = with_colleague(s, agent_id)
        star_menu.leave_together(s, called(offer), contact)
    else:
        _leave_three(s, called(offer), contact)
    must(s, offer, lambda o: o.state is OfferState.WRAPPING)
    come(s, offer.id)


@again
def blind(s: Services, agent_id: str, target: Target, why: str = "") -> None:
    """Hand the caller on without a word between the agents: to the front of a line, or to one colleague who is free.

    `why` stands before whatever was typed: the next person is told both.
    """
    offer, contact = talk_of(s, agent_id)
    if contact.second:
        raise NotNow("A colleague is with you. Hand over, or go back to the caller first.")
    change = Change(now=s.clock.now())
    told = ". ".join(words for words in (why.strip(" ."), offer.note) if words)
    passed = replace(waiting_for(s, contact, target), transfers=contact.transfers + 1)
    front = hangups.front_of_line(s, passed, change, avoid=(agent_id,))
    change.wake(front, change.now)
    wrapping = change.put(
        offer,
        replace(
            offer,
            state=OfferState.WRAPPING,
            step="note",
            turn=offer.turn + 1,
            note=told,
            typed=bool(told),
            fetch=True,
        ),
    )
    if target.kind is Kind.AGENT:
        reserve(s, wrapping, front, target, change)
    star_menu.wrapping(s, wrapping, change)
    must(s, offer, lambda o: o.state is OfferState.WRAPPING)
    come(s, offer.id)


@again
def finish_talk(s: Services, agent_id: str) -> None:
    """We are done: the caller is asked whether there is anything else, the agent says how it went."""
    offer, contact = talk_of(s, agent_id)
    if contact.second:
        raise NotNow("A colleague is with you. Hand over, or go back to the caller first.")
    change = Change(now=s.clock.now())
    asking = hangups.ask(contact, change)
    change.wake(asking, change.now)
    wrapping = change.put(
        offer, replace(called(offer), state=OfferState.WRAPPING, step="disposition", turn=offer.turn + 1)
    )
    star_menu.wrapping(s, wrapping, change)
    must(s, offer, lambda o: o.state is OfferState.WRAPPING)
    come(s, offer.id)


def promise(s: Services, agent_id: str, hours: int) -> Promise:
    """A call by a time: owed by this agent from this moment."""
    for _ in range(TRIES):
        offer, contact = talk_of(s, agent_id)
        change = Change(now=s.clock.now())
        kept = wrapup.owe_call(s, contact, offer, hours, change)
        if s.store.commit(change):
            made = s.store.get(Promise, kept.promise)
            if made is not None:
                return made
    raise NotNow("Too much is happening at once. Try again.")


def type_note(s: Services, agent_id: str, words: str) -> None:
    """What is typed is kept at once: whoever takes the caller next is told it, and the wrap-up begins with it."""
    for _ in range(TRIES):
        agent = s.store.get(Agent, agent_id)
        offer = s.store.get(Offer, agent.offer) if agent and agent.offer else None
        if offer is None:
            raise NotNow("You are not in a call.")
        change = Change(now=s.clock.now())
        change.put(offer, replace(offer, note=words.strip(), typed=bool(words.strip())))
        if s.store.commit(change):
            return
    raise NotNow("Too much is happening at once. Try again.")


# ---- in common


def _hold(s: Services, agent_id: str, *, later: float = 0.0) -> tuple[Offer, Contact]:
    """`later`: seconds until the agent's leg is sent for."""
    for _ in range(TRIES):
        offer, contact = talk_of(s, agent_id)
        if contact.state is ContactState.HELD:
            return offer, contact
        if contact.second:
            raise NotNow("A colleague is with you and the caller.")
        change = Change(now=s.clock.now())
        held = hangups.step_out(contact, change)
        change.wake(held, change.now)  # the caller is in the room still, and is sent for
        menu = change.put(
            offer,
            replace(offer, state=OfferState.MENU, step="menu", turn=offer.turn + 1, tries=0, fetch=True),
        )
        change.wake(menu, change.now + later)
        if s.store.commit(change):
            return menu, held
    raise NotNow("Too much is happening at once. Try again.")


def _leave_three(s: Services, offer: Offer, contact: Contact) -> None:
    """Out of the talk of three: the colleague and the caller remain."""
    if not contact.second or contact.second_where is not Where.ROOM:
        raise NotNow("No colleague is with you.")
    change = Change(now=s.clock.now())
    heir = change.put(
        contact,
        replace(
            contact,
            offer=contact.second,
            agent=Where.ROOM,
            second="",
            second_where=Where.NOWHERE,
            transfers=contact.transfers + 1,
            loose=True,
        ),
    )
    star_menu.in_good_hands(s, heir, offer, change)
    change.wake(heir, change.now)  # two remain: their leaving must end the room again
    wrapping = change.put(offer, replace(offer, state=OfferState.WRAPPING, step="note", turn=offer.turn + 1))
    star_menu.wrapping(s, wrapping, change)
