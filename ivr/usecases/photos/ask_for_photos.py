"""A customer is asked for photos by text: at the desk during the talk, or from the case."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ivr.domain.actor import By
from ivr.domain.errors import CalorError
from ivr.domain.records.agent import Agent
from ivr.domain.records.agent_leg import IN_TALK, Offer
from ivr.domain.records.contact import Contact
from ivr.domain.records.customer import Case, Customer
from ivr.services import Services
from ivr.store.change import Change
from ivr.usecases.customers import last_talk
from ivr.usecases.dialing import permissions
from ivr.usecases.promises import lifecycle as promise_lifecycle
from ivr.usecases.texting import send as texting_send

AGAIN = 120.0  # seconds in which nobody is asked twice


class NotAsked(CalorError):
    """They cannot be asked for photos."""


@dataclass(frozen=True, kw_only=True)
class Reader:
    """Who is asked, from which number of ours."""

    number: str
    line: str
    language: str


def in_talk(s: Services, agent_id: str, by: By) -> None:
    """Whoever this agent talks with. Raises NotAsked."""
    while True:
        agent = s.store.get(Agent, agent_id)
        offer = s.store.get(Offer, agent.offer) if agent else None
        contact = s.store.get(Contact, offer.contact) if offer else None
        if offer is None or contact is None or offer.state not in IN_TALK:
            raise NotAsked("You are not in a call.")
        change = Change(now=s.clock.now())
        customer = s.store.get(Customer, contact.number)
        name = promise_lifecycle.open_case(s, contact, customer, change)
        if name != contact.case:
            change.put(contact, replace(contact, case=name))
        case = change.made(Case, name) or s.store.get(Case, name)
        if case is None:
            raise NotAsked("The case is not there any more.")
        _ask(s, case, Reader(number=contact.number, line=contact.line, language=contact.language), by, change)
        if s.store.commit(change):
            return


def of_case(s: Services, case_id: str, by: By) -> None:
    """Whose case it is, from the number of ours that they used last. Raises NotAsked."""
    while True:
        case = s.store.get(Case, case_id)
        if case is None:
            raise NotAsked("There is no such case.")
        customer = s.store.get(Customer, case.customer)
        last = s.store.get(Contact, customer.last_contact) if customer else None
        texted = [e["line"] for e in last_talk.thread(s, case_id) if e.get("line")]
        line = (last.line if last else "") or (texted[-1] if texted else s.settings.caller_id)
        if not line:
            raise NotAsked("Nobody can tell which number of ours they used.")
        language = (customer.language if customer else "") or s.library.for_line(line).languages[0]
        change = Change(now=s.clock.now())
        _ask(s, case, Reader(number=case.customer, line=line, language=language), by, change)
        if s.store.commit(change):
            return


def _ask(s: Services, case: Case, reader: Reader, by: By, change: Change) -> None:
    customer = s.store.get(Customer, reader.number)
    if not reader.number:
        raise NotAsked("Their number is hidden: they cannot be texted.")
    if customer is not None and customer.no_texts:
        raise NotAsked("They have asked for no texts, or their telephone takes none.")
    if permissions.why_not(s, reader.number, line=reader.line):
        raise NotAsked("This line may not text that number.")
    if change.now < case.photos_asked + AGAIN:
        raise NotAsked("They have just been asked.")
    change.put(case, replace(case, photos_asked=change.now))
    body = s.library.book(reader.language).text("text.photos")
    texting_send.send(s, to=reader.number, line=reader.line, body=body, about=case.member, change=change)
    last_talk.note(case.id, "photos-asked", change, by=by.who)
    change.act("photos requested", by, case=case.id)
