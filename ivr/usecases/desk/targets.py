"""Whom an agent asks for at the desk: a colleague, a queue, a supervisor, somebody outside."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from ivr.domain.records.agent import Agent, AgentState
from ivr.domain.records.agent_leg import Offer, OfferKind
from ivr.domain.records.contact import Contact
from ivr.services import Services
from ivr.store.change import Change
from ivr.usecases.customers import caller_context
from ivr.usecases.desk.guards import NotNow
from ivr.usecases.dialing import permissions
from ivr.usecases.queueing import membership
from ivr.usecases.routing import router


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


def may_ring(s: Services, number: str) -> None:
    """Raises NotNow for a number that is not to be rung."""
    if why := permissions.why_not(s, number, customers=False):
        raise NotNow(f"{number} cannot be rung ({why.value.replace('_', ' ')}).")


def fits_of(s: Services, target: Target) -> Callable[[Agent], bool]:
    """Which colleagues it means."""
    match target.kind:
        case Kind.SUPERVISOR:
            return lambda a: a.supervisor
        case Kind.AGENT:
            return lambda a: a.id == target.name
        case Kind.OUTSIDE:
            return lambda _: False
        case Kind.QUEUE:
            needed = set(caller_context.required(s, target.name))
            return lambda a: needed <= set(a.skills)


def waiting_for(s: Services, contact: Contact, target: Target) -> Contact:
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


def reserve(s: Services, offer: Offer, front: Contact, target: Target, change: Change) -> None:
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
    membership.leave(front, change)
    change.put(front, replace(front, offer=asked.id))
    router.ask(asked, colleague, change)
