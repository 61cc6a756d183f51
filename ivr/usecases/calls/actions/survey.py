"""How it was, and why."""

from __future__ import annotations

from ivr.domain.records.contact import Contact
from ivr.flow.steps.survey import RecordComment, RecordRating
from ivr.services import Services
from ivr.store.change import Change
from ivr.usecases.calls import anything_else
from ivr.usecases.calls.actions.action import Action


def record_rating(
    services: Services, contact: Contact, effect: RecordRating, change: Change
) -> tuple[Contact, str]:
    rated = anything_else.record_rating(services, contact, effect.score, change)
    return (
        rated,
        "poor" if effect.score <= anything_else.MAX_POOR_RATING and contact.caller.number else "kept",
    )


def record_comment(
    services: Services, contact: Contact, effect: RecordComment, change: Change
) -> tuple[Contact, str]:
    return anything_else.record_comment(services, contact, effect.text.strip()[:500], change), "kept"


ACTIONS = (
    Action(effect=RecordRating, carry_out=record_rating),
    Action(effect=RecordComment, carry_out=record_comment),
)
