"""Confirmed callers (I7): a code texted to the number they call from, entered by key, on lines that ask for it.

Only where IVR_READ_BACK is `confirmed`, and only when there is something to say to them. Whoever does not want to, or cannot,
goes on as everybody does: nobody waits for a person because of a code.
"""

from __future__ import annotations

import secrets
from dataclasses import replace

from ivr.domain.phone_numbers import TrustLevel
from ivr.domain.records.agent import Agent
from ivr.domain.records.contact import Contact
from ivr.domain.records.customer import Customer
from ivr.flow.turn import FlowInputKind, Listen
from ivr.services import Services
from ivr.store.change import Change
from ivr.store.queries.contacts import ContactInput
from ivr.telephony.reply import GatherInput, Reply
from ivr.usecases.calls import flow_runner
from ivr.usecases.customers import caller_context, open_promises
from ivr.usecases.phrases import phrase
from ivr.usecases.promises import lifecycle as promise_lifecycle
from ivr.usecases.texting import send as texting_send

OFFER_POSITION, CODE_POSITION, RETRY_POSITION = (
    "confirm ask",
    "confirm code",
    "confirm again",
)  # places, on the contact
KEY = Listen(max_digits=1, seconds=4, speech=False)
CODE_DIGITS = Listen(max_digits=6, finish_key="#", seconds=20, speech=False)


def is_offered(services: Services, contact: Contact, customer: Customer, *, shared: bool) -> bool:
    """Whether a code would open anything."""
    something = bool(customer.name or customer.last_at or customer.open_promises)
    asked_for = services.settings.read_back == "confirmed" and contact.trust_level < TrustLevel.CONFIRMED
    return asked_for and something and bool(contact.number) and not (shared or customer.no_texts)


def is_under_way(contact: Contact) -> bool:
    return contact.position in (OFFER_POSITION, CODE_POSITION, RETRY_POSITION)


def prompt(services: Services, contact: Contact) -> Reply:
    """The question they are at."""
    key = {OFFER_POSITION: "confirm.ask", CODE_POSITION: "confirm.code", RETRY_POSITION: "confirm.again"}[
        contact.position
    ]
    listen = KEY if contact.position == OFFER_POSITION else CODE_DIGITS
    action = services.urls.step(contact.id, contact.inputs_seen + 1)
    return Reply(
        prompts=(phrase(services, contact.language, key),), verb=GatherInput(listen=listen, action_url=action)
    )


def on_input(services: Services, contact: Contact, new_input: ContactInput) -> Reply | None:
    """None: answer from the state that came of it."""
    if new_input.number <= contact.inputs_seen:  # a repeated webhook
        return None
    change = Change(now=services.clock.now())
    keys = new_input.flow_input.value if new_input.flow_input.kind is FlowInputKind.KEYS else ""
    heard = replace(contact, inputs_seen=new_input.number)
    if contact.position == OFFER_POSITION and keys == "1":
        change.put(contact, _text_code(services, heard, change))
        services.store.commit_best_effort(change)
        return None
    right = contact.position != OFFER_POSITION and secrets.compare_digest(
        keys.encode(), contact.number_code.encode()
    )
    if contact.position == CODE_POSITION and keys not in ("", "0") and not right:
        change.put(contact, replace(heard, position=RETRY_POSITION))
        services.store.commit_best_effort(change)
        return None
    return _continue_call(
        services,
        contact,
        _confirm_caller(services, heard) if right else heard,
        change,
        asks_for_person=keys == "0",
    )


def _text_code(services: Services, contact: Contact, change: Change) -> Contact:
    code = f"{secrets.randbelow(10**6):06}"
    body = services.library.get_phrasebook(contact.language).text("text.code", code=code)
    texting_send.create_text(
        services,
        to=contact.number,
        our_number=contact.called_number,
        body=body,
        about=contact.key,
        change=change,
    )
    return replace(contact, position=CODE_POSITION, number_code=code)


def _confirm_caller(services: Services, contact: Contact) -> Contact:
    customer = services.store.get(Customer, contact.number)
    if customer is None:
        return contact
    open_ = open_promises.list_for_customer(services, customer)
    carried = sorted(open_, key=lambda p: p.id != contact.promise)  # what this call carries first
    agent = services.store.get(Agent, (carried[0].owner if carried else "") or customer.last_agent)
    told = caller_context.pack_context(services, customer, carried, TrustLevel.CONFIRMED, agent)
    return replace(contact, trust_level=TrustLevel.CONFIRMED, caller_context=told)


def _continue_call(
    services: Services, contact: Contact, heard: Contact, change: Change, *, asks_for_person: bool
) -> Reply | None:
    """Into the flow, or to a person at once."""
    clean = replace(heard, number_code="", position="")
    said = (
        flow_runner.begin_at(services, clean, change, "@person")
        if asks_for_person
        else flow_runner.begin(services, clean, change)
    )
    change.put(contact, said.contact)
    change.log_event("verification ended", contact=contact.id, degree=said.contact.trust_level.name)
    if not said.contact.queued_at:
        change.schedule(contact, change.now + promise_lifecycle.CALL_CHECK_SECONDS)
    if not services.store.commit(change):
        return None
    return flow_runner.to_reply(services, said, heard.inputs_seen, in_waiting_room=False)
