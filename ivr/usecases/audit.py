"""What the records say of the invariants: every contact has an outcome or somebody will look, every promise is kept, declined,
in a named person's hands or still owed and looked after. Read-only.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from ivr.domain.contact import Contact, ContactState, Outcome
from ivr.domain.promise import ENDED, Promise, PromiseState
from ivr.services import Services
from ivr.store import keys, wake

LATE = 60.0  # seconds that a look may be late before it counts as left behind
PAGE = 5000


@dataclass(frozen=True, kw_only=True)
class Findings:
    """Counts by name, in the order they are shown; and each violation in words."""

    contacts: dict[str, int]
    promises: dict[str, int]
    violations: tuple[str, ...]


def audit(s: Services) -> Findings:
    s.clock.follow()
    owed = wake.owed(s.store)
    contacts, promises = s.store.everyone(Contact), s.store.everyone(Promise)
    return Findings(
        contacts=_contacts(contacts),
        promises=_promises(s, promises),
        violations=(
            *_left_behind(contacts, owed),
            *_unkept(promises, owed),
            *_twice(promises),
            *_late(s),
        ),
    )


def _contacts(contacts: list[Contact]) -> dict[str, int]:
    counts = Counter(c.outcome.value or "open" for c in contacts)
    names = [o.value for o in Outcome if o.value]
    return {
        "contacts": len(contacts),
        **{name: counts[name] for name in names},
        "open": sum(c.state is not ContactState.ENDED for c in contacts),
    }


def _promises(s: Services, promises: list[Promise]) -> dict[str, int]:
    states = Counter(p.state for p in promises)
    kept = states[PromiseState.KEPT]
    return {
        "promises": len(promises),
        "kept": kept,
        "on time": kept - _kept_late(s),
        "declined": states[PromiseState.DECLINED],
        "in a person's hands": states[PromiseState.OWNED],
        "escalated": states[PromiseState.ESCALATED],
        "open": sum(p.state not in ENDED for p in promises),
    }


def _kept_late(s: Services) -> int:
    late, after = 0, "-"
    while True:
        (page,) = s.store.read([("XRANGE", keys.JOURNAL, after, "+", "COUNT", PAGE)])
        for name, event in page:
            late += event.get("event") == "promise kept" and event.get("late") == "1"
            after = f"({name}"
        if len(page) < PAGE:
            return late


def _left_behind(contacts: list[Contact], owed: set[str]) -> list[str]:
    """I1."""
    found = []
    for c in contacts:
        if c.state is ContactState.ENDED and not c.outcome:
            found.append(f"I1: contact {c.id} ended without an outcome.")
        elif c.state is not ContactState.ENDED and c.member not in owed:
            found.append(f"I1: contact {c.id} is {c.state} and nobody will look at it.")
    return found


def _unkept(promises: list[Promise], owed: set[str]) -> list[str]:
    """I2."""
    return [
        f"I2: promise {p.id} is {p.state} and nobody will look at it."
        for p in promises
        if p.state not in ENDED and p.member not in owed
    ]


def _twice(promises: list[Promise]) -> list[str]:
    """I4: one open callback for one number and matter."""
    open_ones = Counter((p.number, p.case) for p in promises if p.state not in ENDED and p.kind == "callback")
    return [f"I4: {n} open callbacks on case {case}." for (_, case), n in open_ones.items() if n > 1]


def _late(s: Services) -> list[str]:
    first = wake.earliest(s.store)
    behind = s.clock.now() - first if first is not None else 0.0
    if behind <= LATE:
        return []
    return [f"Something has been due for {behind:.0f} s: is `ivr clock` running, and the workers?"]
