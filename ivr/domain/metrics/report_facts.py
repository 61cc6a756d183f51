"""What a change adds to the reports: read off its records before and after it, so no use case counts.

Each fact is counted for its day, its line, its queue and its agent, as far as it has them. What becomes of a contact is counted
on the day on which it came in, also when it is known later; everything else on the day on which it happened.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ivr.domain.metrics import counters
from ivr.domain.metrics.report_figures import By
from ivr.domain.record import Record
from ivr.domain.records.agent import Agent, AgentState
from ivr.domain.records.agent_leg import Offer, OfferKind
from ivr.domain.records.contact import Contact, Outcome
from ivr.domain.records.promise import ENDED, Promise, PromiseState

Pair = tuple[Record | None, Record]
MONTHLY = frozenset({By.AGENT})  # counted by month as well
HANDLING = frozenset({AgentState.ON_CALL, AgentState.WRAP_UP})


class Fact(NamedTuple):
    """`at`: epoch seconds of the moment by whose day it is counted. `label`: of the line, queue or agent; "" for the day."""

    at: float
    by: By
    label: str
    name: str
    many: float


class Told(NamedTuple):
    """A fact before it is known for whom it is counted."""

    name: str
    many: float = 1


class Place(NamedTuple):
    line: str = ""
    queue: str = ""
    agent: str = ""


def facts(pairs: Iterable[Pair], now: float) -> Iterator[Fact]:
    """`pairs`: each record of a change as it was read (None: it is new) and as it will be. `now`: epoch seconds."""
    found = list(pairs)
    listens = {new.agent for _, new in found if isinstance(new, Offer) and new.kind is OfferKind.LISTEN}
    for old, new in found:
        match new:
            case Contact():
                was = old if isinstance(old, Contact) else None
                place = Place(new.line, new.queue, new.served_by)
                yield from _spread(now, place, _happened(was, new, now))
                yield from _spread(new.opened or now, place, _became(was, new))
            case Promise():
                place = Place(new.line, new.queue, new.owner)
                yield from _spread(now, place, _promise(old if isinstance(old, Promise) else None, new))
            case Agent() if isinstance(old, Agent):
                told = _agent(old, new, listens=new.id in listens)
                yield from _spread(now, Place(agent=new.id), told)


def _spread(at: float, place: Place, told: Iterable[Told]) -> Iterator[Fact]:
    for one in told:
        labels = {By.DAY: "", By.LINE: place.line, By.QUEUE: place.queue, By.AGENT: place.agent}
        for by, label in labels.items():
            if label or by is By.DAY:
                yield Fact(at, by, label, one.name, one.many)


def _happened(old: Contact | None, new: Contact, now: float) -> Iterator[Told]:
    for (name, *rest), many in counters.counts(old, new, now):
        if name == "answered":
            yield Told("answered")
            yield Told("within", int(int(rest[-1]) <= new.threshold))
        elif name == "waited":
            yield Told("waited", many)
        elif name == "left":
            yield Told("abandoned" if rest[-1] == counters.ABANDONED else "instead")
    if old is not None and new.talks > old.talks:
        yield Told("handled", new.talks - old.talks)
    if new.rating and (old is None or new.rating != old.rating):
        yield Told(f"rated {new.rating}")


def _became(old: Contact | None, new: Contact) -> Iterator[Told]:
    """As what it counts now, less what it counted as before."""
    before = _counts_as(old) if old is not None else {}
    for name, many in _counts_as(new).items():
        if many != before.get(name, 0):
            yield Told(name, many - before.get(name, 0))


def _counts_as(c: Contact) -> dict[str, int]:
    settled = c.outcome is Outcome.HELPED and c.talks == 1 and not c.repeat and not c.came_again
    over = bool(c.ended) and not c.elsewhere
    return {
        "calls": int(over),
        "repeats": int(over and c.repeat),
        "talked": int(c.talks > 0),
        "resolved": int(settled),
    }


def _promise(old: Promise | None, new: Promise) -> Iterator[Told]:
    if old is None:
        yield Told("promised")
    if new.state not in ENDED or (old is not None and old.state in ENDED):
        return
    late = new.ended > new.until > 0
    if new.state is PromiseState.DECLINED:
        yield Told("declined")
    elif new.state is PromiseState.KEPT or late:
        yield Told("kept late" if late else "kept in time")


def _agent(old: Agent, new: Agent, *, listens: bool) -> Iterator[Told]:
    """How long they were in the state that they leave. A supervisor who listens handles no contact."""
    seconds = round(max(0.0, new.since - old.since), 3) if old.since else 0.0
    if seconds and old.state in HANDLING and not (listens and old.state is AgentState.ON_CALL):
        yield Told("handling", seconds)
    elif seconds and old.state is AgentState.AVAILABLE:
        yield Told("available", seconds)
