"""What colleagues write down about a customer: name, needs, a shared number."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ivr.domain import phone_numbers
from ivr.domain.actor import SYSTEM, Actor
from ivr.domain.errors import CalorError
from ivr.domain.records.customer import Case, Customer, Need, stored_needs
from ivr.services import RedisServices, Services
from ivr.store.change import Change
from ivr.store.queries import case_index
from ivr.usecases.customers import last_talk

MAX_NEED_LENGTH = 200  # characters of one need; a brief is heard


def get_customer(s: RedisServices, number: str) -> Customer:
    """Raises CalorError for what is no number, or nobody we know."""
    customer = s.store.get(Customer, _parse_number(number))
    if customer is None:
        raise CalorError(f"Nobody has called from {number}, and nothing is written down about it.")
    return customer


def set_name(services: Services, number: str, name: str, *, actor: Actor = SYSTEM) -> Customer:
    def named(c: Customer, change: Change) -> Customer:
        return last_talk.set_customer_name(services, c, name.strip(), change)

    return _update(services, number, named, "name", actor)


def edit_needs(
    services: Services, number: str, words: str, *, author: str, remove: bool = False, actor: Actor = SYSTEM
) -> Customer:
    """Needs and preferences, with who wrote them: `author` is heard in the brief, `actor` stands in the event log."""
    text, author = " ".join(words.split()), author.strip()
    if len(text) > MAX_NEED_LENGTH:
        raise CalorError(
            f"That is {len(text)} characters; {MAX_NEED_LENGTH} at most can be heard in a brief."
        )
    if not text:
        raise CalorError("Say what there is to mind.")

    def written(c: Customer, change: Change) -> Customer:
        others = [need for need in c.needs if not need.matches(text, author)]
        needs = others if remove else [*others, Need(text=text, author=author, written_at=change.now)]
        return change.put(c, replace(c, stored_needs=stored_needs(needs)))

    return _update(services, number, written, "minding", actor)


def set_shared(services: Services, number: str, *, shared: bool, actor: Actor = SYSTEM) -> Customer:
    return _update(
        services, number, lambda c, change: change.put(c, replace(c, shared=shared)), "shared", actor
    )


def set_do_not_call(services: Services, number: str, *, enabled: bool, actor: Actor = SYSTEM) -> Customer:
    """The line rings them no more, whatever is owed: a person decides how we keep our word."""
    return _update(
        services, number, lambda c, change: change.put(c, replace(c, no_calls=enabled)), "no calls", actor
    )


def _update(
    services: Services, number: str, update: Callable[[Customer, Change], Customer], what: str, actor: Actor
) -> Customer:
    e164 = _parse_number(number)
    for change in services.store.transact():
        old = services.store.get(Customer, e164)
        new = update(old or change.put(None, Customer(id=e164)), change)
        for case in services.store.read(case_index.list_customer_cases(e164)):  # their pages show it
            change.touch_topic(f"{Case.record_type}:{case}")
        change.log_action("customer edited", actor, what=what)
    return new


def _parse_number(text: str) -> str:
    number = phone_numbers.parse_caller_number(text)
    if not number:
        raise CalorError(f"{text} is not a number in E.164 form, such as +12025550155.")
    return number
