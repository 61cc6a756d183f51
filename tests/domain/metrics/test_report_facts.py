"""What a change tells a report: once, for the right day, and of whom it can be told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ivr.domain.metrics.report_facts import Pair, facts
from ivr.domain.metrics.report_figures import By
from ivr.domain.records.agent import Agent, AgentState
from ivr.domain.records.agent_leg import Offer, OfferKind
from ivr.domain.records.contact import Contact, ContactState, Outcome
from ivr.domain.records.promise import Promise, PromiseState

MORNING, NOW = 1000.0, 5000.0
TALKS = Contact(id="c", state=ContactState.TALKING, queue="support", line="+1", opened=MORNING, talked=True)
HELPED = replace(
    TALKS, state=ContactState.ENDED, outcome=Outcome.HELPED, served_by="diane", ended=NOW, talks=1
)
BUSY = Agent(id="boss", name="Boss", phone="+2", state=AgentState.ON_CALL, since=NOW - 60, offer="o")
FREE = replace(BUSY, state=AgentState.AVAILABLE, since=NOW)


def told(*pairs: Pair) -> dict[tuple[float, str], float]:
    """Of the day alone."""
    return {(f.at, f.name): f.many for f in facts(pairs, NOW) if f.by is By.DAY}


def test_what_became_of_a_contact_is_of_the_day_it_came_in_and_the_talk_of_today() -> None:
    assert told((TALKS, HELPED)) == {
        (NOW, "handled"): 1,
        (MORNING, "calls"): 1,
        (MORNING, "talked"): 1,
        (MORNING, "resolved"): 1,
    }
    places = {(f.by, f.label) for f in facts([(TALKS, HELPED)], NOW)}
    assert places == {(By.DAY, ""), (By.LINE, "+1"), (By.QUEUE, "support"), (By.AGENT, "diane")}


@pytest.mark.parametrize(
    "later",
    [{"came_again": True}, {"talks": 2, "outcome": Outcome.HELPED}],
    ids=["they rang again", "it took a second talk"],
)
def test_what_was_resolved_is_taken_back_on_its_own_day(later: dict[str, object]) -> None:
    after = replace(HELPED, **later)  # type: ignore[arg-type] # fields of Contact
    assert told((HELPED, after))[MORNING, "resolved"] == -1
    assert (MORNING, "resolved") not in told((after, after))


def test_a_repeat_is_counted_and_is_no_first_contact() -> None:
    found = told((replace(TALKS, repeat=True), replace(HELPED, repeat=True)))
    assert found[MORNING, "repeats"] == 1
    assert (MORNING, "resolved") not in found


def test_a_call_whose_place_another_one_took_is_no_call_of_its_own() -> None:
    assert told((TALKS, replace(HELPED, elsewhere="other", talks=0))) == {}


@pytest.mark.parametrize(
    ("kind", "seconds"), [(OfferKind.CONTACT, 60.0), (OfferKind.CONSULT, 60.0), (OfferKind.LISTEN, None)]
)
def test_time_in_a_call_is_handling_unless_a_supervisor_listens(
    kind: OfferKind, seconds: float | None
) -> None:
    offer = Offer(id="o", agent="boss", kind=kind)
    assert told((offer, offer), (BUSY, FREE)).get((NOW, "handling")) == seconds


def test_waiting_for_a_call_is_available_and_being_asked_is_neither() -> None:
    reserved = replace(BUSY, state=AgentState.RESERVED, since=NOW)
    assert told((replace(FREE, since=NOW - 9), reserved)) == {(NOW, "available"): 9}
    assert told((replace(reserved, since=NOW - 9), replace(BUSY, since=NOW))) == {}
    assert told((replace(FREE, since=0.0), reserved)) == {}, "nobody knows since when"


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
    owed = Promise(id="p", until=100.0, queue="support", state=PromiseState.TALKING)
    over = replace(owed, state=state, ended=ended)
    assert told((owed, over)) == ({(NOW, name): 1} if name else {})
    assert told((over, over)) == {}
