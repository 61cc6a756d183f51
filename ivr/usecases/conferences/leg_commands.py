"""What is asked of an agent's leg from elsewhere: come here, you are not needed any more, you are free."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ivr.domain.records import agent as agents
from ivr.domain.records.agent import Agent
from ivr.domain.records.agent_leg import Offer, OfferState, Result
from ivr.services import Services
from ivr.store.change import Change

BY_ITSELF = 1.0  # seconds in which a leg whose room has ended comes to us unasked


def send_for(s: Services, name: str, change: Change, *, after: float = 0.0, **fields: Any) -> None:
    """What this leg hears has changed. `after`: seconds it is given to come by itself; `fields` of the offer."""
    offer = change.latest(s.store.get(Offer, name))
    if offer is None or offer.state is OfferState.OVER:
        return
    wanted = change.put(offer, replace(offer, fetch=True, **fields))
    change.wake(wanted, change.now + after)


def anew(s: Services, offer: Offer) -> Offer:
    """As it is now. A leg that the change now lost was to send for is still to be sent for."""
    latest = s.store.get(Offer, offer.id) or offer
    return replace(latest, fetch=latest.fetch or offer.fetch)


def dismiss(s: Services, name: str, change: Change) -> None:
    """They are not needed any more: their phone stops ringing, or they hear so and are thanked."""
    offer = change.latest(s.store.get(Offer, name))
    if offer is None or offer.state is OfferState.OVER:
        return
    over = change.put(offer, replace(offer, state=OfferState.OVER, result=Result.CANCELLED, fetch=True))
    change.wake(over, change.now)
    change.journal("offer cancelled", offer=offer.id, contact=offer.contact, agent=offer.agent)
    free(s, offer, change)


def farewell(s: Services, name: str, change: Change) -> None:
    """Its part was finished elsewhere: the leg hears so, and ends."""
    offer = change.latest(s.store.get(Offer, name))
    if offer is not None:
        change.wake(change.put(offer, replace(offer, fetch=True)), change.now)


def free(s: Services, offer: Offer, change: Change) -> None:
    agent = change.latest(s.store.get(Agent, offer.agent))
    if agent is not None and agent.offer == offer.id:
        change.put(agent, agents.release(agent, change.now))


def spare_the_word(s: Services, name: str, change: Change) -> None:
    """The caller goes on to somebody else: an agent who hung up and was to be asked how it went is free."""
    offer = change.latest(s.store.get(Offer, name))
    if offer is not None and offer.state is OfferState.OVER:
        free(s, offer, change)
