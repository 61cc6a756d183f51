"""Memory: the customer behind a number, the brief for whoever takes the call, the thread of a case."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

from ivr.domain import phone_numbers
from ivr.domain.records.agent import Agent
from ivr.domain.records.agent_leg import Offer, OfferKind
from ivr.domain.records.contact import Contact
from ivr.domain.records.customer import Case, Customer
from ivr.domain.records.promise import ENDED, Promise, PromiseState
from ivr.domain.rules import brief as briefs
from ivr.domain.speech import spoken_text
from ivr.flow import policies
from ivr.flow.phrases.built_in import wording
from ivr.flow.turn import Words
from ivr.services import RedisServices, Services
from ivr.store import keys
from ivr.store.change import Change
from ivr.store.queries import case_index
from ivr.usecases.customers import open_promises


@dataclass(frozen=True, kw_only=True)
class Told:
    """A brief by ear and as data: the same sentences."""

    aloud: tuple[str, str]
    data: dict[str, Any]


def plain(text: str, language: str) -> Words:
    """Somebody's own words, spoken as they are."""
    return Words(text=escape(text), language=language)


def queue_of(s: Services, offer: Offer) -> str:
    contact = s.store.get(Contact, offer.contact)
    promise = s.store.get(Promise, offer.promise) if contact is None or not contact.queue else None
    name = (contact.queue if contact else "") or (promise.queue if promise else "")
    agent = s.store.get(Agent, offer.agent)
    language = agent.languages[0] if agent else s.library.languages[0]
    return s.library.queue(name or s.library.for_line(offer.line).person).spoken_in(language)


def brief(s: Services, offer: Offer, agent: Agent) -> Told:
    """Everything an earlier call established, for this agent's ear, in their language."""
    now = s.clock.now()
    zone = ZoneInfo(s.settings.default_zone)
    at = datetime.fromtimestamp(now, zone)
    made = assemble(s, offer, now)
    book = s.library.book(agent.languages[0])
    words = wording(book)
    return Told(
        aloud=briefs.spoken(made, words, book.language, at),
        data={**briefs.as_json(made, words, book.language, at), "offer": offer.id, "why": offer.why},
    )


def assemble(s: Services, offer: Offer, now: float) -> briefs.Brief:
    zone = ZoneInfo(s.settings.default_zone)
    contact = s.store.get(Contact, offer.contact)
    promise = s.store.get(Promise, offer.promise)
    number = (contact.number if contact else "") or (promise.number if promise else "")
    customer = s.store.get(Customer, number)
    keeping = promise if offer.kind is OfferKind.PROMISE else None
    by = _names(s, [promise.owner if promise else ""])
    open_promise = promise is not None and promise.state not in ENDED and keeping is None
    arrived = contact.arrived if contact else 0.0
    return briefs.Brief(
        name=(customer.name if customer else "") or (promise.name if promise else ""),
        ending=phone_numbers.ending(number),
        degree=contact.degree if contact else phone_numbers.Degree.UNSURE,
        calls_today=customer.today if customer else 1,
        reason=(contact.reason if contact else "") or (promise.reason if promise else ""),
        waited=int(now - arrived) if arrived and keeping is None else 0,
        queue=contact.queue if contact else "",
        case=_case(s, contact, promise, customer),
        last=_last(customer, zone),
        noted=_noted(customer, zone),
        owed=(_owing(promise, by, zone),) if promise and open_promise else (),
        keeping=_owing(keeping, by, zone) if keeping else None,
        minding=tuple(briefs.Minding(text=n.text, by=n.by) for n in customer.needs) if customer else (),
        transfer=_handover(s, offer),
        policy=_policy(s, contact, promise),
        facts=tuple(contact.facts.splitlines()) if contact else (),
        facts_name=contact.facts_name if contact else "",
    )


def _policy(s: Services, contact: Contact | None, promise: Promise | None) -> str:
    """What the company does in a case such as they have named."""
    reason = (contact.reason if contact else "") or (promise.reason if promise else "")
    found = policies.for_reason(s.library.policies, reason) if reason else None
    return found.said if found else ""


