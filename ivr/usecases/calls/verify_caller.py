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
from ivr.domain.records.contact_parts import IdentityCheck
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

PHRASE_BY_QUESTION = {
    IdentityCheck.OFFERED: "confirm.ask",
    IdentityCheck.CODE_TEXTED: "confirm.code",
    IdentityCheck.CODE_WRONG: "confirm.again",
}
KEY = Listen(max_digits=1, seconds=4, speech=False)
CODE_DIGITS = Listen(max_digits=6, finish_key="#", seconds=20, speech=False)


def is_offered(services: Services, contact: Contact, customer: Customer, *, shared: bool) -> bool:
    """Whether a code would open anything."""
    something = bool(customer.name or customer.last_at or customer.open_promises)
    asked_for = (
        services.settings.read_back == "confirmed" and contact.caller.trust_level < TrustLevel.CONFIRMED
    )
    return asked_for and something and bool(contact.caller.number) and not (shared or customer.no_texts)


def is_under_way(contact: Contact) -> bool:
    return contact.flow_progress.identity_check is not IdentityCheck.NONE


def ask(contact: Contact, question: IdentityCheck) -> Contact:
    return replace(contact, flow_progress=replace(contact.flow_progress, identity_check=question))


def prompt(services: Services, contact: Contact) -> Reply:
    """The question they are at."""
    question = contact.flow_progress.identity_check
    listen = KEY if question is IdentityCheck.OFFERED else CODE_DIGITS
    action = services.urls.step(contact.id, contact.flow_progress.inputs_seen + 1)
    return Reply(
        prompts=(phrase(services, contact.caller.language, PHRASE_BY_QUESTION[question]),),
        verb=GatherInput(listen=listen, action_url=action),
    )


def on_input(services: Services, contact: Contact, new_input: ContactInput) -> Reply | None:
    """None: answer from the state that came of it."""
    if new_input.number <= contact.flow_progress.inputs_seen:  # a repeated webhook
        return None
    question = contact.flow_progress.identity_check
    change = services.store.begin()
    keys = new_input.flow_input.value if new_input.flow_input.kind is FlowInputKind.KEYS else ""
    heard = replace(contact, flow_progress=replace(contact.flow_progress, inputs_seen=new_input.number))
    if question is IdentityCheck.OFFERED and keys == "1":
        change.put(contact, _text_code(services, heard, change))
        services.store.commit_best_effort(change)
        return None
    right = question is not IdentityCheck.OFFERED and secrets.compare_digest(
        keys.encode(), contact.caller.texted_code.encode()
    )
    if question is IdentityCheck.CODE_TEXTED and keys not in ("", "0") and not right:
        change.put(contact, ask(heard, IdentityCheck.CODE_WRONG))
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
    body = services.library.get_phrasebook(contact.caller.language).text("text.code", code=code)
    texting_send.create_text(
        services,
        to=contact.caller.number,
        our_number=contact.caller.called_number,
        body=body,
        about=contact.key,
        change=change,
    )
    asked = ask(contact, IdentityCheck.CODE_TEXTED)
    return replace(asked, caller=replace(asked.caller, texted_code=code))


def _confirm_caller(services: Services, contact: Contact) -> Contact:
    customer = services.store.get(Customer, contact.caller.number)
    if customer is None:
        return contact
    open_ = open_promises.list_for_customer(services, customer)
    carried = sorted(open_, key=lambda p: p.id != contact.promise)  # what this call carries first
    agent = services.store.get(Agent, (carried[0].owner if carried else "") or customer.last_agent)
    told = caller_context.pack_context(services, customer, carried, TrustLevel.CONFIRMED, agent)
    return replace(
        contact,
        caller=replace(contact.caller, trust_level=TrustLevel.CONFIRMED),
        flow_progress=replace(contact.flow_progress, caller_context=told),
    )


def _continue_call(
    services: Services, contact: Contact, heard: Contact, change: Change, *, asks_for_person: bool
) -> Reply | None:
    """Into the flow, or to a person at once."""
    clean = replace(ask(heard, IdentityCheck.NONE), caller=replace(heard.caller, texted_code=""))
    said = (
        flow_runner.begin_at(services, clean, change, "@person")
        if asks_for_person
        else flow_runner.begin(services, clean, change)
    )
    change.put(contact, said.contact)
    change.log_event("verification ended", contact=contact.id, degree=said.contact.caller.trust_level.name)
    if not said.contact.queue_place.queued_at:
        change.schedule(contact, change.now + promise_lifecycle.CALL_CHECK_SECONDS)
    if not services.store.commit(change):
        return None
    return flow_runner.to_reply(services, said, heard.flow_progress.inputs_seen, in_waiting_room=False)
