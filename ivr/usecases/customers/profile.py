"""What colleagues write down about a customer: name, needs, a shared number."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ivr.domain import phone_numbers
from ivr.domain.actor import THE_LINE, By
from ivr.domain.errors import CalorError
from ivr.domain.records.customer import Case, Customer, Need, minded
from ivr.services import RedisServices, Services
from ivr.store.change import Change
from ivr.store.queries import case_index
from ivr.usecases.customers import last_talk

LONGEST = 200  # characters of one need; a brief is heard


def known(s: RedisServices, number: str) -> Customer:
    """Raises CalorError for what is no number, or nobody we know."""
    customer = s.store.get(Customer, _number(number))
    if customer is None:
        raise CalorError(f"Nobody has called from {number}, and nothing is written down about it.")
    return customer


def call(s: Services, number: str, name: str, *, doer: By = THE_LINE) -> Customer:
    def named(c: Customer, change: Change) -> Customer:
        return last_talk.named(s, c, name.strip(), change)

    return _write(s, number, named, "name", doer)


def mind(
    s: Services, number: str, words: str, *, by: str, forget: bool = False, doer: By = THE_LINE
) -> Customer:
    """Needs and preferences, with who wrote them: `by` is heard in the brief, `doer` stands in the journal."""
    text, by = " ".join(words.split()), by.strip()
    if len(text) > LONGEST:
        raise CalorError(f"That is {len(text)} characters; {LONGEST} at most can be heard in a brief.")
    if not text:
        raise CalorError("Say what there is to mind.")

    def written(c: Customer, change: Change) -> Customer:
        others = [need for need in c.needs if not need.same(text, by)]
        needs = others if forget else [*others, Need(text=text, by=by, at=change.now)]
        return change.put(c, replace(c, minding=minded(needs)))

    return _write(s, number, written, "minding", doer)


def share(s: Services, number: str, *, shared: bool, doer: By = THE_LINE) -> Customer:
    return _write(s, number, lambda c, change: change.put(c, replace(c, shared=shared)), "shared", doer)


def do_not_call(s: Services, number: str, *, wanted: bool, doer: By = THE_LINE) -> Customer:
    """The line rings them no more, whatever is owed: a person decides how we keep our word."""
    return _write(s, number, lambda c, change: change.put(c, replace(c, no_calls=wanted)), "no calls", doer)


def _write(
    s: Services, number: str, change_it: Callable[[Customer, Change], Customer], what: str, doer: By
) -> Customer:
    e164 = _number(number)
    while True:
        change = Change(now=s.clock.now())
        old = s.store.get(Customer, e164)
        new = change_it(old or change.put(None, Customer(id=e164)), change)
        for case in case_index.of_customer(s.store, e164):  # their pages show it
            change.touch(f"{Case.noun}:{case}")
        change.act("customer edited", doer, what=what)
        if s.store.commit(change):
            return new


def _number(text: str) -> str:
    number = phone_numbers.caller_number(text)
    if not number:
        raise CalorError(f"{text} is not a number in E.164 form, such as +12025550155.")
    return number
