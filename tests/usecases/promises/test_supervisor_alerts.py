"""Supervisors are told by text, what comes together in one; at any hour those at work, by day the others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from ivr.domain.records.agent import Agent, AgentState
from ivr.domain.records.customer import Text
from ivr.domain.records.promise import Promise, PromiseState
from ivr.domain.records.supervisor_alert import AlertCircle, AlertTopic, SupervisorAlert
from ivr.services import Services
from ivr.store import keys
from ivr.store.queries import due_index
from ivr.usecases.promises import deadlines, supervisor_alerts
from tests.conftest import MONDAY_TWO_PM

BOSS, CHIEF, GRACE = "+12025550119", "+12025550118", "+12025550171"
NIGHT = MONDAY_TWO_PM + 9 * 3600
At = Callable[[float], None]


@pytest.fixture
def at(still: Services) -> At:
    def move(moment: float) -> None:
        still.store.redis.set(keys.MANUAL_CLOCK, f"{moment:.3f}")
        still.clock.sync()

    return move


def people(services: Services, **states: AgentState) -> None:
    change = services.store.begin()
    for name, state in states.items():
        phone = {"boss": BOSS, "chief": CHIEF}[name]
        change.put(None, Agent(id=name, name=name, phone=phone, supervisor=True, state=state))
    assert services.store.commit(change)


def owe(services: Services, count: int, state: PromiseState = PromiseState.DUE) -> list[Promise]:
    change = services.store.begin()
    made = [
        change.put(
            None,
            Promise(
                id=f"p{n}",
                state=state,
                number=f"+120255501{n:02}",
                our_number="+12025550100",
                queue="support",
                due_by=change.now + 600,
            ),
        )
        for n in range(count)
    ]
    assert services.store.commit(change)
    return made


def tell_of(
    services: Services, topic: AlertTopic, promises: list[Promise], circle: AlertCircle = AlertCircle.AT_WORK
) -> None:
    for promise in promises:
        change = services.store.begin()
        supervisor_alerts.schedule_alert(topic, promise, change, circle)
        assert services.store.commit(change)


def texts_by_supervisor(services: Services) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for text in services.store.list_all(Text):
        found.setdefault(text.to, []).append(text.body)
    return found


def test_many_that_will_be_late_are_one_text_for_each_supervisor_and_the_next_one_waits(
    still: Services, at: At
) -> None:
    people(still, boss=AgentState.AVAILABLE, chief=AgentState.ON_CALL)
    promises = owe(still, 30)
    for promise in promises:
        deadlines.check_deadlines(still, promise)
    assert texts_by_supervisor(still) == {}
    at(MONDAY_TWO_PM + 20)
    assert still.store.read(due_index.get_due_time("supervisor_alert:risk")) == still.clock.now()
    supervisor_alerts.process_due(still, "risk")
    assert set(texts_by_supervisor(still)) == {BOSS, CHIEF}
    (text,) = texts_by_supervisor(still)[BOSS]
    assert text.startswith("Our company: 30 calls that we owe customers are not under way yet.")
    assert not supervisor_alerts.process_due(still, "risk")
    tell_of(still, AlertTopic.AT_RISK, promises[:1])
    assert (
        still.store.read(due_index.get_due_time("supervisor_alert:risk"))
        == MONDAY_TWO_PM + 20 + supervisor_alerts.MIN_INTERVAL_SECONDS
    )
    deadlines.check_deadlines(still, still.store.get_many(Promise, ["p9"])[0])
    assert still.store.get_many(SupervisorAlert, ["risk"])[0].promises == ("p0",), "each of them once"


def test_what_is_under_way_by_then_is_not_told(still: Services) -> None:
    people(still, boss=AgentState.AVAILABLE)
    tell_of(still, AlertTopic.AT_RISK, owe(still, 3, PromiseState.DIALING))
    supervisor_alerts.process_due(still, "risk")
    assert texts_by_supervisor(still) == {}
    assert still.store.read(due_index.get_due_time("supervisor_alert:risk")) == 0


@pytest.mark.parametrize(
    ("circle", "moment", "readers"),
    [
        (AlertCircle.AT_WORK, NIGHT, {BOSS}),
        (AlertCircle.ALL, MONDAY_TWO_PM, {BOSS, CHIEF}),
        (AlertCircle.ALL, NIGHT, {BOSS}),
        (AlertCircle.ALL_AND_FALLBACK, MONDAY_TWO_PM, {BOSS, CHIEF, GRACE}),
    ],
)
def test_who_is_told_grows_and_nobody_is_woken_who_is_off_work(
    still: Services, at: At, circle: AlertCircle, moment: float, readers: set[str]
) -> None:
    people(still, boss=AgentState.AWAY, chief=AgentState.OFFLINE)
    at(moment)
    s = replace(still, settings=still.settings.model_copy(update={"fallback_numbers": (GRACE, CHIEF)}))
    tell_of(s, AlertTopic.ESCALATED, owe(s, 1, PromiseState.ESCALATED), circle)
    supervisor_alerts.process_due(s, "escalated")
    assert set(texts_by_supervisor(s)) == readers
    assert all(len(bodies) == 1 for bodies in texts_by_supervisor(s).values())


def test_with_nobody_at_work_those_at_home_are_told_when_they_are_awake(still: Services, at: At) -> None:
    people(still, chief=AgentState.OFFLINE)
    at(NIGHT)
    tell_of(still, AlertTopic.ESCALATED, owe(still, 2, PromiseState.ESCALATED))
    assert supervisor_alerts.process_due(still, "escalated")
    assert texts_by_supervisor(still) == {}
    at(still.store.read(due_index.get_due_time("supervisor_alert:escalated")))
    assert still.clock.now() == MONDAY_TWO_PM + 18 * 3600, "eight in the morning"
    supervisor_alerts.process_due(still, "escalated")
    assert [len(bodies) for bodies in texts_by_supervisor(still).values()] == [1]


def test_without_any_supervisor_the_people_of_the_fallback_are_told(still: Services) -> None:
    s = replace(still, settings=still.settings.model_copy(update={"fallback_numbers": (GRACE,)}))
    tell_of(s, AlertTopic.ESCALATED, owe(s, 1, PromiseState.ESCALATED))
    supervisor_alerts.process_due(s, "escalated")
    assert set(texts_by_supervisor(s)) == {GRACE}


def test_with_nobody_at_all_to_tell_it_is_not_asked_for_ever(still: Services) -> None:
    """The log says so, and the promise goes on being offered, round after round."""
    tell_of(still, AlertTopic.ESCALATED, owe(still, 1, PromiseState.ESCALATED))
    supervisor_alerts.process_due(still, "escalated")
    assert still.store.read(due_index.get_due_time("supervisor_alert:escalated")) == 0
