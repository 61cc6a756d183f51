"""The company's own system is asked about a caller. What it says goes to whoever takes the call; the caller hears none of it.

It may be asked more than once of the same: by a webhook that Twilio repeats, or whose change came too late. So asking must change
nothing there. What it said is on the contact with the step that follows, or neither is.
"""

from __future__ import annotations

from dataclasses import replace

import structlog

from ivr.domain.errors import LookupFailed
from ivr.domain.records.contact import Contact
from ivr.domain.rules.lookup import merge_facts
from ivr.flow.steps.lookup import Lookup
from ivr.services import Services
from ivr.store.change import Change
from ivr.usecases.calls.actions.action import Action

log = structlog.get_logger()


def look_up(services: Services, contact: Contact, effect: Lookup, change: Change) -> tuple[Contact, str]:
    """The contact with what was found, and the RESULT that the flow hears."""
    told = {
        "contact": contact.id,
        "line": contact.caller.called_number,
        "number": contact.caller.number,
        "language": contact.caller.language,
        "flow": contact.flow_progress.name,
        "reason": contact.reason,
    }
    try:
        found = services.lookup_client.ask(
            effect.url, told, timeout_seconds=effect.seconds, now=services.clock.now()
        )
    except LookupFailed as e:
        log.warning("lookup_failed", contact=contact.id, step=effect.step, why=e.cause, mend=str(e))
        change.log_event("lookup", contact=contact.id, step=effect.step, failed=e.cause)
        return contact, "failed"
    answer = (
        found.answer if found.answer in effect.answers else ""
    )  # any other word is not ours to write down
    change.log_event("lookup", contact=contact.id, step=effect.step, answer=answer)
    kept = replace(
        contact,
        lookup=replace(
            contact.lookup,
            facts=merge_facts(contact.lookup.facts, found.facts),
            name=found.name or contact.lookup.name,
        ),
    )
    return kept, f"found {answer}".strip()


ACTIONS = (Action(effect=Lookup, carry_out=look_up),)
