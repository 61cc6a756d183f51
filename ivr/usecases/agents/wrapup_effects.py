"""What a wrap-up leaves: how it ended, the note, a callback by a time, a text to the customer, a free agent."""

from __future__ import annotations

import math
from dataclasses import replace

from ivr.domain.records import agent as agents
from ivr.domain.records.agent import Agent
from ivr.domain.records.agent_leg import AgentLeg, LegResult
from ivr.domain.records.contact import Contact, ContactState
from ivr.domain.records.customer import Customer
from ivr.domain.records.disposition import Disposition
from ivr.domain.records.promise import Promise, PromiseKind, PromiseState
from ivr.services import Services
from ivr.store.change import Change
from ivr.usecases.contacts import outcome
from ivr.usecases.customers import case_thread, last_talk
from ivr.usecases.promises import attempts as promise_attempts
from ivr.usecases.promises import lifecycle as promise_lifecycle
from ivr.usecases.texting import send as texting_send

ROUND_UP_TO_SECONDS = 300  # seconds: times are promised as people say them


def give_disposition(
    services: Services, contact: Contact, disposition: Disposition, leg: AgentLeg, change: Change
) -> None:
    """The agent's disposition, kept as soon as it is given; the contact is concluded when the wrap-up is over."""
    change.put(contact, replace(contact, disposition=disposition))
    change.log_event("disposition", contact=contact.id, agent=leg.agent, word=disposition)
    promise = change.get(Promise, contact.promise)
    if promise is not None and promise.state is PromiseState.TALKING:
        if disposition in (Disposition.HELPED, Disposition.MORE):
            promise_lifecycle.end_promise(
                promise, PromiseState.KEPT, change, owner=promise.owner or leg.agent
            )
        else:
            promise_attempts.record_failed_attempt(services, promise, disposition, change)


def save_typed_note(services: Services, leg: AgentLeg, change: Change) -> AgentLeg:
    """What was typed in the talk, into the case, whatever ended the talk; the leg, as it is then."""
    if not leg.wrapup.note_pending:
        return leg
    save_note(services, leg, leg.wrapup.note, change)
    return replace(leg, wrapup=replace(leg.wrapup, note_pending=False))


def save_note(services: Services, leg: AgentLeg, note: str, change: Change) -> None:
    """For the next person, to the word: in the case, and as what was said last."""
    contact = latest_contact(leg, change)
    if contact is None:
        return
    contact = promise_lifecycle.ensure_case(services, contact, change, owner=leg.agent)
    contact = change.put(contact, contact)
    case_thread.add_entry(contact.case, "note", change, agent=leg.agent, contact=contact.id, words=note)
    customer = change.get(Customer, contact.caller.number)
    agent = services.store.get(Agent, leg.agent)
    if customer is not None and agent is not None:
        told = last_talk.record_last_talk(
            customer, contact, agent=agent, note=note, topic=contact.reason, at=change.now
        )
        change.put(customer, told)


def promise_follow_up(
    services: Services, contact: Contact, leg: AgentLeg, hours: int, change: Change
) -> Contact:
    """A next step with a time: a promise that this agent owns."""
    at = math.ceil((change.now + hours * 3600) / ROUND_UP_TO_SECONDS) * ROUND_UP_TO_SECONDS
    current = change.get(Promise, contact.promise)
    if current is not None and current.state in (PromiseState.MERGED, PromiseState.TALKING):
        promise_lifecycle.end_promise(current, PromiseState.KEPT, change)
    wanted = promise_lifecycle.PromiseRequest(
        kind=PromiseKind.FOLLOW_UP,
        since=at - min(900.0, hours * 900.0),
        until=at,
        owner=leg.agent,
        reason=contact.reason or leg.wrapup.note or contact.next_steps,
        queue=contact.queue_place.name,
    )
    kept, _ = promise_lifecycle.make_promise(services, contact, wanted, change)
    return change.put(contact, kept)


def finish(services: Services, leg: AgentLeg, change: Change) -> None:
    """The agent is free. A contact that is still owed an outcome gets it, or the agent is asked again later."""
    change.put(leg, leg.end(LegResult.ACCEPTED))
    change.unschedule(leg)
    agent = change.get(Agent, leg.agent)
    if agent is not None and agent.leg == leg.id:
        change.put(agent, agents.release(agent, change.now))
        change.log_event("available", agent=agent.id)
    contact = latest_contact(leg, change)
    if contact is None or contact.leg != leg.id:
        return
    if contact.state is ContactState.AWAITING_DISPOSITION and contact.disposition:
        outcome.end_by_disposition(services, contact, change)
    if contact.disposition:
        _text_summary(services, contact, leg, change)


def _text_summary(services: Services, contact: Contact, leg: AgentLeg, change: Change) -> None:
    customer = change.get(Customer, contact.caller.number)
    if body := build_summary_text(services, contact, customer, leg.wrapup.note, contact.next_steps):
        texting_send.create_text(
            services,
            to=contact.caller.number,
            our_number=contact.caller.called_number,
            body=body,
            about=contact.key,
            change=change,
        )


def build_summary_text(
    services: Services, contact: Contact, customer: Customer | None, note: str, steps: str
) -> str:
    """What was understood and what happens next, as it is texted; "" when no text goes out."""
    understood = note or contact.reason
    if not understood or customer is None or customer.no_texts:
        return ""
    return services.library.get_phrasebook(contact.caller.language).text(
        "text.summary",
        name=customer.name.split(" ")[0],
        understood=_end_with_period(understood),
        steps=_end_with_period(steps),
    )


def _end_with_period(text: str) -> str:
    """People do not say their full stops."""
    return text if not text or text.endswith((".", "!", "?")) else text + "."


def latest_contact(leg: AgentLeg, change: Change) -> Contact | None:
    return change.get(Contact, leg.contact)
