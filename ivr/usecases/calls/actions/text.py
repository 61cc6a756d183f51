"""A text message to the caller."""

from __future__ import annotations

from ivr.domain.records.contact import Contact
from ivr.flow.steps.text import SendText
from ivr.services import Services
from ivr.store.change import Change
from ivr.usecases.calls.actions.action import Action
from ivr.usecases.dialing import permissions
from ivr.usecases.texting import send as texting_send


def send_text(services: Services, contact: Contact, effect: SendText, change: Change) -> tuple[Contact, str]:
    if not permissions.is_dialable(
        services, contact.caller.number, called_number=contact.caller.called_number
    ):  # texts abroad cost as calls do
        return contact, "refused"
    texting_send.create_text(
        services,
        to=contact.caller.number,
        our_number=contact.caller.called_number,
        body=effect.body,
        about=contact.key,
        change=change,
    )
    return contact, "sent"


ACTIONS = (Action(effect=SendText, carry_out=send_text),)
