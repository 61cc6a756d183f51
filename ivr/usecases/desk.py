"""The desk: the same choices that the phone's keys give, by a click.

A click changes the record as the key would have done; then the agent's leg is sent for, and hears what its state says.
So a browser that dies loses nothing, and the phone goes on where the desk has left it. Every function raises `NotNow`
with words for the agent when what was clicked does not fit what is going on (two tabs, a caller who has just left).
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import wraps
from typing import ParamSpec

from ivr.domain.agent import Agent, AgentState
from ivr.domain.contact import Contact, ContactState, Where
from ivr.domain.errors import CalorError
from ivr.domain.offer import BEFORE_ACCEPT, IN_TALK, Offer, OfferKind, OfferState, Result
from ivr.domain.promise import Promise
from ivr.services import Services
from ivr.store.change import Change
from ivr.usecases import agent_leg, known, leaving, legs, line, offers, ringable, route, transfer, wrap

TRIES = 5  # a record that somebody else changes at the same instant is read again


class NotNow(CalorError):
    """What was asked for does not fit what is going on."""


class _Lost(NotNow):
    """Nothing came of it: the record was written at the same moment, and what was asked for may still fit."""


Args = ParamSpec("Args")


def _again(act: Callable[Args, None]) -> Callable[Args, None]:
    """A click that lost to a write of the line's own is done once more, from what is true then."""

    @wraps(act)
    def tried(*args: Args.args, **more: Args.kwargs) -> None:
        for _ in range(TRIES - 1):
            with suppress(_Lost):
                return act(*args, **more)
        return act(*args, **more)

    return tried


class Kind(StrEnum):
    AGENT = "agent"
    OUTSIDE = "outside"
    QUEUE = "queue"
    SUPERVISOR = "supervisor"


@dataclass(frozen=True, kw_only=True)
class Target:
    """Who is asked for. `name`: an agent's id, a queue's name, a number in E.164, nothing for a supervisor."""

    kind: Kind
    name: str = ""


# ---- being asked


def accept(s: Services, agent_id: str, offer_id: str) -> None:
    """Yes. It counts from the moment that a person is known to be at their phone: who picks up an ordinary one presses a key."""
    for _ in range(TRIES):
        offer = _mine(s, agent_id, offer_id, BEFORE_ACCEPT, "You are not being asked any more.")
        if offer.state is OfferState.BRIEFING and (offer.confirmed or offer.browser or offer.stays):
            offers.accept(s, _called(offer))
            taken = s.store.get(Offer, offer.id)
            if taken is None or taken.state not in IN_TALK:
                _come(s, offer.id)
                raise NotNow("They have left, or somebody else has taken it.")
            _come(s, offer.id)
            return
        change = Change(now=s.clock.now())
        change.put(offer, replace(offer, eager=True))
        if s.store.commit(change):
            return
    raise NotNow("Too much is happening at once. Try again.")


def decline(s: Services, agent_id: str, offer_id: str) -> None:
    """No: the next person is asked, and the phone is left alone."""
    offer = _mine(s, agent_id, offer_id, BEFORE_ACCEPT, "You are not being asked any more.")
    offers.drop(s, offer, Result.DECLINED, "passed at the desk")
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


@_again
def back(s: Services, agent_id: str) -> None:
    """To the caller again; a colleague who was asked is not needed any more."""
    offer, contact = _held(s, agent_id)
    (transfer.cancel if contact.second else transfer.back)(s, _called(offer), contact)
    _must(s, offer, lambda o: o.state is OfferState.ACCEPTED)
    _come(s, offer.id)


@_again
def consult(s: Services, agent_id: str, target: Target, reason: str = "") -> None:
    """Ask a colleague, the caller held. Refused, with the caller undisturbed, when nobody is free."""
    offer, contact = _talk(s, agent_id)
    if contact.second:
        raise NotNow("A colleague is with you already.")
    fits = _fits(s, target)
    if target.kind is Kind.OUTSIDE:
        _may_ring(s, target.name)
    elif not transfer.free(s, offer, contact, fits):
        raise NotNow("Nobody of them is free just now.")
    if contact.state is not ContactState.HELD:
        offer, contact = _hold(s, agent_id, later=legs.BY_ITSELF)
    if target.kind is Kind.OUTSIDE:
        transfer.consult_outside(s, _called(offer), contact, target.name)
    else:
        transfer.consult(s, _called(offer), contact, fits, reason=reason)
    _come(s, offer.id)
    nobody = target.kind is not Kind.OUTSIDE and not transfer.free(s, offer, contact, fits)
    why = "Nobody of them is free just now." if nobody else ""
    _must(s, offer, lambda o: o.state is OfferState.CONSULTING, why)


