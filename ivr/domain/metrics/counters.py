"""What a transition adds to the figures of the line: read off the record before and after it, so no use case counts.

| figure | counted when |
|---|---|
| `answered`, queue, seconds | a person has said yes to whoever waited; how long they had waited, whole seconds, rounded up |
| `left`, queue, how | they wait no longer and nobody had said yes: `abandoned` (hung up, or chose nothing), `promised` (chose a call back) |
| `transfers`, `holds` | a talk was handed to somebody else; a caller was put on hold |
| `promised`, kind, queue | a promise was made |
| `promise ended`, state, when | `on time` or `late`: by the time that the customer was told last |
| `attempts`, `told later`, `escalated` | an attempt failed; a customer was told a later time by the line; a promise went to supervisors |
"""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil
from typing import NamedTuple

from ivr.domain.record import Record
from ivr.domain.records.contact import Contact, ContactState, Outcome
from ivr.domain.records.promise import ENDED, Promise

MAX_WAIT_SECONDS = 600  # seconds; who has waited longer is counted as this and one more
ON_TIME, LATE = "on time", "late"
ABANDONED, CALLBACK_INSTEAD = "abandoned", "promised"

_BEFORE_TALK = frozenset({ContactState.FLOW, ContactState.WAITING})


class CounterIncrement(NamedTuple):
    """`name`: the figure and its labels, joined with "|" where it is kept."""

    name: tuple[str, ...]
    amount: float = 1


def list_increments(old: Record | None, new: Record, now: float) -> Iterator[CounterIncrement]:
    """`old`: as it was read; None for a new record. `now`: epoch seconds."""
    if isinstance(new, Promise):
        yield from _list_promise_increments(old if isinstance(old, Promise) else None, new)
    elif isinstance(new, Contact) and isinstance(old, Contact):
        yield from _list_contact_increments(old, new, now)


def format_wait_label(seconds: float) -> str:
    """As it is counted: a wait of 19.2 s is not within 19 s, and is within 20 s."""
    return str(min(ceil(max(0.0, seconds)), MAX_WAIT_SECONDS + 1))


def _list_contact_increments(old: Contact, new: Contact, now: float) -> Iterator[CounterIncrement]:
    first = (
        old.conference.number == 0 and old.queue_place.queued_at > 0
    )  # nobody has said yes to them yet, and no callback was begun
    if first and old.state in _BEFORE_TALK and new.state is ContactState.TALKING:
        waited = max(0.0, now - old.queue_place.queued_at)
        yield CounterIncrement(("answered", new.queue_place.name, format_wait_label(waited)))
        yield CounterIncrement(("waited", new.queue_place.name), round(waited, 3))
    elif first and new.state is ContactState.ENDED and (how := _how_wait_ended(old, new)):
        yield CounterIncrement(("left", new.queue_place.name, how))
    if new.transfers > old.transfers:
        yield CounterIncrement(("transfers",), new.transfers - old.transfers)
    if new.state is ContactState.ON_HOLD and old.state is not ContactState.ON_HOLD:
        yield CounterIncrement(("holds",))


def _how_wait_ended(old: Contact, new: Contact) -> str:
    """Nothing when it is no end of a wait: another call of theirs goes on, a person helped them while we were away."""
    if old.state is ContactState.ENDED or new.same_number.place_taken_by or new.outcome is Outcome.HELPED:
        return ""
    chose = new.outcome is Outcome.PROMISED and old.state is ContactState.FLOW and bool(old.promise)
    return CALLBACK_INSTEAD if chose else ABANDONED


def _list_promise_increments(old: Promise | None, new: Promise) -> Iterator[CounterIncrement]:
    if old is None:
        yield CounterIncrement(("promised", new.kind.value, new.queue))
    if new.state in ENDED and (old is None or old.state not in ENDED):
        when = LATE if new.ended_at > new.due_by > 0 else ON_TIME
        yield CounterIncrement(("promise ended", new.state.value, when))
    if old is None:
        return
    if new.attempts > old.attempts:
        yield CounterIncrement(("attempts",), new.attempts - old.attempts)
    if new.delay_announced and not old.delay_announced:
        yield CounterIncrement(("told later",))
    if new.escalated and not old.escalated:
        yield CounterIncrement(("escalated",))
