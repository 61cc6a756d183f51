"""The order of the queue, first to last, and what happens to a place in it."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from ivr.domain.records.contact_parts import QueuePlace
from ivr.domain.records.customer import Customer
from ivr.domain.records.promise import Promise
from ivr.domain.rules import priority, routing

NOW = 1_000_000.0
HOUR = 3600.0


@dataclass(frozen=True)
class Standing:
    """Somebody in the queue, as `usecases/queueing/membership.py` puts them there."""

    who: str
    queued_at: float
    boost_seconds: float


def caller(who: str, *, waits: float, calls_today: int = 1) -> Standing:
    return Standing(who, NOW - waits, priority.grant_to_caller(Customer(id="+1", contacts_today=calls_today)))


def lost_agent(who: str, *, waits: float = 0.0, calls_today: int = 1) -> Standing:
    granted = caller(who, waits=waits, calls_today=calls_today)
    place = priority.move_caller_to_front(
        QueuePlace(queued_at=granted.queued_at, boost_seconds=granted.boost_seconds), NOW
    )
    return Standing(who, place.queued_at, place.boost_seconds)


def callback(
    who: str, *, made: float, due_in: float, announced: bool = False, call_now: bool = False
) -> Standing:
    promise = Promise(id=who, queued_at=NOW - made, due_by=NOW + due_in, delay_announced=announced)
    if call_now:
        promise = priority.move_callback_to_front(promise, NOW)
    return Standing(who, promise.queued_at, priority.grant_to_callback(promise, NOW))


FIRST_TO_LAST = [
    callback("made yesterday, to be called now", made=86400.0, due_in=HOUR, call_now=True),
    lost_agent("lost their agent, has waited long", waits=600),
    lost_agent("lost their agent, calls again", waits=60, calls_today=9),
    lost_agent("lost their agent just now", waits=1),
    callback("to be called now", made=-HOUR, due_in=HOUR, call_now=True),  # its own time is yet to come
    callback("overdue", made=1800, due_in=-1),
    callback("overdue, and just made", made=0.5, due_in=0),
    callback("not overdue, but told that it will be late", made=0.25, due_in=60, announced=True),
    caller("waits for half an hour", waits=1800),
    caller("calls for the ninth time", waits=30, calls_today=9),
    caller("calls for the second time", waits=30, calls_today=2),
    caller("came a minute ago", waits=60),
    callback("came after", made=50, due_in=1),
    caller("came last", waits=0),
]


def test_everybody_stands_where_the_table_says() -> None:
    line = [
        routing.Waiting(id=s.who, queued_at=s.queued_at, boost_seconds=s.boost_seconds)
        for s in reversed(FIRST_TO_LAST)
    ]
    assert [w.id for w in sorted(line, key=lambda w: w.sort_key)] == [s.who for s in FIRST_TO_LAST]


@pytest.mark.parametrize(
    ("calls_today", "seconds"),
    [(0, 0.0), (1, 0.0), (2, 60.0), (5, 240.0), (6, 300.0), (7, 300.0), (99, 300.0)],
)
def test_each_earlier_call_of_the_day_is_worth_a_minute_up_to_five(calls_today: int, seconds: float) -> None:
    assert priority.grant_to_caller(Customer(id="+1", contacts_today=calls_today)) == seconds


def test_a_callback_without_a_time_is_never_overdue() -> None:
    assert priority.grant_to_callback(Promise(id="p", due_by=0.0), NOW) == 0.0


@pytest.mark.parametrize("queued_at", [NOW, NOW + 7200])
def test_a_callback_to_be_called_now_counts_from_now_even_if_its_time_is_yet_to_come(
    queued_at: float,
) -> None:
    moved = priority.move_callback_to_front(Promise(id="p", queued_at=queued_at), NOW)
    assert moved.queued_at == NOW - priority.FRONT_SECONDS


def test_asking_for_a_person_again_keeps_the_arrival() -> None:
    first = priority.ask_for_person(QueuePlace(boost_seconds=60.0), NOW)
    assert (first.queued_at, first.boost_seconds) == (NOW, 60.0)
    assert priority.ask_for_person(first, NOW + 30) == first


def test_who_loses_their_agent_keeps_the_arrival_or_gets_one() -> None:
    assert priority.move_caller_to_front(QueuePlace(queued_at=NOW - 5), NOW).queued_at == NOW - 5
    assert priority.move_caller_to_front(QueuePlace(), NOW).queued_at == NOW


@pytest.mark.parametrize(
    ("mine", "other", "taken"),
    [
        ((10.0, 60.0), (5.0, 0.0), (5.0, 60.0)),
        ((5.0, 0.0), (10.0, 60.0), (5.0, 60.0)),
        ((5.0, 9.0), (5.0, 9.0), (5.0, 9.0)),
    ],
)
def test_the_call_that_takes_over_has_the_better_of_both_places(
    mine: tuple[float, float], other: tuple[float, float], taken: tuple[float, float]
) -> None:
    place = priority.take_over(_place(mine, name="support"), _place(other, name="billing"))
    assert place == _place(taken, name="support")


@pytest.mark.parametrize(
    ("heir", "ended", "arrival"),
    [(0.0, 5.0, 5.0), (7.0, 5.0, 5.0), (5.0, 7.0, 5.0), (5.0, 0.0, 5.0), (0.0, 0.0, NOW)],
)
def test_the_call_that_goes_on_has_the_earlier_arrival(heir: float, ended: float, arrival: float) -> None:
    left = priority.inherit(_place((heir, 60.0)), _place((ended, 300.0)), NOW)
    assert left == _place((arrival, 60.0))


@pytest.mark.parametrize(("earliest", "arrival"), [(0.0, 10.0), (5.0, 10.0), (20.0, 20.0)])
def test_a_callback_for_a_later_time_arrives_then(earliest: float, arrival: float) -> None:
    assert priority.arrive_not_before(10.0, earliest) == arrival


@pytest.mark.parametrize(
    ("callback", "call", "earliest", "arrival"),
    [
        (10.0, 5.0, 0.0, 5.0),
        (5.0, 10.0, 0.0, 5.0),
        (5.0, 0.0, 0.0, 5.0),  # nobody calls, or the caller has not asked for a person
        (NOW + HOUR, 0.0, 0.0, NOW),  # what was for later is for now
        (5.0, 10.0, 20.0, 20.0),
    ],
)
def test_a_callback_whose_time_is_chosen_anew_keeps_the_earlier_arrival(
    callback: float, call: float, earliest: float, arrival: float
) -> None:
    promise = Promise(id="p", queued_at=callback)
    assert priority.move_callback(promise, QueuePlace(queued_at=call), earliest, NOW).queued_at == arrival


def _place(numbers: tuple[float, float], name: str = "") -> QueuePlace:
    return QueuePlace(name=name, queued_at=numbers[0], boost_seconds=numbers[1])
