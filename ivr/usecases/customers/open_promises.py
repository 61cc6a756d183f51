"""Whose a promise is: a customer leads to every open promise that is owed to them, and to every one that rings their number.

So ringing in, and a NO by text, find each of them. Who merely holds a telephone that is rung for somebody is led to it too:
what they may hear and change of it is less (caller_context.py).
"""

from __future__ import annotations

from dataclasses import replace

from ivr.domain.records.customer import Customer
from ivr.domain.records.promise import ENDED, UNDER_WAY, Promise, PromiseState
from ivr.services import Services
from ivr.store.change import Change
from ivr.usecases.dialing import shared_numbers

_ON_LINE_STATES = frozenset({PromiseState.TALKING, PromiseState.MERGED})


def list_for_customer(services: Services, customer: Customer | None) -> list[Promise]:
    """Oldest first."""
    found = services.store.get_many(Promise, customer.open_promises) if customer is not None else []
    return [p for p in found if p.state not in ENDED]


def pick_current(promises: list[Promise], number: str) -> Promise | None:
    """The one that a call of theirs is about until they say otherwise: what is being done already, then their own, the soonest.

    None while they are with us about one of them: that call is another one's.
    """
    if any(p.state in _ON_LINE_STATES for p in promises):
        return None
    return min(
        promises, key=lambda p: (p.state not in UNDER_WAY, p.customer != number, p.due_by), default=None
    )


def add_to_customers(promise: Promise, change: Change) -> None:
    """From now on they lead to it."""
    for number in sorted({promise.customer, promise.number} - {""}):
        customer = change.get(Customer, number)
        new = customer or Customer(id=number)
        if promise.id not in new.open_promises:
            new = replace(new, open_promises=(*new.open_promises, promise.id))
        if number == promise.customer:
            new = replace(new, open_case=promise.case)
        if new != customer:
            change.put(customer, new)


def remove_from_customers(promise: Promise, numbers: set[str], change: Change) -> None:
    for number in sorted(numbers - {""}):
        customer = change.get(Customer, number)
        if customer is not None and promise.id in customer.open_promises:
            left = tuple(name for name in customer.open_promises if name != promise.id)
            change.put(customer, replace(customer, open_promises=left))


def is_customer_on_line(services: Services, promise: Promise) -> bool:
    """Whether they are on the line with us now, at either of their telephones: never two voices (I4)."""
    phones = services.store.get_many(Customer, sorted({promise.number, promise.customer} - {""}))
    return any(
        c.live_contact for c in phones if c.id == promise.number or not shared_numbers.is_shared(services, c)
    )
