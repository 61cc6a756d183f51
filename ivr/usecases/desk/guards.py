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
from ivr.store.queries.leg_view import LegView
from ivr.usecases.conferences import leg_view

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
) -> LegView:
    """The leg, when it is this agent's and in one of these states. Raises ActionNotPossible with `message`."""
    view = leg_view.load(services, leg_id)
    if view is None or view.leg.agent != agent_id or view.leg.state not in states:
        raise ActionNotPossible(message)
    return view


def get_talk(services: Services, agent_id: str) -> tuple[LegView, Contact]:
    """The talk that is this agent's to steer. Raises ActionNotPossible."""
    agent = services.store.get(Agent, agent_id)
    view = leg_view.load(services, agent.leg) if agent and agent.leg else None
    contact = view.contact if view else None
    if view is None or contact is None or view.leg.state not in IN_TALK:
        raise ActionNotPossible("You are not in a call.")
    if contact.leg != view.leg.id:
        raise ActionNotPossible("The call is your colleague's to steer.")
    is_here = contact.conference.caller_location is PartyLocation.IN_CONFERENCE
    if contact.state is ContactState.ON_HOLD or (contact.state is ContactState.TALKING and is_here):
        return view, contact
    raise ActionNotPossible("The caller is not with you just now.")


def get_held_talk(services: Services, agent_id: str) -> tuple[LegView, Contact]:
    """The same, with the caller held."""
    view, contact = get_talk(services, agent_id)
    if contact.state is not ContactState.ON_HOLD:
        raise ActionNotPossible("The caller is not on hold.")
    return view, contact


def get_talk_with_colleague(services: Services, agent_id: str) -> tuple[LegView, Contact]:
    """The same, with a colleague who has come to this agent."""
    view, contact = get_held_talk(services, agent_id)
    is_there = contact.conference.consult_leg_location is PartyLocation.IN_CONFERENCE
    if not contact.conference.consult_leg or not is_there:
        raise ActionNotPossible("Your colleague is not there yet.")
    return view, contact


def to_be_redirected(view: LegView) -> LegView:
    """The view with its leg marked: what it hears changes, so it is sent for afterwards. Writes nothing."""
    return view.with_leg(view.leg.request_redirect())


# ---- what comes of it


def schedule_redirect(services: Services, leg_id: str) -> None:
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
