"""The times at which a callback can be promised."""

from __future__ import annotations

import json

from ivr.domain.records.contact import Contact
from ivr.flow.steps.choose_time_dialog import FindWindows
from ivr.services import Services
from ivr.store.change import Change
from ivr.usecases.calls.actions.action import Action
from ivr.usecases.promises import time_windows


def find_windows(
    services: Services, contact: Contact, effect: FindWindows, change: Change
) -> tuple[Contact, str]:
    found = time_windows.find_windows(
        services, effect.queue, effect.number or contact.caller.number, change.now
    )
    return contact, json.dumps([[w.since.isoformat(), w.until.isoformat()] for w in found])


ACTIONS = (Action(effect=FindWindows, carry_out=find_windows),)
