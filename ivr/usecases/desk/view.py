"""What an agent sees at the desk, from the record as it is now. Looking changes nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from ivr.domain import phone_numbers
from ivr.domain.phone_numbers import Degree
from ivr.domain.records.agent import Agent, AgentState
from ivr.domain.records.agent_leg import BEFORE_ACCEPT, IN_TALK, Offer, OfferKind, OfferState
from ivr.domain.records.contact import Contact, ContactState, Where
from ivr.domain.records.customer import Case, Customer
from ivr.domain.records.promise import Promise
from ivr.services import Services
from ivr.usecases.agents import wrapup
from ivr.usecases.customers import last_talk
from ivr.usecases.photos import view as photo_view
from ivr.usecases.photos.view import New, Shown


class Stage(StrEnum):
    """Where a talk is, for the one who leads it."""

    COMING = "coming"  # the caller is being fetched, or rung
    TALKING = "talking"
    HELD = "held"
    ASKING = "asking"  # a colleague's phone rings
    CONSULTING = "consulting"  # with the colleague, the caller held
    THREE = "three"
    HELPING = "helping"  # in a colleague's call


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Somebody is offered. `brief`: as domain.brief.as_json has it. `until`: epoch seconds, when the next is asked."""

    offer: str
    kind: OfferKind
    queue: str
    brief: dict[str, Any]
    eager: bool  # accepted here; the phone is still to be picked up
    until: float
    browser: bool  # it rings on the desk itself


@dataclass(frozen=True, kw_only=True)
class Talk:
    offer: str
    contact: str
    case: str
    stage: Stage
    name: str
    ending: str
    degree: str
    brief: dict[str, Any]
    since: float
    held_at: float  # 0 when not on hold
    colleague: str
    note: str
    promise: str  # owed to them, or being kept
    photos: list[Shown]  # oldest first
    photos_asked: bool  # and none has come since


@dataclass(frozen=True, kw_only=True)
class Wrap:
    """`owes_word`: nobody has said yet how it ended, and it is theirs to say. `text`: what the customer will get."""

    offer: str
    contact: str
    case: str
    name: str
    named: bool
    owes_word: bool
    note: str
    steps: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Colleague:
    id: str
    name: str
    state: AgentState
    since: float
    extension: str
    supervisor: bool
    skills: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Desk:
    agent: Agent
    now: float
    asked: Asked | None = None
    talk: Talk | None = None
    wrap: Wrap | None = None
    new: list[New] = field(default_factory=list)  # photos that nobody has seen yet


def look(s: Services, agent_id: str) -> Desk | None:
    """None when there is no such agent."""
    agent = s.store.get(Agent, agent_id)
    if agent is None:
        return None
    now = s.clock.now()
    offer = s.store.get(Offer, agent.offer) if agent.offer else None
    if offer is None or offer.kind in (OfferKind.STAY, OfferKind.THIRD):
        return Desk(agent=agent, now=now, new=photo_view.new(s, agent.id))
    if offer.state in BEFORE_ACCEPT:
        return Desk(agent=agent, now=now, asked=_asked(s, offer, agent))
    contact = s.store.get(Contact, offer.contact)
    if contact is None:
        return Desk(agent=agent, now=now)
    customer = s.store.get(Customer, contact.number) if contact.number else None
    if agent.state is AgentState.WRAP_UP:
        return Desk(agent=agent, now=now, wrap=_wrap(s, offer, contact, customer))
    if offer.state in IN_TALK:
        return Desk(agent=agent, now=now, talk=_talk(s, offer, contact, customer, agent))
    return Desk(agent=agent, now=now)


def directory(s: Services, agent_id: str) -> list[Colleague]:
    """Everybody else: who is free first, then by name."""
    found = [
        Colleague(
            id=a.id,
            name=a.name,
            state=a.state,
            since=a.since,
            extension=a.extension,
            supervisor=a.supervisor,
            skills=a.skills,
        )
        for a in s.store.everyone(Agent)
        if a.id != agent_id
    ]
    return sorted(found, key=lambda c: (c.state is not AgentState.AVAILABLE, c.name))


def _asked(s: Services, offer: Offer, agent: Agent) -> Asked:
    return Asked(
        offer=offer.id,
        kind=offer.kind,
        queue=last_talk.queue_of(s, offer),
        brief=last_talk.brief(s, offer, agent).data,
        eager=offer.eager,
        until=offer.lease,
        browser=offer.browser,
    )


def _talk(s: Services, offer: Offer, contact: Contact, customer: Customer | None, agent: Agent) -> Talk:
    second = s.store.get(Offer, contact.second) if contact.second else None
    other = s.store.get(Offer, contact.offer) if contact.offer != offer.id else second
    colleague = s.store.get(Agent, other.agent) if other else None
    promise = s.store.get(Promise, contact.promise) if contact.promise else None
    photos = photo_view.in_talk(s, contact.case, contact.number)
    case = s.store.get(Case, contact.case)
    asked = case.photos_asked if case else 0.0
    return Talk(
        offer=offer.id,
        contact=contact.id,
        case=contact.case,
        stage=_stage(offer, contact),
        name=_name(contact, customer),
        ending=phone_numbers.ending(contact.number),
        degree=contact.degree.word,
        brief=last_talk.brief(s, offer, agent).data,
        since=agent.since,
        held_at=contact.held_at if contact.state is ContactState.HELD else 0.0,
        colleague=colleague.name if colleague else other.outside if other else "",
        note=offer.note,
        promise=promise.id if promise else "",
        photos=photos,
        photos_asked=asked > max((p.at for p in photos), default=0.0),
    )


def _stage(offer: Offer, contact: Contact) -> Stage:
    if contact.offer != offer.id:
        return Stage.HELPING
    if contact.state is ContactState.HELD:
        if not contact.second:
            return Stage.HELD
        there = contact.second_where is Where.ROOM
        return Stage.CONSULTING if there and offer.state is OfferState.CONSULTING else Stage.ASKING
    if contact.state is not ContactState.TALKING or contact.caller is not Where.ROOM:
        return Stage.COMING
    return Stage.THREE if contact.second else Stage.TALKING


def _wrap(s: Services, offer: Offer, contact: Contact, customer: Customer | None) -> Wrap:
    mine = contact.offer == offer.id
    return Wrap(
        offer=offer.id,
        contact=contact.id,
        case=contact.case,
        name=_name(contact, customer),
        named=bool(customer and customer.name),
        owes_word=mine and not contact.word,
        note=offer.note,
        steps=contact.steps,
        text=wrapup.summary(s, contact, customer, offer.note, contact.steps) if mine else "",
    )


def _name(contact: Contact, customer: Customer | None) -> str:
    """As the brief has it: a name that may be another's is not shown as if it were sure (I7)."""
    name = customer.name if customer else contact.name
    return f"perhaps {name}" if name and contact.degree is Degree.UNSURE else name
