"""What every click at the desk has in common: whether it fits what is going on, and the leg that is sent for afterwards."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import wraps
from typing import ParamSpec

from ivr.domain.errors import CalorError
from ivr.domain.records.agent import Agent
from ivr.domain.records.agent_leg import IN_TALK, Offer, OfferState
from ivr.domain.records.contact import Contact, ContactState, Where
from ivr.services import Services
from ivr.store.change import Change

TRIES = 5  # a record that somebody else changes at the same instant is read again


class NotNow(CalorError):
    """What was asked for does not fit what is going on."""


class Lost(NotNow):
    """Nothing came of it: the record was written at the same moment, and what was asked for may still fit."""


Args = ParamSpec("Args")


def again(act: Callable[Args, None]) -> Callable[Args, None]:
    """A click that lost to a write of the line's own is done once more, from what is true then."""

    @wraps(act)
    def tried(*args: Args.args, **more: Args.kwargs) -> None:
        for _ in range(TRIES - 1):
            with suppress(Lost):
                return act(*args, **more)
        return act(*args, **more)

    return tried


# ---- what it is about


def mine(s: Services, agent_id: str, offer_id: str, states: frozenset[OfferState], otherwise: str) -> Offer:
    """The offer, when it is this agent's and in one of these states. Raises NotNow with `otherwise`."""
    offer = s.store.get(Offer, offer_id)
    if offer is None or offer.agent != agent_id or offer.state not in states:
        raise NotNow(otherwise)
    return offer


def talk_of(s: Services, agent_id: str) -> tuple[Offer, Contact]:
    """The talk that is this agent's to steer. Raises NotNow."""
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


def on_hold(s: Services, agent_id: str) -> tuple[Offer, Contact]:
    """The same, with the caller held."""
    offer, contact = talk_of(s, agent_id)
    if contact.state is not ContactState.HELD:
        raise NotNow("The caller is not on hold.")
    return offer, contact


def with_colleague(s: Services, agent_id: str) -> tuple[Offer, Contact]:
    """The same, with a colleague who has come to this agent."""
    offer, contact = on_hold(s, agent_id)
    if not contact.second or contact.second_where is not Where.ROOM:
        raise NotNow("Your colleague is not there yet.")
    return offer, contact


# ---- what comes of it


def called(offer: Offer) -> Offer:
    """As the change will have it: the leg is to hear what its state says then.

    In the very change that moves it: a leg that comes by itself just after it is not sent for once more.
    """
    return replace(offer, fetch=True)


def come(s: Services, offer_id: str) -> None:
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


def must(s: Services, offer: Offer, became: Callable[[Offer], bool], otherwise: str = "") -> None:
    """Whether it came to that: another tab, or the phone's own keys, may have been faster. Raises NotNow."""
    now = s.store.get(Offer, offer.id)
    if now is not None and now.state is offer.state and not became(now) and not otherwise:
        raise Lost("Too much is happening at once. Try again.")
    if now is None or not became(now):
        raise NotNow(otherwise or "Something else happened at the same moment. Look again.")
