"""Confirmed callers (I7): a code texted to the number they call from, entered by key, on lines that ask for it.

Only where IVR_READ_BACK is `confirmed`, and only when there is something to say to them. Whoever does not want to, or cannot,
goes on as everybody does: nobody waits for a person because of a code.
"""

from __future__ import annotations

import secrets
from dataclasses import replace

from ivr.domain.phone_numbers import Degree
from ivr.domain.records.agent import Agent
from ivr.domain.records.contact import Contact
from ivr.domain.records.customer import Customer
from ivr.flow.turn import HeardKind, Listen
from ivr.services import Services
from ivr.store.change import Change
from ivr.store.queries.contacts import Input
from ivr.telephony.reply import Hear, Reply
from ivr.usecases.calls import flow_runner
from ivr.usecases.customers import caller_context, open_promises
from ivr.usecases.phrases import say
from ivr.usecases.promises import lifecycle as promise_lifecycle
from ivr.usecases.texting import send as texting_send

ASK, CODE, AGAIN = "confirm ask", "confirm code", "confirm again"  # places, on the contact
KEY = Listen(digits=1, seconds=4, speech=False)
DIGITS = Listen(digits=6, finish="#", seconds=20, speech=False)


def wanted(s: Services, contact: Contact, customer: Customer, *, shared: bool) -> bool:
    """Whether a code would open anything."""
    something = bool(customer.name or customer.last_at or customer.promises)
    asked_for = s.settings.read_back == "confirmed" and contact.degree < Degree.CONFIRMED
    return asked_for and something and bool(contact.number) and not (shared or customer.no_texts)


def under_way(contact: Contact) -> bool:
    return contact.position in (ASK, CODE, AGAIN)


def here(s: Services, contact: Contact) -> Reply:
    """The question they are at."""
    key = {ASK: "confirm.ask", CODE: "confirm.code", AGAIN: "confirm.again"}[contact.position]
    listen = KEY if contact.position == ASK else DIGITS
    action = s.urls.step(contact.id, contact.seen + 1)
    return Reply(says=(say(s, contact.language, key),), then=Hear(listen=listen, action=action))


def hear(s: Services, contact: Contact, new: Input) -> Reply | None:
    """None: answer from the state that came of it."""
    if new.n <= contact.seen:  # a repeated webhook
        return None
    change = Change(now=s.clock.now())
    keys = new.heard.value if new.heard.kind is HeardKind.KEYS else ""
    heard = replace(contact, seen=new.n)
    if contact.position == ASK and keys == "1":
        change.put(contact, _texted(s, heard, change))
        s.store.commit(change)
        return None
    right = contact.position != ASK and secrets.compare_digest(keys.encode(), contact.code.encode())
    if contact.position == CODE and keys not in ("", "0") and not right:
        change.put(contact, replace(heard, position=AGAIN))
        s.store.commit(change)
        return None
    return _go_on(s, contact, _confirmed(s, heard) if right else heard, change, asks_for_person=keys == "0")


def _texted(s: Services, contact: Contact, change: Change) -> Contact:
    code = f"{secrets.randbelow(10**6):06}"
    body = s.library.book(contact.language).text("text.code", code=code)
    texting_send.send(s, to=contact.number, line=contact.line, body=body, about=contact.member, change=change)
    return replace(contact, position=CODE, code=code)


def _confirmed(s: Services, contact: Contact) -> Contact:
    customer = s.store.get(Customer, contact.number)
    if customer is None:
        return contact
    open_ = open_promises.open_promises(s, customer)
    carried = sorted(open_, key=lambda p: p.id != contact.promise)  # what this call carries first
    agent = s.store.get(Agent, (carried[0].owner if carried else "") or customer.last_agent)
    told = caller_context.told(s, customer, carried, Degree.CONFIRMED, agent)
    return replace(contact, degree=Degree.CONFIRMED, situation=told)


def _go_on(
    s: Services, contact: Contact, heard: Contact, change: Change, *, asks_for_person: bool
) -> Reply | None:
    """Into the flow, or to a person at once."""
    clean = replace(heard, code="", position="")
    said = (
        flow_runner.enter(s, clean, change, "@person")
        if asks_for_person
        else flow_runner.begin(s, clean, change)
    )
    change.put(contact, said.contact)
    change.journal("verification ended", contact=contact.id, degree=said.contact.degree.name)
    if not said.contact.arrived:
        change.wake(contact, change.now + promise_lifecycle.GRACE)
    if not s.store.commit(change):
        return None
    return flow_runner.reply(s, said, heard.seen, in_line=False)
