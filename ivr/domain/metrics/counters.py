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
from ivr.domain.records.promise import ENDED, Promise, PromiseKind

LONGEST = 600  # seconds; who has waited longer is counted as this and one more
ON_TIME, LATE = "on time", "late"
ABANDONED, CALLED_INSTEAD = "abandoned", "promised"

_BEFORE = frozenset({ContactState.FLOW, ContactState.WAITING})


class Count(NamedTuple):
    """`name`: the figure and its labels, joined with "|" where it is kept."""

    name: tuple[str, ...]
    by: float = 1


def counts(old: Record | None, new: Record, now: float) -> Iterator[Count]:
    """`old`: as it was read; None for a new record. `now`: epoch seconds."""
    if isinstance(new, Promise):
        yield from _promise(old if isinstance(old, Promise) else None, new)
    elif isinstance(new, Contact) and isinstance(old, Contact):
        yield from _contact(old, new, now)


def wait_of(seconds: float) -> str:
    """As it is counted: a wait of 19.2 s is not within 19 s, and is within 20 s."""
    return str(min(ceil(max(0.0, seconds)), LONGEST + 1))


def _contact(old: Contact, new: Contact, now: float) -> Iterator[Count]:
    first = old.stage == 0 and old.arrived > 0  # nobody has said yes to them yet, and no callback was begun
    if first and old.state in _BEFORE and new.state is ContactState.TALKING:
        waited = max(0.0, now - old.arrived)
        yield Count(("answered", new.queue, wait_of(waited)))
        yield Count(("waited", new.queue), round(waited, 3))
    elif first and new.state is ContactState.ENDED and (how := _left(old, new)):
        yield Count(("left", new.queue, how))
    if new.transfers > old.transfers:
        yield Count(("transfers",), new.transfers - old.transfers)
    if new.state is ContactState.HELD and old.state is not ContactState.HELD:
        yield Count(("holds",))


def _left(old: Contact, new: Contact) -> str:
    """Nothing when it is no end of a wait: another call of theirs goes on, a person helped them while we were away."""
    if old.state is ContactState.ENDED or new.elsewhere or new.outcome is Outcome.HELPED:
        return ""
    chose = new.outcome is Outcome.PROMISED and old.state is ContactState.FLOW and bool(old.promise)
    return CALLED_INSTEAD if chose else ABANDONED


def _promise(old: Promise | None, new: Promise) -> Iterator[Count]:
    if old is None:
        yield Count(("promised", new.kind.value, new.queue))
    if new.state in ENDED and (old is None or old.state not in ENDED):
        when = LATE if new.ended > new.until > 0 else ON_TIME
        yield Count(("promise ended", new.state.value, when))
    if old is None:
        return
    if new.attempt > old.attempt:
        yield Count(("attempts",), new.attempt - old.attempt)
    if new.warned and not old.warned:
        yield Count(("told later",))
    if new.kind is PromiseKind.ESCALATION and old.kind is not PromiseKind.ESCALATION:
        yield Count(("escalated",))
