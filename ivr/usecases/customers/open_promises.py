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

_WITH_THEM = frozenset({PromiseState.TALKING, PromiseState.MERGED})


def open_promises(s: Services, customer: Customer | None) -> list[Promise]:
    """Oldest first."""
    found = s.store.get_all(Promise, customer.promises) if customer is not None else []
    return [p for p in found if p.state not in ENDED]


def is_shared(s: Services, customer: Customer | None) -> bool:
    """Several people use this number: nothing of it is anybody's."""
    return customer is not None and (customer.shared or customer.id in s.settings.shared_numbers)


def first(found: list[Promise], number: str) -> Promise | None:
    """The one that a call of theirs is about until they say otherwise: what is being done already, then their own, the soonest.

    None while they are with us about one of them: that call is another one's.
    """
    if any(p.state in _WITH_THEM for p in found):
        return None
    return min(found, key=lambda p: (p.state not in UNDER_WAY, p.customer != number, p.until), default=None)


def point(s: Services, promise: Promise, change: Change) -> None:
    """From now on they lead to it."""
    for number in sorted({promise.customer, promise.number} - {""}):
        customer = change.made(Customer, number) or s.store.get(Customer, number)
        new = customer or Customer(id=number)
        if promise.id not in new.promises:
            new = replace(new, promises=(*new.promises, promise.id))
        if number == promise.customer:
            new = replace(new, case=promise.case)
        if new != customer:
            change.put(customer, new)


def unpoint(s: Services, promise: Promise, numbers: set[str], change: Change) -> None:
    for number in sorted(numbers - {""}):
        customer = change.made(Customer, number) or s.store.get(Customer, number)
        if customer is not None and promise.id in customer.promises:
            left = tuple(name for name in customer.promises if name != promise.id)
            change.put(customer, replace(customer, promises=left))


def with_us(s: Services, promise: Promise) -> bool:
    """Whether they are on the line with us now, at either of their telephones: never two voices (I4)."""
    phones = s.store.get_all(Customer, sorted({promise.number, promise.customer} - {""}))
    return any(c.live for c in phones if c.id == promise.number or not is_shared(s, c))
