"""A telephone outside the line rings for the caller."""

from __future__ import annotations

from dataclasses import replace

from ivr.domain.records.contact import Contact
from ivr.domain.records.contact_parts import ExternalTransfer
from ivr.domain.rules import priority
from ivr.flow.steps.transfer import NOBODY_RESULT, DialExternal
from ivr.services import Services
from ivr.store.change import Change
from ivr.telephony.reply import DialNumber
from ivr.usecases.calls.actions.action import Action
from ivr.usecases.dialing import permissions


def dial(services: Services, contact: Contact, effect: DialExternal, change: Change) -> tuple[Contact, str]:
    """They have asked for a person from now on: who hangs up while it rings is owed a call. RESULT "nobody" where no number
    may be rung; "" = it rings, and `external_transfer.py` hears what comes of it.
    """
    if why := permissions.why_not_dialable(
        services, effect.number, called_number=contact.caller.called_number, for_customer=False
    ):
        change.log_event("external transfer refused", contact=contact.id, why=why.value)
        return contact, NOBODY_RESULT
    change.log_event("external transfer", contact=contact.id)
    return replace(
        contact,
        external_transfer=ExternalTransfer.RINGING,
        queue_place=priority.ask_for_person(contact.queue_place, change.now),
    ), ""


def build_verb(
    services: Services, contact: Contact, effect: DialExternal, input_number: int, in_waiting_room: bool
) -> DialNumber:
    del in_waiting_room
    return DialNumber(
        number=effect.number,
        caller_id=services.settings.caller_id or contact.caller.called_number,
        action_url=services.urls.external_transfer_ended(contact.id, input_number + 1),
        ring_seconds=effect.seconds,
        screening_url=services.urls.external_transfer(contact.id, input_number + 1),
    )


ACTIONS = (Action(effect=DialExternal, carry_out=dial, build_verb=build_verb),)
