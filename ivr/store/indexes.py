"""Where a record stands so that a page finds it without reading the others: sorted sets that `Change.put` keeps.

What a record stands in follows from the record alone, so nothing that changes it has to think of it.
"""

from __future__ import annotations

from ivr.domain.record import Record
from ivr.domain.records.agent import Agent
from ivr.domain.records.contact import Contact, ContactState
from ivr.domain.records.promise import ENDED, Promise, PromiseState
from ivr.store import keys

NO_DUE_TIME = float("inf")  # an open promise of which no time was said


def list_entries(record: Record | None) -> dict[str, float]:
    """Key -> score (epoch seconds)."""
    match record:
        case Promise():
            return _list_promise_entries(record)
        case Contact():
            return _list_contact_entries(record)
        case Agent():
            return {keys.agents(record.state.value): record.state_since}
        case _:
            return {}


def list_commands(old: Record | None, new: Record) -> list[list[str]]:
    """The commands that take `new` from where `old` stood to where it belongs."""
    before, after = list_entries(old), list_entries(new)
    left = [["ZREM", key, new.id] for key in before if key not in after]
    come = [["ZADD", key, _format_score(at), new.id] for key, at in after.items() if before.get(key) != at]
    return left + come


def _list_promise_entries(promise: Promise) -> dict[str, float]:
    if promise.state in ENDED:
        found = {keys.ENDED_PROMISES: promise.ended_at}
        if promise.state is PromiseState.OWNED:
            found[keys.assigned_promises(promise.owner)] = promise.ended_at
        return found
    at = promise.due_by or NO_DUE_TIME
    found = {
        keys.OPEN_PROMISES: at,
        keys.open_promises(promise.state.value): at,
        keys.OPEN_PROMISES_BY_CREATION: promise.created_at,
    }
    if promise.owner:
        found[keys.promises_of(promise.owner)] = at
    return found


def _list_contact_entries(contact: Contact) -> dict[str, float]:
    found = (
        {keys.RATING_COMMENTS: contact.after_call.rated_at}
        if contact.after_call.rating and contact.after_call.comment
        else {}
    )
    if contact.state is ContactState.ENDED:
        return found
    found[keys.open_contacts(contact.state.value)] = contact.queue_place.queued_at or contact.started_at
    if contact.state is ContactState.WAITING and not contact.same_number.place_taken_by:
        found[keys.waiting_contacts(contact.queue_place.name)] = (
            contact.queue_place.queued_at or contact.started_at
        )
    return found


def _format_score(at: float) -> str:
    return "+inf" if at == NO_DUE_TIME else repr(at)
