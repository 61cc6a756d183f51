"""Whoever is told something from Redis alone may be told what a request before this one could not be sure of.

A promise is told by the request that writes it, once enough replicas have it. When they are silent that request fails and
the promise stands; the next one finds it made, and must not say so either before they have it.
"""

from __future__ import annotations

from ivr.domain.records.contact import Contact, ContactState
from ivr.domain.records.promise import Promise, PromiseState
from ivr.services import Services


def wait_for_promise(services: Services, contact: Contact) -> None:
    """Before a caller hears what follows a promise that this call made. Raises NotReplicated. Without replicas: nothing."""
    if (
        not services.store.replicas.required_count
        or not contact.promise
        or contact.state is not ContactState.FLOW
    ):
        return
    owed = services.store.get(Promise, contact.promise)
    if owed is not None and owed.contact == contact.id and owed.state is not PromiseState.MERGED:
        services.store.confirm_on_replicas()
