"""A customer, and what is owed to them, written down as a call would have done it."""

from __future__ import annotations

from typing import Any

from ivr.cli.demo.stage import OUR_NUMBER
from ivr.domain.phone_numbers import TrustLevel
from ivr.domain.records.contact import Contact, ContactState, Outcome
from ivr.domain.records.contact_parts import Caller, QueuePlace
from ivr.domain.records.customer import Customer, Text
from ivr.domain.records.promise import Promise
from ivr.services import Services
from ivr.store import keys
from ivr.store.queries import due_index
from ivr.usecases.contacts import outcome
from ivr.usecases.promises import lifecycle as promise_lifecycle
from ivr.usecases.promises.lifecycle import PromiseRequest
from tests.stories.people import LORI

OTHER = "+12125550177"


def owe(
    services: Services,
    wanted: PromiseRequest | None = None,
    *,
    number: str = LORI,
    name: str = "",
    line: str = OUR_NUMBER,
) -> Promise:
    """Their call has ended with a promise."""
    change = services.store.begin()
    contact = Contact(
        id=name or services.new_id(),
        state=ContactState.FLOW,
        caller=Caller(number=number, called_number=line, trust_level=TrustLevel.ATTESTED),
        queue_place=QueuePlace(name="support"),
    )
    contact = change.put(None, contact)
    owed, promise = promise_lifecycle.make_promise(services, contact, wanted or PromiseRequest(), change)
    outcome.end_contact(services, owed, Outcome.PROMISED, change)
    assert services.store.commit(change)
    return now(services, promise)


def now(services: Services, promise: Promise) -> Promise:
    found = services.store.get(Promise, promise.id)
    assert found is not None
    return found


def customer(services: Services, number: str = LORI) -> Customer:
    found = services.store.get(Customer, number)
    assert found is not None
    return found


def texts(services: Services, number: str = LORI) -> list[str]:
    """What is written to them, in any order; nobody sends it here."""
    return [t.body for t in services.store.list_all(Text) if t.to == number]


def journal(services: Services, event: str) -> list[dict[str, str]]:
    found: Any = services.store.redis.xrange(keys.EVENT_LOG)
    return [told for _, told in found if told["event"] == event]


def is_looked_after(services: Services, promise: Promise) -> bool:
    return promise.key in services.store.read(due_index.list_scheduled())


def set_clock(services: Services, at: float) -> None:
    services.store.redis.set(keys.MANUAL_CLOCK, f"{at:.3f}")
    services.clock.sync()


def was_texted(services: Services, words: str, number: str = LORI) -> bool:
    return any(words in body for body in texts(services, number))
