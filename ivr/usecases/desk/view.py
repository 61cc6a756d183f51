"""What an agent sees at the desk, from the database as it is now. Looking changes nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from ivr.domain import phone_numbers
from ivr.domain.phone_numbers import TrustLevel
from ivr.domain.records.agent import Agent, AgentState
from ivr.domain.records.agent_leg import BEFORE_ACCEPT, IN_TALK, AgentLeg, LegKind, LegState
from ivr.domain.records.contact import Contact, ContactState
from ivr.domain.records.contact_parts import PartyLocation
from ivr.domain.records.customer import Customer
from ivr.services import Services
from ivr.store.queries.leg_view import LegView
from ivr.usecases.agents import wrapup_effects
from ivr.usecases.agents.kinds.registry import get_handler
from ivr.usecases.conferences import leg_view
from ivr.usecases.customers import brief as customer_brief
from ivr.usecases.photos import view as photo_view
from ivr.usecases.photos.view import NewPhotos, PhotoView


class TalkPhase(StrEnum):
    """Where a talk is, for the one who leads it."""

    CONNECTING = "coming"  # the caller is being fetched, or rung
    TALKING = "talking"
    ON_HOLD = "held"
    CALLING_COLLEAGUE = "asking"  # a colleague's phone rings
    CONSULTING = "consulting"  # with the colleague, the caller held
    THREE_WAY = "three"
    HELPING = "helping"  # in a colleague's call


@dataclass(frozen=True, kw_only=True)
class OfferView:
    """Somebody is offered. `brief`: as domain.rules.brief.render.render_json has it. `until`: epoch seconds, when the next is asked."""

    leg: str
    kind: LegKind
    queue: str
    brief: dict[str, Any]
    pre_accepted: bool  # accepted here; the phone is still to be picked up
    until: float
    in_browser: bool  # it rings on the desk itself


@dataclass(frozen=True, kw_only=True)
class TalkView:
    leg: str
    contact: str
    case: str
    phase: TalkPhase
    name: str
    ending: str
    trust_level: str
    brief: dict[str, Any]
    since: float
    held_at: float  # 0 when not on hold
    colleague: str
    note: str
    promise: str  # owed to them, or being kept
    photos: list[PhotoView]  # oldest first
    photos_asked: bool  # and none has come since


@dataclass(frozen=True, kw_only=True)
class WrapUpView:
    """`owes_disposition`: nobody has said yet how it ended, and it is theirs to say. `summary_text`: what the customer will get."""

    leg: str
    contact: str
    case: str
    name: str
    has_name: bool
    owes_disposition: bool
    note: str
    next_steps: str
    summary_text: str


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
class DeskView:
    agent: Agent
    now: float
    offer: OfferView | None = None
    talk: TalkView | None = None
    wrap_up: WrapUpView | None = None
    new_photos: list[NewPhotos] = field(default_factory=list)  # photos that nobody has seen yet


def get_desk(services: Services, agent_id: str) -> DeskView | None:
    """None when there is no such agent."""
    agent = services.store.get(Agent, agent_id)
    if agent is None:
        return None
    now = services.clock.now()
    view = leg_view.load(services, agent.leg) if agent.leg else None
    if view is None or not get_handler(view.leg.kind).is_about_customer:
        return DeskView(agent=agent, now=now, new_photos=photo_view.list_new(services, agent.id))
    leg, contact = view.leg, view.contact
    if leg.state in BEFORE_ACCEPT:
        return DeskView(agent=agent, now=now, offer=_offer_view(services, view))
    if contact is None:
        return DeskView(agent=agent, now=now)
    if agent.state is AgentState.WRAP_UP:
        return DeskView(agent=agent, now=now, wrap_up=_wrap_up_view(services, leg, contact, view.customer))
    if leg.state in IN_TALK:
        return DeskView(agent=agent, now=now, talk=_talk_view(services, view, contact, agent))
    return DeskView(agent=agent, now=now)


def list_colleagues(services: Services, agent_id: str) -> list[Colleague]:
    """Everybody else: who is free first, then by name."""
    found = [
        Colleague(
            id=a.id,
            name=a.name,
            state=a.state,
            since=a.state_since,
            extension=a.extension,
            supervisor=a.supervisor,
            skills=a.skills,
        )
        for a in services.store.list_all(Agent)
        if a.id != agent_id
    ]
    return sorted(found, key=lambda c: (c.state is not AgentState.AVAILABLE, c.name))


def _offer_view(services: Services, view: LegView) -> OfferView:
    leg = view.leg
    return OfferView(
        leg=leg.id,
        kind=leg.kind,
        queue=customer_brief.get_spoken_queue_name(services, view),
        brief=customer_brief.render_brief(services, view).data,
        pre_accepted=leg.offer.pre_accepted,
        until=leg.offer.reserved_until,
        in_browser=leg.in_browser,
    )


def _talk_view(services: Services, view: LegView, contact: Contact, agent: Agent) -> TalkView:
    leg = view.leg
    other_id = contact.leg if contact.leg != leg.id else contact.conference.consult_leg
    other = services.store.get(AgentLeg, other_id)
    colleague = services.store.get(Agent, other.agent) if other else None
    photos = photo_view.list_for_talk(services, contact.case, contact.caller.number)
    asked = view.case.photos_asked_at if view.case and contact.case else 0.0
    return TalkView(
        leg=leg.id,
        contact=contact.id,
        case=contact.case,
        phase=_talk_phase(leg, contact),
        name=_display_name(contact, view.customer),
        ending=phone_numbers.last_digits(contact.caller.number),
        trust_level=contact.caller.trust_level.label,
        brief=customer_brief.render_brief(services, view).data,
        since=agent.state_since,
        held_at=contact.hold.started_at if contact.state is ContactState.ON_HOLD else 0.0,
        colleague=colleague.name if colleague else other.consult.external_number if other else "",
        note=leg.wrapup.note,
        promise=view.contact_promise.id if view.contact_promise else "",
        photos=photos,
        photos_asked=asked > max((p.received_at for p in photos), default=0.0),
    )


def _talk_phase(leg: AgentLeg, contact: Contact) -> TalkPhase:
    if contact.leg != leg.id:
        return TalkPhase.HELPING
    if contact.state is ContactState.ON_HOLD:
        if not contact.conference.consult_leg:
            return TalkPhase.ON_HOLD
        there = contact.conference.consult_leg_location is PartyLocation.IN_CONFERENCE
        return (
            TalkPhase.CONSULTING
            if there and leg.state is LegState.CONSULTING
            else TalkPhase.CALLING_COLLEAGUE
        )
    if (
        contact.state is not ContactState.TALKING
        or contact.conference.caller_location is not PartyLocation.IN_CONFERENCE
    ):
        return TalkPhase.CONNECTING
    return TalkPhase.THREE_WAY if contact.conference.consult_leg else TalkPhase.TALKING


def _wrap_up_view(
    services: Services, leg: AgentLeg, contact: Contact, customer: Customer | None
) -> WrapUpView:
    mine = contact.leg == leg.id
    return WrapUpView(
        leg=leg.id,
        contact=contact.id,
        case=contact.case,
        name=_display_name(contact, customer),
        has_name=bool(customer and customer.name),
        owes_disposition=mine and not contact.disposition,
        note=leg.wrapup.note,
        next_steps=contact.next_steps,
        summary_text=wrapup_effects.build_summary_text(
            services, contact, customer, leg.wrapup.note, contact.next_steps
        )
        if mine
        else "",
    )


def _display_name(contact: Contact, customer: Customer | None) -> str:
    """As the brief has it: a name that may be another's is not shown as if it were sure (I7)."""
    name = customer.name if customer else contact.caller.name
    return f"perhaps {name}" if name and contact.caller.trust_level is TrustLevel.UNVERIFIED else name
