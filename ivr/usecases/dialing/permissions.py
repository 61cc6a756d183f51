"""Whether we may ring a number at all: one rule, wherever a number comes from."""

from __future__ import annotations

from ivr.domain import phone_numbers
from ivr.domain.phone_numbers import DialRefusal, NotCallableNumber
from ivr.services import Services
from ivr.store.queries import agents, our_numbers
from ivr.store.query import combine


def why_not_dialable(
    services: Services, number: str, *, called_number: str = "", for_customer: bool = True
) -> DialRefusal | None:
    """None: it may be rung. `called_number`: ours that was called; `for_customer`: else it is to be an agent's own.

    One round trip, and only for a number that would do otherwise.
    """
    found = phone_numbers.check_callable(
        number,
        services.settings.countries,
        our_numbers=_list_our_numbers(services, called_number, for_customer=for_customer),
    )
    if isinstance(found, NotCallableNumber):
        return found.refusal
    agent, called = services.store.read(
        combine(agents.get_id_by_phone(found.number), our_numbers.was_called(found.number))
    )
    return DialRefusal.OUR_OWN if called or (agent and for_customer) else None


def is_dialable(services: Services, number: str, *, called_number: str = "") -> bool:
    return why_not_dialable(services, number, called_number=called_number) is None


def _list_our_numbers(services: Services, called_number: str, *, for_customer: bool) -> frozenset[str]:
    """The line would talk with itself, or with whoever is to answer when it is broken."""
    answered = {number for flow in services.library.flows.values() for number in flow.called_numbers}
    stand_in = services.settings.fallback_numbers if for_customer else ()
    return frozenset({called_number, services.settings.caller_id, *stand_in, *answered} - {""})
