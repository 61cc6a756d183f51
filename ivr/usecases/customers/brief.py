"""Assemble the brief that an agent hears and reads before the caller (I6), from what earlier calls established."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

from ivr.domain import phone_numbers
from ivr.domain.records.agent_leg import LegKind
from ivr.domain.records.contact import Contact
from ivr.domain.records.customer import Customer
from ivr.domain.records.promise import ENDED, Promise, PromiseState
from ivr.domain.rules.brief.content import Brief, Handover, ImportantNote, LastTalk, OwedCall
from ivr.domain.rules.brief.render import render_json, render_spoken
from ivr.domain.speech import spoken_text
from ivr.flow import policies
from ivr.flow.phrases.built_in import brief_wording
from ivr.flow.turn import SpokenPrompt
from ivr.services import Services
from ivr.store.queries.leg_view import LegView
from ivr.usecases.dialing import shared_numbers


@dataclass(frozen=True, kw_only=True)
class RenderedBrief:
    """A brief by ear and as data: the same sentences."""

    spoken: tuple[str, str]
    data: dict[str, Any]


def prompt_from_text(text: str, language: str) -> SpokenPrompt:
    """Somebody's own words, spoken as they are."""
    return SpokenPrompt(text=escape(text), language=language)


def get_spoken_queue_name(services: Services, view: LegView) -> str:
    name = (view.contact.queue_place.name if view.contact else "") or (
        view.promise.queue if view.promise else ""
    )
    library = services.library
    return library.get_queue(
        name or library.get_flow_for_number(view.leg.our_number).person_queue
    ).spoken_name(view.language)


def render_brief(services: Services, view: LegView) -> RenderedBrief:
    """Everything an earlier call established, for this agent's ear, in their language."""
    now = services.clock.now()
    zone = ZoneInfo(services.settings.default_time_zone)
    at = datetime.fromtimestamp(now, zone)
    made = assemble_brief(services, view, now)
    book = services.library.get_phrasebook(view.language)
    words = brief_wording(book)
    return RenderedBrief(
        spoken=render_spoken(made, words, book.language, at),
        data={**render_json(made, words, book.language, at), "offer": view.leg.id, "why": view.leg.offer.why},
    )


def assemble_brief(services: Services, view: LegView, now: float) -> Brief:
    zone = ZoneInfo(services.settings.default_time_zone)
    contact, promise, customer = view.contact, view.promise, view.customer
    number = (contact.caller.number if contact else "") or (promise.number if promise else "")
    keeping = promise if view.leg.kind is LegKind.PROMISE else None
    by = view.promise_owner.name if view.promise_owner else ""
    open_promise = promise is not None and promise.state not in ENDED and keeping is None
    arrived = contact.queue_place.queued_at if contact else 0.0
    return Brief(
        name=(customer.name if customer else "") or (promise.name if promise else ""),
        number_ending=phone_numbers.last_digits(number),
        trust_level=contact.caller.trust_level if contact else phone_numbers.TrustLevel.UNVERIFIED,
        calls_today=customer.contacts_today if customer else 1,
        reason=(contact.reason if contact else "") or (promise.reason if promise else ""),
        waited_seconds=int(now - arrived) if arrived and keeping is None else 0,
        queue=contact.queue_place.name if contact else "",
        case=_case_id(services, contact, promise, customer),
        last_talk=_last_talk(customer, zone),
        colleague_note=_latest_note(customer, zone),
        owed_calls=(_summarize_promise(promise, by, zone),) if promise and open_promise else (),
        current_promise=_summarize_promise(keeping, by, zone) if keeping else None,
        important_notes=tuple(ImportantNote(text=n.text, author=n.author) for n in customer.needs)
        if customer
        else (),
        handover=_summarize_transfer(view),
        policy=_policy_text(services, contact, promise),
        lookup_facts=tuple(contact.lookup.facts.splitlines()) if contact else (),
        lookup_name=contact.lookup.name if contact else "",
    )


def _policy_text(services: Services, contact: Contact | None, promise: Promise | None) -> str:
    """What the company does in a case such as they have named."""
    reason = (contact.reason if contact else "") or (promise.reason if promise else "")
    found = policies.find_policy(services.library.policies, reason) if reason else None
    return found.spoken_text if found else ""


def _case_id(
    services: Services, contact: Contact | None, promise: Promise | None, customer: Customer | None
) -> str:
    """What it is about as far as we know; until they say, the customer's open one, unless several people call from there."""
    named = (contact.case if contact else "") or (promise.case if promise else "")
    theirs = customer.open_case if customer and not shared_numbers.is_shared(services, customer) else ""
    return named or theirs


def _latest_note(customer: Customer | None, zone: ZoneInfo) -> LastTalk | None:
    """What a colleague wrote on their case since the last talk."""
    if customer is None or not customer.colleague_note or customer.colleague_note_at <= customer.last_at:
        return None
    at = datetime.fromtimestamp(customer.colleague_note_at, zone)
    return LastTalk(agent=customer.colleague_note_by, at=at, note=customer.colleague_note)


def _last_talk(customer: Customer | None, zone: ZoneInfo) -> LastTalk | None:
    if customer is None or not customer.last_at:
        return None
    return LastTalk(
        agent=customer.last_agent_name,
        at=datetime.fromtimestamp(customer.last_at, zone),
        note=customer.last_note,
    )


def _summarize_promise(promise: Promise, promised_by: str, zone: ZoneInfo) -> OwedCall:
    return OwedCall(
        due_by=datetime.fromtimestamp(promise.due_by, zone), promised_by=promised_by, about=promise.reason
    )


def _summarize_transfer(view: LegView) -> Handover | None:
    if not view.leg.consult.asked_by_leg:
        return None
    return Handover(
        agent=view.asking_agent.name if view.asking_agent else "",
        reason=view.leg.consult.reason,
        note=view.asking_leg.wrapup.note if view.asking_leg else "",
    )


def build_next_attempt_prompt(services: Services, promise: Promise, language: str) -> SpokenPrompt:
    """For the agent: nobody answered, and this is what happens now."""
    book = services.library.get_phrasebook(language)
    if promise.state is PromiseState.ESCALATED:
        return SpokenPrompt(text=book.phrase("callback.gave_up"), language=book.language)
    zone = ZoneInfo(services.settings.default_time_zone)
    at = datetime.fromtimestamp(promise.not_before, zone)
    now = datetime.fromtimestamp(services.clock.now(), zone)
    words = book.phrase("callback.no_answer", when=spoken_text.at_when(at, book.language, now))
    return SpokenPrompt(text=words, language=book.language)
