"""Supervisors are told by text, what comes together in one; at any hour those at work, by day the others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from ivr.domain.records.agent import Agent, AgentState
from ivr.domain.records.customer import Text
from ivr.domain.records.promise import Promise, PromiseState
from ivr.domain.records.supervisor_alert import Circle, Notice, Topic
from ivr.services import Services
from ivr.store import keys
from ivr.store.change import Change
from ivr.store.queries import due_index
from ivr.usecases.promises import deadlines, supervisor_alerts
from tests.conftest import MONDAY_TWO_PM

BOSS, CHIEF, GRACE = "+12025550119", "+12025550118", "+12025550171"
NIGHT = MONDAY_TWO_PM + 9 * 3600
At = Callable[[float], None]


@pytest.fixture
def at(still: Services) -> At:
    def move(moment: float) -> None:
        still.store.redis.set(keys.CLOCK, f"{moment:.3f}")
        still.clock.follow()

    return move


def people(s: Services, **states: AgentState) -> None:
    change = Change(now=s.clock.now())
    for name, state in states.items():
        phone = {"boss": BOSS, "chief": CHIEF}[name]
        change.put(None, Agent(id=name, name=name, phone=phone, supervisor=True, state=state))
    assert s.store.commit(change)


def owe(s: Services, count: int, state: PromiseState = PromiseState.DUE) -> list[Promise]:
    change = Change(now=s.clock.now())
    made = [
        change.put(
            None,
            Promise(
                id=f"p{n}",
                state=state,
                number=f"+120255501{n:02}",
                line="+12025550100",
                queue="support",
                until=change.now + 600,
            ),
        )
        for n in range(count)
    ]
    assert s.store.commit(change)
    return made


def tell_of(s: Services, topic: Topic, promises: list[Promise], circle: Circle = Circle.AT_WORK) -> None:
    for promise in promises:
        change = Change(now=s.clock.now())
        supervisor_alerts.of(s, topic, promise, change, circle)
        assert s.store.commit(change)


def told(s: Services) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for text in s.store.everyone(Text):
        found.setdefault(text.to, []).append(text.body)
    return found


def test_many_that_will_be_late_are_one_text_for_each_supervisor_and_the_next_one_waits(
    still: Services, at: At
) -> None:
    people(still, boss=AgentState.AVAILABLE, chief=AgentState.ON_CALL)
    promises = owe(still, 30)
    for promise in promises:
        deadlines.watch(still, promise)
    assert told(still) == {}
    at(MONDAY_TWO_PM + 20)
    assert due_index.at(still.store, "supervisor_alert:risk") == still.clock.now()
    supervisor_alerts.look(still, "risk")
    assert set(told(still)) == {BOSS, CHIEF}
    (text,) = told(still)[BOSS]
    assert text.startswith("Our company: 30 calls that we owe customers are not under way yet.")
    assert not supervisor_alerts.look(still, "risk")
    tell_of(still, Topic.RISK, promises[:1])
    assert due_index.at(still.store, "supervisor_alert:risk") == MONDAY_TWO_PM + 20 + supervisor_alerts.GAP
    deadlines.watch(still, still.store.get_all(Promise, ["p9"])[0])
    assert still.store.get_all(Notice, ["risk"])[0].promises == ("p0",), "each of them once"


def test_what_is_under_way_by_then_is_not_told(still: Services) -> None:
    people(still, boss=AgentState.AVAILABLE)
    tell_of(still, Topic.RISK, owe(still, 3, PromiseState.DIALLING))
    supervisor_alerts.look(still, "risk")
    assert told(still) == {}
    assert due_index.at(still.store, "supervisor_alert:risk") == 0


@pytest.mark.parametrize(
    ("circle", "moment", "readers"),
    [
        (Circle.AT_WORK, NIGHT, {BOSS}),
        (Circle.ALL, MONDAY_TWO_PM, {BOSS, CHIEF}),
        (Circle.ALL, NIGHT, {BOSS}),
        (Circle.ANYBODY, MONDAY_TWO_PM, {BOSS, CHIEF, GRACE}),
    ],
)
def test_who_is_told_grows_and_nobody_is_woken_who_is_off_work(
    still: Services, at: At, circle: Circle, moment: float, readers: set[str]
) -> None:
    people(still, boss=AgentState.AWAY, chief=AgentState.OFFLINE)
    at(moment)
    s = replace(still, settings=still.settings.model_copy(update={"fallback_numbers": (GRACE, CHIEF)}))
    tell_of(s, Topic.ESCALATED, owe(s, 1, PromiseState.ESCALATED), circle)
    supervisor_alerts.look(s, "escalated")
    assert set(told(s)) == readers
    assert all(len(bodies) == 1 for bodies in told(s).values())


def test_with_nobody_at_work_those_at_home_are_told_when_they_are_awake(still: Services, at: At) -> None:
    people(still, chief=AgentState.OFFLINE)
    at(NIGHT)
    tell_of(still, Topic.ESCALATED, owe(still, 2, PromiseState.ESCALATED))
    assert supervisor_alerts.look(still, "escalated")
    assert told(still) == {}
    at(due_index.at(still.store, "supervisor_alert:escalated"))
    assert still.clock.now() == MONDAY_TWO_PM + 18 * 3600, "eight in the morning"
    supervisor_alerts.look(still, "escalated")
    assert [len(bodies) for bodies in told(still).values()] == [1]


def test_without_any_supervisor_the_people_of_the_fallback_are_told(still: Services) -> None:
    s = replace(still, settings=still.settings.model_copy(update={"fallback_numbers": (GRACE,)}))
    tell_of(s, Topic.ESCALATED, owe(s, 1, PromiseState.ESCALATED))
    supervisor_alerts.look(s, "escalated")
    assert set(told(s)) == {GRACE}


def test_with_nobody_at_all_to_tell_it_is_not_asked_for_ever(still: Services) -> None:
    """The log says so, and the promise goes on being offered, round after round."""
    tell_of(still, Topic.ESCALATED, owe(still, 1, PromiseState.ESCALATED))
    supervisor_alerts.look(still, "escalated")
    assert due_index.at(still.store, "supervisor_alert:escalated") == 0
