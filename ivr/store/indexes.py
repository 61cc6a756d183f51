"""Where a record stands so that a page finds it without reading the others: sorted sets that `Change.put` keeps.

What a record stands in follows from the record alone, so nothing that changes it has to think of it.
"""

from __future__ import annotations

from ivr.domain.record import Record
from ivr.domain.records.agent import Agent
from ivr.domain.records.contact import Contact, ContactState
from ivr.domain.records.promise import ENDED, Promise, PromiseState
from ivr.store import keys

NEVER = float("inf")  # an open promise of which no time was said


def shelves(record: Record | None) -> dict[str, float]:
    """Key -> score (epoch seconds)."""
    match record:
        case Promise():
            return _promise(record)
        case Contact():
            return _contact(record)
        case Agent():
            return {keys.staff(record.state.value): record.since}
        case _:
            return {}


def moves(old: Record | None, new: Record) -> list[list[str]]:
    """The commands that take `new` from where `old` stood to where it belongs."""
    before, after = shelves(old), shelves(new)
    left = [["ZREM", key, new.id] for key in before if key not in after]
    come = [["ZADD", key, _score(at), new.id] for key, at in after.items() if before.get(key) != at]
    return left + come


def _promise(p: Promise) -> dict[str, float]:
    if p.state in ENDED:
        found = {keys.OVER: p.ended}
        if p.state is PromiseState.OWNED:
            found[keys.hands(p.owner)] = p.ended
        return found
    at = p.until or NEVER
    found = {keys.OWED: at, keys.owed(p.state.value): at, keys.OLDEST: p.made_at}
    if p.owner:
        found[keys.owner(p.owner)] = at
    return found


def _contact(c: Contact) -> dict[str, float]:
    found = {keys.COMMENTED: c.rated_at} if c.rating and c.comment else {}
    if c.state is ContactState.ENDED:
        return found
    found[keys.stage(c.state.value)] = c.arrived or c.opened
    if c.state is ContactState.WAITING and not c.elsewhere:
        found[keys.waits(c.queue)] = c.arrived or c.opened
    return found


def _score(at: float) -> str:
    return "+inf" if at == NEVER else repr(at)
