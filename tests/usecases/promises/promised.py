"""A customer, and what is owed to them, written down as a call would have done it."""

from __future__ import annotations

from typing import Any

from ivr.cli.demo.stage import LINE
from ivr.domain.phone_numbers import Degree
from ivr.domain.records.contact import Contact, ContactState, Outcome
from ivr.domain.records.customer import Customer, Text
from ivr.domain.records.promise import Promise
from ivr.services import Services
from ivr.store import keys
from ivr.store.change import Change
from ivr.store.queries import due_index
from ivr.usecases.contacts import outcome
from ivr.usecases.promises import lifecycle as promise_lifecycle
from ivr.usecases.promises.lifecycle import Wanted
from tests.stories.people import LORI

OTHER = "+12125550177"


def owe(
    s: Services, wanted: Wanted | None = None, *, number: str = LORI, name: str = "", line: str = LINE
) -> Promise:
    """Their call has ended with a promise."""
    change = Change(now=s.clock.now())
    contact = Contact(
        id=name or s.new_id(),
        number=number,
        line=line,
        degree=Degree.ATTESTED,
        state=ContactState.FLOW,
        queue="support",
    )
    contact = change.put(None, contact)
    owed, promise = promise_lifecycle.make(s, contact, wanted or Wanted(), change)
    outcome.end(s, owed, Outcome.PROMISED, change)
    assert s.store.commit(change)
    return now(s, promise)


def now(s: Services, promise: Promise) -> Promise:
    found = s.store.get(Promise, promise.id)
    assert found is not None
    return found


def customer(s: Services, number: str = LORI) -> Customer:
    found = s.store.get(Customer, number)
    assert found is not None
    return found


def texts(s: Services, number: str = LORI) -> list[str]:
    """What is written to them, in any order; nobody sends it here."""
    return [t.body for t in s.store.everyone(Text) if t.to == number]


def journal(s: Services, event: str) -> list[dict[str, str]]:
    found: Any = s.store.redis.xrange(keys.JOURNAL)
    return [told for _, told in found if told["event"] == event]


def is_looked_after(s: Services, promise: Promise) -> bool:
    return promise.member in due_index.owed(s.store)


def set_clock(s: Services, at: float) -> None:
    s.store.redis.set(keys.CLOCK, f"{at:.3f}")
    s.clock.follow()


def told(s: Services, words: str, number: str = LORI) -> bool:
    return any(words in body for body in texts(s, number))