@_again
def introduce(s: Services, agent_id: str) -> None:
    """The colleague has come: all three together."""
    offer, contact = _with_colleague(s, agent_id)
    outside = offer.state is OfferState.MENU  # else they are in that very room
    transfer.introduce(s, _called(offer) if outside else offer, contact)
    _come(s, offer.id)
    _must(s, offer, lambda o: o.state is OfferState.ACCEPTED)


@_again
def hand_over(s: Services, agent_id: str) -> None:
    """Leave caller and colleague together, from the consult or from the talk of three."""
    offer, contact = _talk(s, agent_id)
    if contact.state is ContactState.HELD:
        offer, contact = _with_colleague(s, agent_id)
        transfer.leave_together(s, _called(offer), contact)
    else:
        _leave_three(s, _called(offer), contact)
    _must(s, offer, lambda o: o.state is OfferState.WRAPPING)
    _come(s, offer.id)


@_again
def blind(s: Services, agent_id: str, target: Target, why: str = "") -> None:
    """Hand the caller on without a word between the agents: to the front of a line, or to one colleague who is free.

    `why` stands before whatever was typed: the next person is told both.
    """
    offer, contact = _talk(s, agent_id)
    if contact.second:
        raise NotNow("A colleague is with you. Hand over, or go back to the caller first.")
    change = Change(now=s.clock.now())
    told = ". ".join(words for words in (why.strip(" ."), offer.note) if words)
    passed = replace(_for(s, contact, target), transfers=contact.transfers + 1)
    front = leaving.front_of_line(s, passed, change, avoid=(agent_id,))
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
        _reserve(s, wrapping, front, target, change)
    transfer.wrapping(s, wrapping, change)
    _must(s, offer, lambda o: o.state is OfferState.WRAPPING)
    _come(s, offer.id)


@_again
def finish_talk(s: Services, agent_id: str) -> None:
    """We are done: the caller is asked whether there is anything else, the agent says how it went."""
    offer, contact = _talk(s, agent_id)
    if contact.second:
        raise NotNow("A colleague is with you. Hand over, or go back to the caller first.")
    change = Change(now=s.clock.now())
    asking = leaving.ask(contact, change)
    change.wake(asking, change.now)
    wrapping = change.put(
        offer, replace(_called(offer), state=OfferState.WRAPPING, step="disposition", turn=offer.turn + 1)
    )
    transfer.wrapping(s, wrapping, change)
    _must(s, offer, lambda o: o.state is OfferState.WRAPPING)
    _come(s, offer.id)


def promise(s: Services, agent_id: str, hours: int) -> Promise:
    """A call by a time: owed by this agent from this moment."""
    for _ in range(TRIES):
        offer, contact = _talk(s, agent_id)
        change = Change(now=s.clock.now())
        kept = wrap.owe_call(s, contact, offer, hours, change)
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


# ---- what they have in common


def _mine(s: Services, agent_id: str, offer_id: str, states: frozenset[OfferState], otherwise: str) -> Offer:
    offer = s.store.get(Offer, offer_id)
    if offer is None or offer.agent != agent_id or offer.state not in states:
        raise NotNow(otherwise)
    return offer


def _talk(s: Services, agent_id: str) -> tuple[Offer, Contact]:
    """The talk that is this agent's to steer."""
    agent = s.store.get(Agent, agent_id)
    offer = s.store.get(Offer, agent.offer) if agent and agent.offer else None
    contact = s.store.get(Contact, offer.contact) if offer else None
    if offer is None or contact is None or offer.state not in IN_TALK:
        raise NotNow("You are not in a call.")
    if contact.offer != offer.id:
        raise NotNow("The call is your colleague's to steer.")
    if contact.state is ContactState.TALKING and contact.caller is Where.ROOM:
        return offer, contact
    if contact.state is ContactState.HELD:
        return offer, contact
    raise NotNow("The caller is not with you just now.")


