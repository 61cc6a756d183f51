"""The caller's reason is kept, for whoever takes the call."""

from __future__ import annotations

from dataclasses import replace

from ivr.domain.records.contact import Contact
from ivr.domain.records.promise import Promise
from ivr.flow.steps.ask import RecordReason
from ivr.services import Services
from ivr.store.change import Change
from ivr.usecases.calls.actions.action import Action
from ivr.usecases.promises import lifecycle as promise_lifecycle


def record_reason(
    services: Services, contact: Contact, effect: RecordReason, change: Change
) -> tuple[Contact, str]:
    words = effect.text.strip()[:500]
    owed = services.store.get(Promise, contact.promise)
    if owed is not None:
        promise_lifecycle.set_reason(owed, words, change)
    return replace(contact, reason=words), "kept"


ACTIONS = (Action(effect=RecordReason, carry_out=record_reason),)
