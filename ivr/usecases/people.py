"""What colleagues write down about a customer: name, needs, a shared number."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ivr.domain import numbers
from ivr.domain.customer import Customer
from ivr.domain.errors import CalorError
from ivr.services import Services
from ivr.store.change import Change

LONGEST = 200  # characters of one need; a brief is heard


def known(s: Services, number: str) -> Customer:
    """Raises CalorError for what is no number, or nobody we know."""
    customer = s.store.get(Customer, _number(number))
    if customer is None:
        raise CalorError(f"Nobody has called from {number}, and nothing is written down about it.")
    return customer


def call(s: Services, number: str, name: str) -> Customer:
    return _write(s, number, lambda c: replace(c, name=name.strip()))


def mind(s: Services, number: str, words: str, *, by: str, forget: bool = False) -> Customer:
    """Needs and preferences, with who wrote them."""
    if len(words) > LONGEST:
        raise CalorError(f"That is {len(words)} characters; {LONGEST} at most can be heard in a brief.")
    line = f"{words.strip()} ({by.strip()})"

    def written(c: Customer) -> Customer:
        others = tuple(m for m in c.minding if m != line)
        return replace(c, minding=others if forget else (*others, line))

    return _write(s, number, written)


def share(s: Services, number: str, *, shared: bool) -> Customer:
    return _write(s, number, lambda c: replace(c, shared=shared))


def do_not_call(s: Services, number: str, *, wanted: bool) -> Customer:
    """The line rings them no more, whatever is owed: a person decides how we keep our word."""
    return _write(s, number, lambda c: replace(c, no_calls=wanted))


def _write(s: Services, number: str, change_it: Callable[[Customer], Customer]) -> Customer:
    e164 = _number(number)
    while True:
        old = s.store.get(Customer, e164)
        change = Change(now=s.clock.now())
        new = change.put(old, change_it(old or Customer(id=e164)))
        change.journal("customer written")
        if s.store.commit(change):
            return new


def _number(text: str) -> str:
    number = numbers.caller_number(text)
    if not number:
        raise CalorError(f"{text} is not a number in E.164 form, such as +12025550155.")
    return number
