"""Whether we may ring a number at all: one rule, wherever a number comes from."""

from __future__ import annotations

from ivr.domain import phone_numbers
from ivr.domain.phone_numbers import NotCallable, Why
from ivr.services import Services
from ivr.store import keys


def why_not(s: Services, number: str, *, line: str = "", customers: bool = True) -> Why | None:
    """None: it may be rung. `line`: ours that was called; `customers`: else it is to be an agent's own.

    One round trip, and only for a number that would do otherwise.
    """
    found = phone_numbers.callable_reason(
        number, s.settings.countries, ours=_ours(s, line, customers=customers)
    )
    if isinstance(found, NotCallable):
        return found.why
    agent, called = s.store.read(
        [("HGET", keys.PHONES, found.number), ("SISMEMBER", keys.OURS, found.number)]
    )
    return Why.OURS if called or (agent and customers) else None


def may_ring(s: Services, number: str, *, line: str = "") -> bool:
    return why_not(s, number, line=line) is None


def _ours(s: Services, line: str, *, customers: bool) -> frozenset[str]:
    """The line would talk with itself, or with whoever is to answer when it is broken."""
    answered = {number for flow in s.library.flows.values() for number in flow.lines}
    stand_in = s.settings.fallback_numbers if customers else ()
    return frozenset({line, s.settings.caller_id, *stand_in, *answered} - {""})
