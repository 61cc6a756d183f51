"""The call turns to another one of the promises that the caller was told of."""

from __future__ import annotations

import json

from ivr.domain.records.contact import Contact
from ivr.domain.records.promise import Promise
from ivr.flow.steps.recall import SelectPromise
from ivr.services import Services
from ivr.store.change import Change
from ivr.usecases.callbacks import merge_inbound
from ivr.usecases.calls.actions.action import Action


def select_promise(
    services: Services, contact: Contact, effect: SelectPromise, change: Change
) -> tuple[Contact, str]:
    """Only what they were told of."""
    told = json.loads(contact.flow_progress.caller_context or "{}")
    known_ = {p[0] for p in (told.get("owed"), *told.get("also", ())) if p}
    other = services.store.get(Promise, effect.promise) if effect.promise in known_ else None
    turned = merge_inbound.switch_promise(services, contact, other, change) if other is not None else None
    return (turned, "done") if turned is not None else (contact, "refused")


ACTIONS = (Action(effect=SelectPromise, carry_out=select_promise),)
