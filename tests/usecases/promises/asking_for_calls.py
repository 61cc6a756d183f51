"""Callers who ask for calls."""

from __future__ import annotations

from dataclasses import replace

from ivr.cli.demo.stage import OUR_NUMBER
from ivr.domain.phone_numbers import TrustLevel
from ivr.domain.records.contact import Contact, ContactState
from ivr.domain.records.contact_parts import Caller, QueuePlace
from ivr.flow.steps.promise_dialog import MakePromise
from ivr.services import Services
from ivr.usecases.calls.actions.promise_dialog import make_promise
from ivr.usecases.contacts import outcome
from tests.stories.people import LORI

OTHER = "+12125550177"


def bounded(services: Services) -> Services:
    """Bounds that are soon reached."""
    few = {
        "callbacks_per_number_hour": 2,
        "callbacks_per_number_day": 3,
        "calls_per_number_hour": 2,
        "other_numbers_per_hour": 2,
        "unverified_callbacks_per_hour": 3,
    }
    services.clock.sync()
    return replace(services, settings=services.settings.model_copy(update=few))


def contact(
    services: Services, name: str = "c1", number: str = LORI, degree: TrustLevel = TrustLevel.ATTESTED
) -> Contact:
    """Somebody who waits."""
    change = services.store.begin()
    new = Contact(
        id=name,
        state=ContactState.WAITING,
        caller=Caller(number=number, called_number=OUR_NUMBER, trust_level=degree),
        queue_place=QueuePlace(name="support", queued_at=services.clock.now()),
    )
    made = change.put(None, new)
    change.schedule(made, change.now + 3600)
    assert services.store.commit(change)
    return made


def asks(services: Services, who: Contact, number: str = "") -> str:
    """They ask for a call; what came of it."""
    change = services.store.begin()
    after, result = make_promise(services, who, MakePromise(queue="support", number=number), change)
    change.put(who, after)
    assert services.store.commit(change)
    return result.partition(" ")[0] if result.startswith("made") else result


def leaves(services: Services, who: Contact) -> Contact:
    change = services.store.begin()
    gone = outcome.end_before_talk(services, who, change)
    assert services.store.commit(change)
    return gone
