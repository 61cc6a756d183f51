"""A code proves that another number is the caller's."""

from __future__ import annotations

from ivr.domain.records.contact import Contact
from ivr.flow.steps.other_number_dialog import CheckNumberCode, SendNumberCode
from ivr.services import Services
from ivr.store.change import Change
from ivr.usecases.callbacks import number_code
from ivr.usecases.calls.actions.action import Action


def send_code(
    services: Services, contact: Contact, effect: SendNumberCode, change: Change
) -> tuple[Contact, str]:
    asking = number_code.CodeRequest(
        name=contact.id,
        number=effect.number,
        line=contact.caller.called_number,
        language=contact.caller.language,
    )
    return contact, number_code.send_code(services, asking, change) or "sent"


def check_code(
    services: Services, contact: Contact, effect: CheckNumberCode, change: Change
) -> tuple[Contact, str]:
    entered, _ = number_code.check_code(services, contact.id, effect.digits, change)
    return contact, entered.value


ACTIONS = (
    Action(effect=SendNumberCode, carry_out=send_code),
    Action(effect=CheckNumberCode, carry_out=check_code),
)
