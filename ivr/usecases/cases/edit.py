"""What colleagues do with a case: open it, write a note, take it or hand it on, close it, say what it is about.

Each leaves an entry in its thread, with who and when, and an act in the journal, without words.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ivr.domain import phone_numbers
from ivr.domain.actor import By
from ivr.domain.errors import CalorError
from ivr.domain.records.agent import Agent
from ivr.domain.records.customer import Case, Customer
from ivr.services import Services
from ivr.store.change import Change
from ivr.store.queries import case_index
from ivr.usecases.customers import last_talk, open_promises

LONGEST_NOTE = 2000  # characters
LONGEST_SUBJECT = 200
TRIES = 5  # a record that somebody else changes at the same instant is read again

Step = Callable[[Case, Change], Case]


class NoSuchCase(CalorError):
    """There is no case of this id."""


class NotSo(CalorError):
    """It cannot be done with this case as it is."""


def get(s: Services, name: str) -> Case:
    """Raises NoSuchCase."""
    found = s.store.get(Case, name)
    if found is None:
        raise NoSuchCase
    return found


def open_new(s: Services, number: str, subject: str, *, by: By) -> Case:
    """A new matter of whoever has this number. It is theirs to whom it was opened first; raises NotSo, CalorError."""
    e164 = phone_numbers.caller_number("".join(number.split()))
    about = _one_line(subject)
    if not e164:
        raise NotSo(
            f"{number.strip()[:40] or 'Nothing'} is not a number in E.164 form, such as +12025550155."
        )
    if not about:
        raise NotSo("Say what it is about.")
    for _ in range(TRIES):
        change = Change(now=s.clock.now())
        customer = s.store.get(Customer, e164)
        owner = by.who if s.store.get(Agent, by.who) else ""
        case = Case(id=s.new_id(), customer=e164, subject=about, owner=owner, opened=change.now)
        case = change.put(None, case)
        known = customer or Customer(id=e164)
        if customer is None or not customer.case:
            known = change.put(customer, replace(known, case=case.id))
        case_index.opened(case, known, change)
        last_talk.note(case.id, "opened", change, agent=by.who)
        change.act("case opened", by, case=case.id)
        if s.store.commit(change):
            return case
    raise NotSo("Too much is happening at once. Try again.")


def note(s: Services, name: str, words: str, *, by: By) -> None:
    """To the word. Whoever has the case open reads it at once; whoever takes their next call is told it."""
    told = words.strip()
    if not told:
        raise NotSo("There is nothing in the note.")
    if len(told) > LONGEST_NOTE:
        raise NotSo(f"That is {len(told)} characters; a note has {LONGEST_NOTE} at most.")
    for _ in range(TRIES):
        change = Change(now=s.clock.now())
        case = get(s, name)
        last_talk.note(case.id, "note", change, agent=by.who, words=told)
        customer = s.store.get(Customer, case.customer) if case.customer else None
        if customer is not None:
            author = s.store.get(Agent, by.who)
            written = replace(
                customer, noted=told, noted_by=author.name if author else by.who, noted_at=change.now
            )
            change.put(customer, written)
        change.act("case noted", by, case=case.id)
        if s.store.commit(change):
            return
    raise NotSo("Too much is happening at once. Try again.")


def hand_to(s: Services, name: str, agent: str, *, by: By) -> None:
    """It is this agent's from now on; taking it is handing it to oneself."""
    if s.store.get(Agent, agent) is None:
        raise NotSo("A case belongs to somebody who answers the telephone here.")

    def hand(case: Case, change: Change) -> Case:
        if case.owner == agent:
            return case
        last_talk.note(case.id, "owner", change, agent=by.who, owner=agent)
        change.act("case owner", by, case=case.id, owner=agent)
        return replace(case, owner=agent)

    _write(s, name, hand)


def rename(s: Services, name: str, subject: str, *, by: By) -> None:
    about = _one_line(subject)
    if not about:
        raise NotSo("Say what it is about.")

    def named(case: Case, change: Change) -> Case:
        if case.subject == about:
            return case
        new = replace(case, subject=about)
        case_index.anew(s.store, new, s.store.get(Customer, case.customer), change)
        last_talk.note(case.id, "subject", change, agent=by.who, words=about)
        change.act("case renamed", by, case=case.id)
        return new

    _write(s, name, named)


def close(s: Services, name: str, *, by: By) -> None:
    """Done, until something comes to it. Not while a call is owed: raises NotSo."""

    def closed(case: Case, change: Change) -> Case:
        customer = s.store.get(Customer, case.customer)
        if any(p.case == case.id for p in open_promises.open_promises(s, customer)):
            raise NotSo("A call is still owed to them. Keep it, or ask them whether they still want it.")
        case_index.anew(s.store, case, customer, change)  # it is told by what came since whether it is closed
        last_talk.note(case.id, "closed", change, agent=by.who)
        change.act("case closed", by, case=case.id)
        return replace(case, closed=change.now)

    _write(s, name, closed)


def reopen(s: Services, name: str, *, by: By) -> None:
    def opened(case: Case, change: Change) -> Case:
        if not case.closed:
            return case
        last_talk.note(case.id, "reopened", change, agent=by.who)
        change.act("case reopened", by, case=case.id)
        return replace(case, closed=0.0)

    _write(s, name, opened)


def _write(s: Services, name: str, step: Step) -> None:
    """What is so already is not written again."""
    for _ in range(TRIES):
        case = get(s, name)
        change = Change(now=s.clock.now())
        new = step(case, change)
        if new == case:
            return
        change.put(case, new)
        if s.store.commit(change):
            return
    raise NotSo("Too much is happening at once. Try again.")


def _one_line(text: str) -> str:
    return " ".join(text.split())[:LONGEST_SUBJECT].strip()
