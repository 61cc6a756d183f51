"""What a change tells a report: once, for the right day, and of whom it can be told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ivr.domain.metrics.report_facts import RecordPair, list_facts
from ivr.domain.metrics.report_figures import ReportDimension
from ivr.domain.records.agent import Agent, AgentState
from ivr.domain.records.agent_leg import AgentLeg, LegKind
from ivr.domain.records.contact import Contact, ContactState, Outcome
from ivr.domain.records.contact_parts import Caller, QueuePlace
from ivr.domain.records.promise import Promise, PromiseState

MORNING, NOW = 1000.0, 5000.0
TALKS = Contact(
    id="c",
    state=ContactState.TALKING,
    started_at=MORNING,
    talked=True,
    queue_place=QueuePlace(name="support"),
    caller=Caller(called_number="+1"),
)
HELPED = replace(
    TALKS, state=ContactState.ENDED, outcome=Outcome.HELPED, served_by="diane", ended_at=NOW, finished_talks=1
)
BUSY = Agent(id="boss", name="Boss", phone="+2", state=AgentState.ON_CALL, state_since=NOW - 60, leg="o")
FREE = replace(BUSY, state=AgentState.AVAILABLE, state_since=NOW)


def summed_facts(*pairs: RecordPair) -> dict[tuple[float, str], float]:
    """Of the day alone."""
    return {(f.at, f.name): f.amount for f in list_facts(pairs, NOW) if f.dimension is ReportDimension.DAY}


def test_what_became_of_a_contact_is_of_the_day_it_came_in_and_the_talk_of_today() -> None:
    assert summed_facts((TALKS, HELPED)) == {
        (NOW, "handled"): 1,
        (MORNING, "calls"): 1,
        (MORNING, "talked"): 1,
        (MORNING, "resolved"): 1,
    }
    places = {(f.dimension, f.label) for f in list_facts([(TALKS, HELPED)], NOW)}
    assert places == {
        (ReportDimension.DAY, ""),
        (ReportDimension.OUR_NUMBER, "+1"),
        (ReportDimension.QUEUE, "support"),
        (ReportDimension.AGENT, "diane"),
    }


@pytest.mark.parametrize(
    "later",
    [
        {"history": replace(HELPED.history, called_again=True)},
        {"finished_talks": 2, "outcome": Outcome.HELPED},
    ],
    ids=["they rang again", "it took a second talk"],
)
def test_what_was_resolved_is_taken_back_on_its_own_day(later: dict[str, object]) -> None:
    after = replace(HELPED, **later)  # type: ignore[arg-type] # fields of Contact
    assert summed_facts((HELPED, after))[MORNING, "resolved"] == -1
    assert (MORNING, "resolved") not in summed_facts((after, after))


def test_a_repeat_is_counted_and_is_no_first_contact() -> None:
    found = summed_facts(
        (
            replace(TALKS, history=replace(TALKS.history, is_repeat=True)),
            replace(HELPED, history=replace(HELPED.history, is_repeat=True)),
        )
    )
    assert found[MORNING, "repeats"] == 1
    assert (MORNING, "resolved") not in found


def test_a_call_whose_place_another_one_took_is_no_call_of_its_own() -> None:
    assert (
        summed_facts(
            (
                TALKS,
                replace(
                    HELPED, finished_talks=0, same_number=replace(HELPED.same_number, place_taken_by="other")
                ),
            )
        )
        == {}
    )


@pytest.mark.parametrize(
    ("kind", "seconds"), [(LegKind.CONTACT, 60.0), (LegKind.CONSULT, 60.0), (LegKind.MONITOR, None)]
)
def test_time_in_a_call_is_handling_unless_a_supervisor_listens(kind: LegKind, seconds: float | None) -> None:
    leg = AgentLeg(id="o", agent="boss", kind=kind)
    assert summed_facts((leg, leg), (BUSY, FREE)).get((NOW, "handling")) == seconds


def test_waiting_for_a_call_is_available_and_being_asked_is_neither() -> None:
    reserved = replace(BUSY, state=AgentState.RESERVED, state_since=NOW)
    assert summed_facts((replace(FREE, state_since=NOW - 9), reserved)) == {(NOW, "available"): 9}
    assert summed_facts((replace(reserved, state_since=NOW - 9), replace(BUSY, state_since=NOW))) == {}
    assert summed_facts((replace(FREE, state_since=0.0), reserved)) == {}, "nobody knows since when"


@pytest.mark.parametrize(
    ("state", "ended", "name"),
    [
        (PromiseState.KEPT, 100.0, "kept in time"),
        (PromiseState.KEPT, 101.0, "kept late"),
        (PromiseState.OWNED, 101.0, "kept late"),
        (PromiseState.OWNED, 99.0, None),
        (PromiseState.DECLINED, 101.0, "declined"),
    ],
)
def test_how_a_promise_ended(state: PromiseState, ended: float, name: str | None) -> None:
    owed = Promise(id="p", due_by=100.0, queue="support", state=PromiseState.TALKING)
    over = replace(owed, state=state, ended_at=ended)
    assert summed_facts((owed, over)) == ({(NOW, name): 1} if name else {})
    assert summed_facts((over, over)) == {}