def _held(s: Services, agent_id: str) -> tuple[Offer, Contact]:
    offer, contact = _talk(s, agent_id)
    if contact.state is not ContactState.HELD:
        raise NotNow("The caller is not on hold.")
    return offer, contact


def _with_colleague(s: Services, agent_id: str) -> tuple[Offer, Contact]:
    offer, contact = _held(s, agent_id)
    if not contact.second or contact.second_where is not Where.ROOM:
        raise NotNow("Your colleague is not there yet.")
    return offer, contact


def _hold(s: Services, agent_id: str, *, later: float = 0.0) -> tuple[Offer, Contact]:
    """`later`: seconds until the agent's leg is sent for."""
    for _ in range(TRIES):
        offer, contact = _talk(s, agent_id)
        if contact.state is ContactState.HELD:
            return offer, contact
        if contact.second:
            raise NotNow("A colleague is with you and the caller.")
        change = Change(now=s.clock.now())
        held = leaving.step_out(contact, change)
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
    transfer.in_good_hands(s, heir, offer, change)
    change.wake(heir, change.now)  # two remain: their leaving must end the room again
    wrapping = change.put(offer, replace(offer, state=OfferState.WRAPPING, step="note", turn=offer.turn + 1))
    transfer.wrapping(s, wrapping, change)


def _may_ring(s: Services, number: str) -> None:
    if why := ringable.why_not(s, number, customers=False):
        raise NotNow(f"{number} cannot be rung ({why.value.replace('_', ' ')}).")


def _fits(s: Services, target: Target) -> Callable[[Agent], bool]:
    match target.kind:
        case Kind.SUPERVISOR:
            return lambda a: a.supervisor
        case Kind.AGENT:
            return lambda a: a.id == target.name
        case Kind.OUTSIDE:
            return lambda _: False
        case Kind.QUEUE:
            needed = set(known.required(s, target.name))
            return lambda a: needed <= set(a.skills)


def _for(s: Services, contact: Contact, target: Target) -> Contact:
    """The contact, as it waits for them."""
    match target.kind:
        case Kind.SUPERVISOR:
            return replace(contact, supervisor=True)
        case Kind.QUEUE:
            s.library.queue(target.name)  # there must be one
            return replace(contact, queue=target.name, skills=())
        case Kind.AGENT:
            return contact
        case Kind.OUTSIDE:
            raise NotNow("Nobody outside is handed a caller without a word: ask them first.")


def _reserve(s: Services, offer: Offer, front: Contact, target: Target, change: Change) -> None:
    """One colleague is asked for this caller; if they pass, it is the next person's turn. Raises NotNow."""
    colleague = s.store.get(Agent, target.name)
    if colleague is None or colleague.state is not AgentState.AVAILABLE:
        raise NotNow("They are not free just now.")
    asked = Offer(
        id=s.new_id(),
        kind=OfferKind.CONTACT,
        agent=colleague.id,
        contact=front.id,
        promise=front.promise,
        line=front.line,
        by=offer.id,
        made=change.now,
        why="handed on by a colleague",
    )
    line.leave(front, change)
    change.put(front, replace(front, offer=asked.id))
    route.ask(asked, colleague, change)


def _called(offer: Offer) -> Offer:
    """As the change will have it: the leg is to hear what its state says then.

    In the very change that moves it: a leg that comes by itself just after it is not sent for once more.
    """
    return replace(offer, fetch=True)


def _come(s: Services, offer_id: str) -> None:
    """Have the leg sent for now, unless it has come meanwhile."""
    for _ in range(TRIES):
        offer = s.store.get(Offer, offer_id)
        if offer is None or not offer.fetch:
            return
        change = Change(now=s.clock.now())
        change.expect(offer)
        change.wake(offer, change.now)
        if s.store.commit(change):
            return


def _must(s: Services, offer: Offer, became: Callable[[Offer], bool], otherwise: str = "") -> None:
    """Whether it came to that: another tab, or the phone's own keys, may have been faster. Raises NotNow."""
    now = s.store.get(Offer, offer.id)
    if now is not None and now.state is offer.state and not became(now) and not otherwise:
        raise _Lost("Too much is happening at once. Try again.")
    if now is None or not became(now):
        raise NotNow(otherwise or "Something else happened at the same moment. Look again.")