def _case(s: Services, contact: Contact | None, promise: Promise | None, customer: Customer | None) -> str:
    """What it is about as far as we know; until they say, the customer's open one, unless several people call from there."""
    named = (contact.case if contact else "") or (promise.case if promise else "")
    theirs = customer.case if customer and not open_promises.is_shared(s, customer) else ""
    return named or theirs


def _noted(customer: Customer | None, zone: ZoneInfo) -> briefs.LastTalk | None:
    """What a colleague wrote on their case since the last talk."""
    if customer is None or not customer.noted or customer.noted_at <= customer.last_at:
        return None
    at = datetime.fromtimestamp(customer.noted_at, zone)
    return briefs.LastTalk(agent=customer.noted_by, at=at, note=customer.noted)


def _last(customer: Customer | None, zone: ZoneInfo) -> briefs.LastTalk | None:
    if customer is None or not customer.last_at:
        return None
    return briefs.LastTalk(
        agent=customer.last_by,
        at=datetime.fromtimestamp(customer.last_at, zone),
        note=customer.last_note,
    )


def _owing(promise: Promise, by: dict[str, str], zone: ZoneInfo) -> briefs.Owing:
    return briefs.Owing(
        until=datetime.fromtimestamp(promise.until, zone),
        by=by.get(promise.owner, ""),
        about=promise.reason,
    )


def _handover(s: Services, offer: Offer) -> briefs.Handover | None:
    if not offer.by:
        return None
    colleague = s.store.get(Offer, offer.by)
    names = _names(s, [colleague.agent if colleague else ""])
    return briefs.Handover(
        agent=names.get(colleague.agent, "") if colleague else "",
        reason=offer.reason,
        note=colleague.note if colleague else "",
    )


def _names(s: Services, ids: list[str]) -> dict[str, str]:
    return {a.id: a.name for a in s.store.get_all(Agent, [i for i in ids if i])}


def when_again(s: Services, promise: Promise, language: str) -> Words:
    """For the agent: nobody answered, and this is what happens now."""
    book = s.library.book(language)
    if promise.state is PromiseState.ESCALATED:
        return Words(text=book.say("callback.gave_up"), language=book.language)
    zone = ZoneInfo(s.settings.default_zone)
    at = datetime.fromtimestamp(promise.since, zone)
    now = datetime.fromtimestamp(s.clock.now(), zone)
    words = book.say("callback.no_answer", when=spoken_text.at_when(at, book.language, now))
    return Words(text=words, language=book.language)


def note(case: str, kind: str, change: Change, **told: object) -> None:
    """Add to the thread of a case: what was said and done, by whom. The words stand here and nowhere else."""
    if case:
        change.touch(f"{Case.noun}:{case}")
        change.op("RPUSH", keys.thread(case), json.dumps({"at": change.now, "kind": kind, **told}))
        case_index.came(case, str(told.get("words", "")), change)


def thread(s: RedisServices, case: str) -> list[dict[str, Any]]:
    (found,) = s.store.read([("LRANGE", keys.thread(case), 0, -1)])
    return [json.loads(line) for line in found]


def named(s: Services, customer: Customer, name: str, change: Change) -> Customer:
    """They are called so; their cases are found by it, one that this very change opens too."""
    customer = change.put(customer, replace(customer, name=name))
    for one in {*case_index.of_customer(s.store, customer.id), customer.case}:
        case = change.made(Case, one) or s.store.get(Case, one)
        if case is not None:
            case_index.anew(s.store, case, customer, change)
            change.touch(case.member)
    return customer


def last_contact(
    customer: Customer, contact: Contact, *, agent: Agent, words: str, about: str, at: float
) -> Customer:
    """The customer after this talk: what the next person will be told."""
    return replace(
        customer,
        last_contact=contact.id,
        last_at=at,
        last_agent=agent.id,
        last_by=agent.name,
        last_about=about or customer.last_about,
        last_note=words or customer.last_note,
        case=contact.case or customer.case,
    )
