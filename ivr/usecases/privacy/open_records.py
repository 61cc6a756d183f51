"""What of a person's is still open: callbacks that are owed, contacts that go on."""

from __future__ import annotations

from ivr.domain.records.contact import Contact, ContactState
from ivr.domain.records.promise import ENDED, Promise
from ivr.services import Services
from ivr.store.queries import due_index


def list_open_promises(services: Services, number: str) -> list[Promise]:
    found = services.store.get_many(Promise, list_open_ids(services, Promise.record_type))
    return [p for p in found if p.state not in ENDED and number in (p.customer, p.number)]


def list_open_contacts(services: Services, number: str) -> list[Contact]:
    found = services.store.get_many(Contact, list_open_ids(services, Contact.record_type))
    return [c for c in found if c.state is not ContactState.ENDED and c.caller.number == number]


def list_open_ids(services: Services, record_type: str) -> list[str]:
    """Every open record is in the due index."""
    return sorted(
        m.partition(":")[2]
        for m in services.store.read(due_index.list_scheduled())
        if m.startswith(f"{record_type}:")
    )
