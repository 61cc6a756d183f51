"""What colleagues do with a case: open it, write a note, take it or hand it on, close it, say what it is about.

Each leaves an entry in its thread, with who and when, and an entry in the audit log, without words.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ivr.domain import phone_numbers
from ivr.domain.actor import Actor
from ivr.domain.errors import CalorError
from ivr.domain.records.agent import Agent
from ivr.domain.records.customer import Case, Customer
from ivr.services import Services
from ivr.store.change import Change
from ivr.store.queries import case_index
from ivr.usecases.customers import case_thread, open_promises

MAX_NOTE_LENGTH = 2000  # characters
MAX_SUBJECT_LENGTH = 200

CaseUpdate = Callable[[Case, Change], Case]


class NoSuchCase(CalorError):
    """There is no case of this id."""


class CaseChangeRefused(CalorError):
    """It cannot be done with this case as it is."""


def get_case(services: Services, case_id: str) -> Case:
    """Raises NoSuchCase."""
    found = services.store.get(Case, case_id)
    if found is None:
        raise NoSuchCase
    return found


def open_case(services: Services, number: str, subject: str, *, actor: Actor) -> Case:
    """A new matter of whoever has this number. It is theirs to whom it was opened first; raises CaseChangeRefused, CalorError."""
    e164 = phone_numbers.parse_caller_number("".join(number.split()))
    about = _to_one_line(subject)
    if not e164:
        raise CaseChangeRefused(
            f"{number.strip()[:40] or 'Nothing'} is not a number in E.164 form, such as +12025550155."
        )
    if not about:
        raise CaseChangeRefused("Say what it is about.")
    for change in services.store.transact():
        customer = services.store.get(Customer, e164)
        owner = actor.id if services.store.get(Agent, actor.id) else ""
        case = Case(id=services.new_id(), customer=e164, subject=about, owner=owner, opened_at=change.now)
        case = change.put(None, case)
        known = customer or Customer(id=e164)
        if customer is None or not customer.open_case:
            known = change.put(customer, replace(known, open_case=case.id))
        case_index.add_case(case, known, change)
        case_thread.add_entry(case.id, "opened", change, agent=actor.id)
        change.log_action("case opened", actor, case=case.id)
    return case


def add_note(services: Services, case_id: str, text: str, *, actor: Actor) -> None:
    """To the word. Whoever has the case open reads it at once; whoever takes their next call is told it."""
    told = text.strip()
    if not told:
        raise CaseChangeRefused("There is nothing in the note.")
    if len(told) > MAX_NOTE_LENGTH:
        raise CaseChangeRefused(f"That is {len(told)} characters; a note has {MAX_NOTE_LENGTH} at most.")
    for change in services.store.transact():
        case = get_case(services, case_id)
        case_thread.add_entry(case.id, "note", change, agent=actor.id, words=told)
        customer = services.store.get(Customer, case.customer) if case.customer else None
        if customer is not None:
            author = services.store.get(Agent, actor.id)
            written = replace(
                customer,
                colleague_note=told,
                colleague_note_by=author.name if author else actor.id,
                colleague_note_at=change.now,
            )
            change.put(customer, written)
        change.log_action("case noted", actor, case=case.id)


def assign_to(services: Services, case_id: str, agent_id: str, *, actor: Actor) -> None:
    """It is this agent's from now on; taking it is handing it to oneself."""
    if services.store.get(Agent, agent_id) is None:
        raise CaseChangeRefused("A case belongs to somebody who answers the telephone here.")

    def hand(case: Case, change: Change) -> Case:
        if case.owner == agent_id:
            return case
        case_thread.add_entry(case.id, "owner", change, agent=actor.id, owner=agent_id)
        change.log_action("case owner", actor, case=case.id, owner=agent_id)
        return replace(case, owner=agent_id)

    _update(services, case_id, hand)


def rename(services: Services, case_id: str, subject: str, *, actor: Actor) -> None:
    about = _to_one_line(subject)
    if not about:
        raise CaseChangeRefused("Say what it is about.")

    def named(case: Case, change: Change) -> Case:
        if case.subject == about:
            return case
        new = replace(case, subject=about)
        case_index.rebuild_case(services.store, new, services.store.get(Customer, case.customer), change)
        case_thread.add_entry(case.id, "subject", change, agent=actor.id, words=about)
        change.log_action("case renamed", actor, case=case.id)
        return new

    _update(services, case_id, named)


def close(services: Services, case_id: str, *, actor: Actor) -> None:
    """Done, until something comes to it. Not while a call is owed: raises CaseChangeRefused."""

    def closed(case: Case, change: Change) -> Case:
        customer = services.store.get(Customer, case.customer)
        if any(p.case == case.id for p in open_promises.list_for_customer(services, customer)):
            raise CaseChangeRefused(
                "A call is still owed to them. Keep it, or ask them whether they still want it."
            )
        case_index.rebuild_case(
            services.store, case, customer, change
        )  # it is told by what came since whether it is closed
        case_thread.add_entry(case.id, "closed", change, agent=actor.id)
        change.log_action("case closed", actor, case=case.id)
        return replace(case, closed_at=change.now)

    _update(services, case_id, closed)


def reopen(services: Services, case_id: str, *, actor: Actor) -> None:
    def opened(case: Case, change: Change) -> Case:
        if not case.closed_at:
            return case
        case_thread.add_entry(case.id, "reopened", change, agent=actor.id)
        change.log_action("case reopened", actor, case=case.id)
        return replace(case, closed_at=0.0)

    _update(services, case_id, opened)


def _update(services: Services, case_id: str, update: CaseUpdate) -> None:
    """What is so already is not written again."""
    for change in services.store.transact():
        case = get_case(services, case_id)
        new = update(case, change)
        if new == case:
            return
        change.put(case, new)


def _to_one_line(text: str) -> str:
    return " ".join(text.split())[:MAX_SUBJECT_LENGTH].strip()
