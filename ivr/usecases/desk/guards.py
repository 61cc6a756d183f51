"""What every click at the desk has in common: whether it fits what is going on, and the leg that is sent for afterwards."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from typing import ParamSpec

from ivr.domain.errors import CalorError
from ivr.domain.records.agent import Agent
from ivr.domain.records.agent_leg import IN_TALK, AgentLeg, LegState
from ivr.domain.records.contact import Contact, ContactState
from ivr.domain.records.contact_parts import PartyLocation
from ivr.services import Services

MAX_TRIES = 5  # a record that somebody else changes at the same instant is read again


class ActionNotPossible(CalorError):
    """What was asked for does not fit what is going on."""


class ConcurrentUpdate(ActionNotPossible):
    """Nothing came of it: the record was written at the same moment, and what was asked for may still fit."""


Args = ParamSpec("Args")


def retry_on_conflict(action: Callable[Args, None]) -> Callable[Args, None]:
    """A click that lost to a write of the line's own is done once more, from what is true then."""

    @wraps(action)
    def tried(*args: Args.args, **more: Args.kwargs) -> None:
        for _ in range(MAX_TRIES - 1):
            with suppress(ConcurrentUpdate):
                return action(*args, **more)
        return action(*args, **more)

    return tried


# ---- what it is about


def get_own_leg(
    services: Services, agent_id: str, leg_id: str, states: frozenset[LegState], message: str
) -> AgentLeg:
    """The leg, when it is this agent's and in one of these states. Raises ActionNotPossible with `message`."""
    leg = services.store.get(AgentLeg, leg_id)
    if leg is None or leg.agent != agent_id or leg.state not in states:
        raise ActionNotPossible(message)
    return leg


def get_talk(services: Services, agent_id: str) -> tuple[AgentLeg, Contact]:
    """The talk that is this agent's to steer. Raises ActionNotPossible."""
    agent = services.store.get(Agent, agent_id)
    leg = services.store.get(AgentLeg, agent.leg) if agent and agent.leg else None
    contact = services.store.get(Contact, leg.contact) if leg else None
    if leg is None or contact is None or leg.state not in IN_TALK:
        raise ActionNotPossible("You are not in a call.")
    if contact.leg != leg.id:
        raise ActionNotPossible("The call is your colleague's to steer.")
    if (
        contact.state is ContactState.TALKING
        and contact.conference.caller_location is PartyLocation.IN_CONFERENCE
    ):
        return leg, contact
    if contact.state is ContactState.ON_HOLD:
        return leg, contact
    raise ActionNotPossible("The caller is not with you just now.")


def get_held_talk(services: Services, agent_id: str) -> tuple[AgentLeg, Contact]:
    """The same, with the caller held."""
    leg, contact = get_talk(services, agent_id)
    if contact.state is not ContactState.ON_HOLD:
        raise ActionNotPossible("The caller is not on hold.")
    return leg, contact


def get_talk_with_colleague(services: Services, agent_id: str) -> tuple[AgentLeg, Contact]:
    """The same, with a colleague who has come to this agent."""
    leg, contact = get_held_talk(services, agent_id)
    if (
        not contact.conference.consult_leg
        or contact.conference.consult_leg_location is not PartyLocation.IN_CONFERENCE
    ):
        raise ActionNotPossible("Your colleague is not there yet.")
    return leg, contact


# ---- what comes of it


def redirect_now(services: Services, leg_id: str) -> None:
    """Have the leg sent for now, unless it has come meanwhile."""
    for change in services.store.transact():
        leg = services.store.get(AgentLeg, leg_id)
        if leg is None or not leg.redirect.pending:
            return
        change.expect(leg)
        change.schedule(leg, change.now)


def require_result(
    services: Services, leg: AgentLeg, has_happened: Callable[[AgentLeg], bool], message: str = ""
) -> None:
    """Whether it came to that: another tab, or the phone's own keys, may have been faster. Raises ActionNotPossible."""
    now = services.store.get(AgentLeg, leg.id)
    if now is not None and now.state is leg.state and not has_happened(now) and not message:
        raise ConcurrentUpdate("Too much is happening at once. Try again.")
    if now is None or not has_happened(now):
        raise ActionNotPossible(message or "Something else happened at the same moment. Look again.")
