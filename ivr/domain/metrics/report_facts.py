"""What a change adds to the reports: read off its records before and after it, so no use case counts.

Each fact is counted for its day, its line, its queue and its agent, as far as it has them. What becomes of a contact is counted
on the day on which it came in, also when it is known later; everything else on the day on which it happened.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ivr.domain.metrics import counters
from ivr.domain.metrics.report_figures import ReportDimension
from ivr.domain.record import Record
from ivr.domain.records.agent import Agent, AgentState
from ivr.domain.records.agent_leg import AgentLeg, LegKind
from ivr.domain.records.contact import Contact, Outcome
from ivr.domain.records.promise import ENDED, Promise, PromiseState

RecordPair = tuple[Record | None, Record]
MONTHLY_DIMENSIONS = frozenset({ReportDimension.AGENT})  # counted by month as well
HANDLING_STATES = frozenset({AgentState.ON_CALL, AgentState.WRAP_UP})


class ReportFact(NamedTuple):
    """`at`: epoch seconds of the moment by whose day it is counted. `label`: of the line, queue or agent; "" for the day."""

    at: float
    dimension: ReportDimension
    label: str
    name: str
    amount: float


class UnlabeledFact(NamedTuple):
    """A fact before it is known for whom it is counted."""

    name: str
    amount: float = 1


class FactLabels(NamedTuple):
    our_number: str = ""
    queue: str = ""
    agent: str = ""


def list_facts(pairs: Iterable[RecordPair], now: float) -> Iterator[ReportFact]:
    """`pairs`: each record of a change as it was read (None: it is new) and as it will be. `now`: epoch seconds."""
    found = list(pairs)
    listens = {new.agent for _, new in found if isinstance(new, AgentLeg) and new.kind is LegKind.MONITOR}
    for old, new in found:
        match new:
            case Contact():
                was = old if isinstance(old, Contact) else None
                place = FactLabels(new.caller.called_number, new.queue_place.name, new.served_by)
                yield from _label_facts(now, place, _list_contact_events(was, new, now))
                yield from _label_facts(new.started_at or now, place, _list_contact_result_changes(was, new))
            case Promise():
                place = FactLabels(new.our_number, new.queue, new.owner)
                yield from _label_facts(
                    now, place, _list_promise_facts(old if isinstance(old, Promise) else None, new)
                )
            case Agent() if isinstance(old, Agent):
                told = _list_agent_facts(old, new, is_monitoring=new.id in listens)
                yield from _label_facts(now, FactLabels(agent=new.id), told)


def _label_facts(
    at: float, labels_of_record: FactLabels, facts: Iterable[UnlabeledFact]
) -> Iterator[ReportFact]:
    for one in facts:
        labels = {
            ReportDimension.DAY: "",
            ReportDimension.OUR_NUMBER: labels_of_record.our_number,
            ReportDimension.QUEUE: labels_of_record.queue,
            ReportDimension.AGENT: labels_of_record.agent,
        }
        for by, label in labels.items():
            if label or by is ReportDimension.DAY:
                yield ReportFact(at, by, label, one.name, one.amount)


def _list_contact_events(old: Contact | None, new: Contact, now: float) -> Iterator[UnlabeledFact]:
    for (name, *rest), many in counters.list_increments(old, new, now):
        if name == "answered":
            yield UnlabeledFact("answered")
            yield UnlabeledFact("within", int(int(rest[-1]) <= new.queue_place.answer_target_seconds))
        elif name == "waited":
            yield UnlabeledFact("waited", many)
        elif name == "left":
            yield UnlabeledFact("abandoned" if rest[-1] == counters.ABANDONED else "instead")
    if old is not None and new.finished_talks > old.finished_talks:
        yield UnlabeledFact("handled", new.finished_talks - old.finished_talks)
    if new.after_call.rating and (old is None or new.after_call.rating != old.after_call.rating):
        yield UnlabeledFact(f"rated {new.after_call.rating}")


def _list_contact_result_changes(old: Contact | None, new: Contact) -> Iterator[UnlabeledFact]:
    """As what it counts now, less what it counted as before."""
    before = _count_contact_result(old) if old is not None else {}
    for name, many in _count_contact_result(new).items():
        if many != before.get(name, 0):
            yield UnlabeledFact(name, many - before.get(name, 0))


def _count_contact_result(contact: Contact) -> dict[str, int]:
    settled = (
        contact.outcome is Outcome.HELPED
        and contact.finished_talks == 1
        and not contact.history.is_repeat
        and not contact.history.called_again
    )
    over = bool(contact.ended_at) and not contact.same_number.place_taken_by
    return {
        "calls": int(over),
        "repeats": int(over and contact.history.is_repeat),
        "talked": int(contact.finished_talks > 0),
        "resolved": int(settled),
    }


def _list_promise_facts(old: Promise | None, new: Promise) -> Iterator[UnlabeledFact]:
    if old is None:
        yield UnlabeledFact("promised")
    if new.state not in ENDED or (old is not None and old.state in ENDED):
        return
    late = new.ended_at > new.due_by > 0
    if new.state is PromiseState.DECLINED:
        yield UnlabeledFact("declined")
    elif new.state is PromiseState.KEPT or late:
        yield UnlabeledFact("kept late" if late else "kept in time")


def _list_agent_facts(old: Agent, new: Agent, *, is_monitoring: bool) -> Iterator[UnlabeledFact]:
    """How long they were in the state that they leave. A supervisor who listens handles no contact."""
    seconds = round(max(0.0, new.state_since - old.state_since), 3) if old.state_since else 0.0
    if seconds and old.state in HANDLING_STATES and not (is_monitoring and old.state is AgentState.ON_CALL):
        yield UnlabeledFact("handling", seconds)
    elif seconds and old.state is AgentState.AVAILABLE:
        yield UnlabeledFact("available", seconds)
