"""What a transition counts: once, and only what it is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ivr.domain.metrics.counters import list_increments
from ivr.domain.records.contact import Contact, ContactState, Outcome
from ivr.domain.records.contact_parts import QueuePlace, SameNumberCalls
from ivr.domain.records.promise import Promise, PromiseState

WAITS = Contact(
    id="c",
    state=ContactState.WAITING,
    started_at=90.0,
    queue_place=QueuePlace(name="support", queued_at=100.0),
)
TALKS = replace(WAITS, state=ContactState.TALKING, conference=replace(WAITS.conference, number=1))
OVER: dict[str, Any] = {"state": ContactState.ENDED}


def counted(old: Contact | Promise | None, new: Contact | Promise, now: float = 120.0) -> list[str]:
    return ["|".join(c.name) for c in list_increments(old, new, now)]


@pytest.mark.parametrize(
    ("waited", "told"),
    [(0.0, "0"), (19.2, "20"), (20.0, "20"), (20.01, "21"), (600.0, "600"), (4000.0, "601")],
)
def test_a_wait_is_counted_by_whole_seconds_rounded_up(waited: float, told: str) -> None:
    assert counted(WAITS, TALKS, 100.0 + waited) == [f"answered|support|{told}", "waited|support"]


def test_who_is_answered_a_second_time_after_a_break_is_counted_once() -> None:
    front = replace(WAITS, conference=replace(WAITS.conference, number=2))
    assert (
        counted(
            front, replace(front, state=ContactState.TALKING, conference=replace(front.conference, number=3))
        )
        == []
    )
    assert counted(TALKS, replace(TALKS, **OVER, outcome=Outcome.HELPED)) == []


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (WAITS, {"outcome": Outcome.LOST}, "abandoned"),
        (
            WAITS,
            {"outcome": Outcome.PROMISED, "promise": "p"},
            "abandoned",
        ),  # they hung up, and are owed a call
        (
            replace(WAITS, promise="p"),
            {"outcome": Outcome.PROMISED},
            "abandoned",
        ),  # rang in about it, and hung up
        (replace(WAITS, state=ContactState.FLOW, promise="p"), {"outcome": Outcome.PROMISED}, "promised"),
        (replace(WAITS, state=ContactState.FLOW), {"outcome": Outcome.DECLINED}, "abandoned"),
        (
            WAITS,
            {"outcome": Outcome.PROMISED, "same_number": SameNumberCalls(place_taken_by="other")},
            "",
        ),  # another call of theirs goes on
        (
            replace(WAITS, state=ContactState.FLOW, queue_place=replace(WAITS.queue_place, queued_at=0.0)),
            {"outcome": Outcome.LEFT_EARLY},
            "",
        ),
        (replace(WAITS, state=ContactState.ENDED), {"outcome": Outcome.PROMISED}, ""),
    ],
)
def test_how_a_wait_without_an_answer_ended(old: Contact, new: dict[str, Any], told: str) -> None:
    ended = replace(old, **OVER, **new)
    assert counted(old, ended) == ([f"left|support|{told}"] if told else [])


def test_a_hold_is_counted_when_it_begins() -> None:
    held = replace(TALKS, state=ContactState.ON_HOLD, conference=replace(TALKS.conference, number=2))
    assert counted(TALKS, held) == ["holds"]
    assert counted(held, replace(held, conference=replace(held.conference, number=3))) == []
    assert counted(held, replace(held, transfers=1)) == ["transfers"]


def test_a_promise_is_counted_when_it_is_made_escalated_and_ended() -> None:
    made = Promise(id="p", queue="support", due_by=100.0)
    assert counted(None, made) == ["promised|callback|support"]
    up = replace(made, state=PromiseState.ESCALATED, escalated=True, attempts=1)
    assert counted(made, up) == ["attempts", "escalated"]
    assert counted(replace(up, state=PromiseState.RINGING), up) == [], (
        "passed on from supervisor to supervisor"
    )
    kept = replace(up, state=PromiseState.KEPT, ended_at=100.0)
    assert counted(up, kept) == ["promise ended|kept|on time"]
    assert counted(up, replace(kept, ended_at=100.1)) == ["promise ended|kept|late"]
    assert counted(kept, kept) == []
