"""The call is about the last matter, or about something new."""

from __future__ import annotations

from dataclasses import replace

from ivr.domain.records.contact import Contact
from ivr.domain.records.promise import Promise, PromiseState
from ivr.flow.steps.case import JoinCase
from ivr.services import Services
from ivr.store.change import Change
from ivr.usecases.calls.actions.action import Action
from ivr.usecases.contacts import outcome
from ivr.usecases.promises import lifecycle as promise_lifecycle


def join_case(services: Services, contact: Contact, effect: JoinCase, change: Change) -> tuple[Contact, str]:
    owed = services.store.get(Promise, contact.promise)
    carried = owed is not None and owed.state is PromiseState.MERGED
    if effect.same:
        case = owed.case if owed is not None and carried else effect.case
        return replace(contact, case=case or contact.case), "joined"
    if owed is not None and carried:
        promise_lifecycle.store_open(services, owed, outcome.reopen_promise(owed, change.now), change)
    return replace(contact, case="", promise=""), "joined"


ACTIONS = (Action(effect=JoinCase, carry_out=join_case),)
