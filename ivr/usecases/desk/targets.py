"""Whom an agent asks for at the desk: a colleague, a queue, a supervisor, somebody outside."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from ivr.domain.records.agent import Agent, AgentState
from ivr.domain.records.agent_leg import AgentLeg, ConsultRequest, LegKind, Offer
from ivr.domain.records.contact import Contact
from ivr.services import Services
from ivr.store.change import Change
from ivr.usecases.desk.guards import ActionNotPossible
from ivr.usecases.dialing import permissions
from ivr.usecases.queueing import capacity, membership
from ivr.usecases.routing import router


class TargetKind(StrEnum):
    AGENT = "agent"
    EXTERNAL = "outside"
    QUEUE = "queue"
    SUPERVISOR = "supervisor"


@dataclass(frozen=True, kw_only=True)
class Target:
    """Who is asked for. `name`: an agent's id, a queue's name, a number in E.164, nothing for a supervisor."""

    kind: TargetKind
    name: str = ""


def require_dialable(services: Services, number: str) -> None:
    """Raises ActionNotPossible for a number that is not to be rung."""
    if why := permissions.why_not_dialable(services, number, for_customer=False):
        raise ActionNotPossible(f"{number} cannot be rung ({why.value.replace('_', ' ')}).")


def build_agent_filter(services: Services, target: Target) -> Callable[[Agent], bool]:
    """Which colleagues it means."""
    match target.kind:
        case TargetKind.SUPERVISOR:
            return lambda a: a.supervisor
        case TargetKind.AGENT:
            return lambda a: a.id == target.name
        case TargetKind.EXTERNAL:
            return lambda _: False
        case TargetKind.QUEUE:
            needed = set(capacity.required_skills(services, target.name))
            return lambda a: needed <= set(a.skills)


def apply_target(services: Services, contact: Contact, target: Target) -> Contact:
    """The contact, as it waits for them."""
    match target.kind:
        case TargetKind.SUPERVISOR:
            return replace(contact, queue_place=replace(contact.queue_place, needs_supervisor=True))
        case TargetKind.QUEUE:
            services.library.get_queue(target.name)  # there must be one
            return replace(contact, queue_place=replace(contact.queue_place, name=target.name, skills=()))
        case TargetKind.AGENT:
            return contact
        case TargetKind.EXTERNAL:
            raise ActionNotPossible("Nobody outside is handed a caller without a word: ask them first.")


def reserve_colleague(
    services: Services, leg: AgentLeg, contact: Contact, target: Target, change: Change
) -> None:
    """One colleague is asked for this caller; if they pass, it is the next person's turn. Raises ActionNotPossible."""
    colleague = services.store.get(Agent, target.name)
    if colleague is None or colleague.state is not AgentState.AVAILABLE:
        raise ActionNotPossible("They are not free just now.")
    asked = AgentLeg(
        id=services.new_id(),
        kind=LegKind.CONTACT,
        agent=colleague.id,
        contact=contact.id,
        promise=contact.promise,
        our_number=contact.caller.called_number,
        consult=ConsultRequest(asked_by_leg=leg.id),
        offer=Offer(made_at=change.now, why="handed on by a colleague"),
    )
    membership.leave(contact, change)
    change.put(contact, replace(contact, leg=asked.id))
    router.reserve_agent(asked, colleague, change)
