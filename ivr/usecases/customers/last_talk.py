"""What the last talk with a customer leaves for the next one."""

from __future__ import annotations

from dataclasses import replace

from ivr.domain.records.agent import Agent
from ivr.domain.records.contact import Contact
from ivr.domain.records.customer import Case, Customer
from ivr.services import Services
from ivr.store.change import Change
from ivr.store.queries import case_index


def set_customer_name(services: Services, customer: Customer, name: str, change: Change) -> Customer:
    """They are called so; their cases are found by it, one that this very change opens too."""
    customer = change.put(customer, replace(customer, name=name))
    for one in {*services.store.read(case_index.list_customer_cases(customer.id)), customer.open_case}:
        case = change.get(Case, one)
        if case is not None:
            case_index.rebuild_case(services.store, case, customer, change)
            change.touch_topic(case.key)
    return customer


def record_last_talk(
    customer: Customer, contact: Contact, *, agent: Agent, note: str, topic: str, at: float
) -> Customer:
    """The customer after this talk: what the next person will be told."""
    return replace(
        customer,
        last_contact=contact.id,
        last_at=at,
        last_agent=agent.id,
        last_agent_name=agent.name,
        last_subject=topic or customer.last_subject,
        last_note=note or customer.last_note,
        open_case=contact.case or customer.open_case,
    )
