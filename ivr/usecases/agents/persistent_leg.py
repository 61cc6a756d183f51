"""Staying on the line: an agent's leg that is not hung up between calls, so that the next caller is there in an instant.

The leg is an offer of its own (`OfferKind.STAY`). An offer of a call borrows it (`Offer.stays` names it): it is sent for
instead of being rung, hears the brief at once, and comes back here where another leg would be hung up. While nothing goes
on it asks us every few seconds, so a lost redirect costs no more than that.
"""

from __future__ import annotations

from dataclasses import replace

from ivr.domain.actor import By
from ivr.domain.errors import CalorError
from ivr.domain.records import agent as agents
from ivr.domain.records.agent import Agent, AgentState
from ivr.domain.records.agent_leg import Offer, OfferKind, OfferState, Result
from ivr.services import Services
from ivr.store import keys
from ivr.store.change import Change
from ivr.telephony.reply import Again, HangUp, Reply
from ivr.usecases.conferences import conference
from ivr.usecases.phrases import say
from ivr.usecases.routing import router

LOOK = 20  # seconds of silence until the leg asks again
CHECK = 60.0  # seconds between looks whether it is still there
BRIEFING = 60.0  # seconds for hearing a brief


def ask(s: Services, agent_id: str, by: By) -> Offer:
    """Ring the agent; with a key they stay on the line. Raises CalorError while they are in a call, or there already."""
    agent = s.store.get(Agent, agent_id)
    if agent is None:
        raise CalorError("You answer no telephone on this line.")
    if agent.on_line:
        raise CalorError("You are on the line already.")
    change = Change(now=s.clock.now())
    offer = Offer(id=s.new_id(), kind=OfferKind.STAY, agent=agent.id, line=number_of_ours(s), made=change.now)
    change.act("persistent leg requested", by, agent=agent.id)
    if agent.state not in (AgentState.AVAILABLE, AgentState.AWAY) or not router.ask(offer, agent, change):
        raise CalorError("Set yourself available first; you cannot come on the line in a call.")
    if not s.store.commit(change):
        raise CalorError("Something else happened at the same moment. Look again.")
    return offer


def number_of_ours(s: Services) -> str:
    """A number of ours that rings them: one that was called, or the first of the account."""
    if s.settings.caller_id:
        return s.settings.caller_id
    (called,) = s.store.read([("SMEMBERS", keys.OURS)])
    numbers = sorted(called) or [own.number for own in s.telephony.numbers()]
    if not numbers:
        raise CalorError("No number of ours could ring you yet. IVR_CALLER_ID says which.")
    return str(numbers[0])


def leave(s: Services, agent_id: str, by: By) -> None:
    """Off the line again, after the call if there is one. Raises CalorError when they are not on it."""
    agent = s.store.get(Agent, agent_id)
    leg = s.store.get(Offer, agent.on_line) if agent and agent.on_line else None
    if agent is None or leg is None:
        raise CalorError("You are not on the line.")
    change = Change(now=s.clock.now())
    change.put(agent, replace(agent, on_line=""))
    change.put(leg, replace(leg, state=OfferState.OVER, fetch=not agent.offer))
    change.wake(leg, change.now)
    change.act("persistent leg released", by, agent=agent.id)
    if not s.store.commit(change):
        raise CalorError("Something else happened at the same moment. Look again.")


def enter(s: Services, offer: Offer) -> Reply:
    """They pressed the key."""
    agent = s.store.get(Agent, offer.agent)
    if agent is None or agent.offer != offer.id:
        return Reply(then=HangUp())
    change = Change(now=s.clock.now())
    there = change.put(
        offer, replace(offer, state=OfferState.ACCEPTED, result=Result.ACCEPTED, turn=offer.turn + 1, step="")
    )
    change.put(agent, replace(agents.release(agent, change.now), on_line=offer.id, unanswered=0))
    change.wake(there, change.now + CHECK)
    change.journal("persistent leg started", agent=agent.id, offer=offer.id)
    if not s.store.commit(change):
        return conference.anew(s, offer)
    return Reply(says=(say(s, agent.languages[0], "agent.stays"),), then=_wait(s, there))


def _wait(s: Services, leg: Offer) -> Again:
    return Again(url=s.urls.agent(leg.id, leg.turn), seconds=LOOK)


def borrowed(s: Services, leg: Offer) -> Offer | None:
    """The offer that this leg serves now."""
    agent = s.store.get(Agent, leg.agent)
    offer = s.store.get(Offer, agent.offer) if agent and agent.offer else None
    return (
        offer if offer is not None and offer.stays == leg.id and offer.state is not OfferState.OVER else None
    )


def here(s: Services, leg: Offer) -> Reply:
    """Nothing goes on: silence for a while, or the end when they have gone home."""
    agent = s.store.get(Agent, leg.agent)
    if agent is not None and agent.on_line == leg.id and agent.state is not AgentState.OFFLINE:
        return Reply(then=_wait(s, leg))
    over(s, leg)
    language = agent.languages[0] if agent else s.library.languages[0]
    return Reply(says=(say(s, language, "agent.stays_no_more"),), then=HangUp())


def lend(s: Services, offer: Offer, agent: Agent) -> bool:
    """The offer comes over the leg that is there. False when there is none, so that the telephone is to be rung."""
    leg = s.store.get(Offer, agent.on_line) if agent.on_line else None
    if leg is None or leg.state is not OfferState.ACCEPTED or offer.outside:
        return False
    change = Change(now=s.clock.now())
    change.expect(leg)
    briefing = change.put(
        offer,
        replace(
            offer,
            state=OfferState.BRIEFING,
            call=leg.call,
            stays=leg.id,
            turn=1,
            confirmed=True,
            fetch=True,
            intent=change.now,
            lease=change.now + BRIEFING,
        ),
    )
    change.leg(leg.call, briefing)
    change.wake(briefing, change.now)
    return s.store.commit(change)


def not_hung_up(s: Services, offer: Offer | None, reply: Reply) -> Reply:
    """Where another leg would be hung up, this one comes back to wait for the next call."""
    if offer is None or not offer.stays or not isinstance(reply.then, HangUp):
        return reply
    return replace(reply, then=Again(url=s.urls.agent(offer.stays, 0)))


def over(s: Services, leg: Offer) -> None:
    """The leg has ended, or is about to."""
    while leg.state is not OfferState.OVER:
        change = Change(now=s.clock.now())
        change.rest(change.put(leg, replace(leg, state=OfferState.OVER)))
        agent = s.store.get(Agent, leg.agent)
        if agent is not None and agent.on_line == leg.id:
            change.put(agent, replace(agent, on_line=""))
        change.journal("persistent leg ended", agent=leg.agent, offer=leg.id)
        if s.store.commit(change):
            return
        leg = s.store.get(Offer, leg.id) or leg
