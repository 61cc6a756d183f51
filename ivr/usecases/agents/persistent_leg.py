"""Staying on the line: an agent's leg that is not hung up between calls, so that the next caller is there in an instant.

The leg is a record of its own (`LegKind.PERSISTENT`). The leg of a call borrows it (`AgentLeg.persistent_leg` names it): it is sent for
instead of being rung, hears the brief at once, and comes back here where another leg would be hung up. While nothing goes
on it asks us every few seconds, so a lost redirect costs no more than that.
"""

from __future__ import annotations

from dataclasses import replace

from ivr.domain.actor import Actor
from ivr.domain.errors import CalorError
from ivr.domain.records import agent as agents
from ivr.domain.records.agent import Agent, AgentState
from ivr.domain.records.agent_leg import AgentLeg, LegKind, LegState, Offer
from ivr.services import Services
from ivr.store.queries import our_numbers
from ivr.telephony.reply import HangUp, Redirect, Reply
from ivr.usecases.conferences import conference
from ivr.usecases.phrases import phrase
from ivr.usecases.routing import router

SILENCE_SECONDS = 20  # seconds of silence until the leg asks again
CHECK_SECONDS = 60.0  # seconds between looks whether it is still there
BRIEFING_SECONDS = 60.0  # seconds for hearing a brief


def start(services: Services, agent_id: str, actor: Actor) -> AgentLeg:
    """Ring the agent; with a key they stay on the line. Raises CalorError while they are in a call, or there already."""
    agent = services.store.get(Agent, agent_id)
    if agent is None:
        raise CalorError("You answer no telephone on this line.")
    if agent.persistent_leg:
        raise CalorError("You are on the line already.")
    change = services.store.begin()
    leg = AgentLeg(
        id=services.new_id(),
        kind=LegKind.PERSISTENT,
        agent=agent.id,
        our_number=pick_our_number(services),
        offer=Offer(made_at=change.now),
    )
    change.log_action("persistent leg requested", actor, agent=agent.id)
    if agent.state not in (AgentState.AVAILABLE, AgentState.AWAY) or not router.reserve_agent(
        leg, agent, change
    ):
        raise CalorError("Set yourself available first; you cannot come on the line in a call.")
    if not services.store.commit(change):
        raise CalorError("Something else happened at the same moment. Look again.")
    return leg


def pick_our_number(services: Services) -> str:
    """A number of ours that rings them: one that was called, or the first of the account."""
    if services.settings.caller_id:
        return services.settings.caller_id
    called = services.store.read(our_numbers.list_called())
    numbers = called or [own.number for own in services.telephony.list_numbers()]
    if not numbers:
        raise CalorError("No number of ours could ring you yet. IVR_CALLER_ID says which.")
    return numbers[0]


def stop(services: Services, agent_id: str, actor: Actor) -> None:
    """Off the line again, after the call if there is one. Raises CalorError when they are not on it."""
    agent = services.store.get(Agent, agent_id)
    leg = services.store.get(AgentLeg, agent.persistent_leg) if agent and agent.persistent_leg else None
    if agent is None or leg is None:
        raise CalorError("You are not on the line.")
    change = services.store.begin()
    change.put(agent, replace(agent, persistent_leg=""))
    change.put(leg, leg.end() if agent.leg else leg.end().request_redirect())
    change.schedule(leg, change.now)
    change.log_action("persistent leg released", actor, agent=agent.id)
    if not services.store.commit(change):
        raise CalorError("Something else happened at the same moment. Look again.")


def on_enter(services: Services, leg: AgentLeg) -> Reply:
    """They pressed the key."""
    agent = services.store.get(Agent, leg.agent)
    if agent is None or agent.leg != leg.id:
        return Reply(verb=HangUp())
    change = services.store.begin()
    there = change.put(
        leg,
        leg.accept().count_turn(),
    )
    change.put(agent, replace(agents.release(agent, change.now), persistent_leg=leg.id, unanswered=0))
    change.schedule(there, change.now + CHECK_SECONDS)
    change.log_event("persistent leg started", agent=agent.id, offer=leg.id)
    if not services.store.commit(change):
        return conference.ask_again(services, leg)
    return Reply(
        prompts=(phrase(services, agent.languages[0], "agent.stays"),), verb=_build_wait_verb(services, there)
    )


def _build_wait_verb(services: Services, leg: AgentLeg) -> Redirect:
    return Redirect(url=services.urls.agent(leg.id, leg.prompt.turn), pause_seconds=SILENCE_SECONDS)


def find_borrowing_leg(services: Services, leg: AgentLeg) -> AgentLeg | None:
    """The call leg that this leg serves now."""
    agent = services.store.get(Agent, leg.agent)
    borrowing = services.store.get(AgentLeg, agent.leg) if agent and agent.leg else None
    return (
        borrowing
        if borrowing is not None
        and borrowing.persistent_leg == leg.id
        and borrowing.state is not LegState.ENDED
        else None
    )


def prompt(services: Services, leg: AgentLeg) -> Reply:
    """Nothing goes on: silence for a while, or the end when they have gone home."""
    agent = services.store.get(Agent, leg.agent)
    if agent is not None and agent.persistent_leg == leg.id and agent.state is not AgentState.OFFLINE:
        return Reply(verb=_build_wait_verb(services, leg))
    end_leg(services, leg)
    language = agent.languages[0] if agent else services.library.languages[0]
    return Reply(prompts=(phrase(services, language, "agent.stays_no_more"),), verb=HangUp())


def lend(services: Services, call_leg: AgentLeg, agent: Agent) -> bool:
    """The call comes over the leg that is there. False when there is none, so that the telephone is to be rung."""
    leg = services.store.get(AgentLeg, agent.persistent_leg) if agent.persistent_leg else None
    if leg is None or leg.state is not LegState.ACCEPTED or call_leg.consult.external_number:
        return False
    change = services.store.begin()
    change.expect(leg)
    briefing = change.put(
        call_leg,
        call_leg.borrow(leg, now=change.now, reserved_until=change.now + BRIEFING_SECONDS),
    )
    change.index_leg(leg.call, briefing)
    change.schedule(briefing, change.now)
    return services.store.commit(change)


def return_instead_of_hangup(services: Services, leg: AgentLeg | None, reply: Reply) -> Reply:
    """Where another leg would be hung up, this one comes back to wait for the next call."""
    if leg is None or not leg.persistent_leg or not isinstance(reply.verb, HangUp):
        return reply
    return replace(reply, verb=Redirect(url=services.urls.agent(leg.persistent_leg, 0)))


def end_leg(services: Services, leg: AgentLeg) -> None:
    """The leg has ended, or is about to."""
    for change in services.store.transact():
        if change.is_retry:
            leg = services.store.reload(leg)
        if leg.state is LegState.ENDED:
            return
        change.unschedule(change.put(leg, leg.end()))
        agent = services.store.get(Agent, leg.agent)
        if agent is not None and agent.persistent_leg == leg.id:
            change.put(agent, replace(agent, persistent_leg=""))
        change.log_event("persistent leg ended", agent=leg.agent, offer=leg.id)
