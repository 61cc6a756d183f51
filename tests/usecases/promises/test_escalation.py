"""Whom the line itself passes over, and who is rung all the same for what nobody has taken."""

from __future__ import annotations

import pytest

from ivr.domain.records.agent import Agent, AgentState
from ivr.domain.records.promise import Promise, PromiseState
from ivr.services import Services
from ivr.usecases.promises import escalation

AWAY, FREE, OFF, BUSY = AgentState.AWAY, AgentState.AVAILABLE, AgentState.OFFLINE, AgentState.ON_CALL


def escalated(*, rounds: int = 1, supervisor: bool = True, avoid: tuple[str, ...] = ()) -> Promise:
    return Promise(
        id="p1",
        escalated=True,
        state=PromiseState.ESCALATED,
        needs_supervisor=supervisor,
        alert_rounds=rounds,
        declined_by=avoid,
    )


@pytest.mark.parametrize(
    ("promise", "whom"),
    [
        (escalated(rounds=0), None),
        (escalated(), "rested"),
        (escalated(avoid=("rested",)), "tired"),
        (escalated(avoid=("rested", "tired")), None),
        (escalated(supervisor=False), "free"),
        (escalated(supervisor=False, avoid=("free",)), "rested"),
    ],
    ids=[
        "at first the line asks",
        "who has been away longest",
        "the next",
        "all were asked",
        "late: whoever is free",
        "and then who is away",
    ],
)
def test_one_after_the_other(still: Services, promise: Promise, whom: str | None) -> None:
    change = still.store.begin()
    for name, state, since in (
        ("rested", AWAY, 1.0),
        ("tired", AWAY, 2.0),
        ("free", FREE, 3.0),
        ("home", OFF, 0.0),
        ("busy", BUSY, 0.0),
    ):
        phone = f"+1202555012{len(name)}"
        change.put(
            None, Agent(id=name, name=name, phone=phone, supervisor=True, state=state, state_since=since)
        )
    change.put(None, Agent(id="diane", name="Diane", phone="+12025550111", state=AWAY))
    assert still.store.commit(change)
    found = escalation.pick_supervisor(still, promise)
    assert (found.id if found else None) == whom


@pytest.mark.parametrize(("rounds", "minutes"), [(0, 5), (1, 10), (2, 20), (3, 40), (4, 60), (40, 60)])
def test_the_pauses_grow_to_an_hour_and_no_further(still: Services, rounds: int, minutes: int) -> None:
    for seconds, asked in ((minutes * 60 - 1, False), (minutes * 60, True)):
        change = still.store.begin()
        promise = escalated(rounds=rounds)
        held = change.put(
            None,
            Promise(
                **{**promise.__dict__, "alerted_at": change.now - seconds, "queue": "support", "version": 0}
            ),
        )
        assert escalation.ask_next_round(still, held, change) is asked
