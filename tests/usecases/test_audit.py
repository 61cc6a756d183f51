"""The audit finds what it is there to find: each invariant broken on purpose, by hand, in the record."""

from __future__ import annotations

import os
import signal
from dataclasses import replace

import pytest

from ivr.cli.stage import Stage
from ivr.domain.contact import Contact, ContactState, Outcome
from ivr.domain.promise import Promise, PromiseState
from ivr.store import keys
from ivr.store.change import Change
from ivr.usecases.audit import Findings, audit


def written(stage: Stage, *records: Contact | Promise, looked_after: bool = True) -> Findings:
    stage.services.clock.follow()
    change = Change(now=stage.now)
    for record in records:
        put = change.put(None, record)
        if looked_after:
            change.wake(put, stage.now + 3600)
    assert stage.services.store.commit(change)
    return audit(stage.services)


def test_an_empty_record_breaks_nothing(stage: Stage) -> None:
    assert audit(stage.services).violations == ()


def test_a_contact_that_ended_without_an_outcome_is_found(stage: Stage) -> None:
    (found,) = written(stage, Contact(id="c1", state=ContactState.ENDED)).violations
    assert found.startswith("I1: contact c1 ended without an outcome")


@pytest.mark.parametrize("state", [s for s in ContactState if s is not ContactState.ENDED])
def test_an_open_contact_that_nobody_will_look_at_is_found(stage: Stage, state: ContactState) -> None:
    (found,) = written(stage, Contact(id="c1", state=state), looked_after=False).violations
    assert found.startswith("I1: contact c1")


@pytest.mark.parametrize("state", [s for s in PromiseState if s not in ("kept", "declined", "owned")])
def test_an_open_promise_that_nobody_will_look_at_is_found(stage: Stage, state: PromiseState) -> None:
    (found,) = written(stage, Promise(id="p1", state=state), looked_after=False).violations
    assert found.startswith("I2: promise p1")


def test_two_open_callbacks_for_one_matter_are_found(stage: Stage) -> None:
    one = Promise(id="p1", number="+12025550155", case="k")
    (found,) = written(stage, one, replace(one, id="p2")).violations
    assert found.startswith("I4: 2 open callbacks")


def test_what_has_been_due_for_long_is_found(stage: Stage) -> None:
    reconciler = stage.line.pid("clock")
    os.kill(reconciler, signal.SIGSTOP)
    try:
        stage.services.store.redis.zadd(keys.WAKE, {"promise:p1": stage.now - 3600})
        (found,) = audit(stage.services).violations
    finally:
        os.kill(reconciler, signal.SIGCONT)
    assert "has been due for 3600 s" in found


def test_outcomes_and_promises_are_counted(stage: Stage) -> None:
    findings = written(
        stage,
        Contact(id="c1", state=ContactState.ENDED, outcome=Outcome.HELPED),
        Contact(id="c2", state=ContactState.ENDED, outcome=Outcome.LOST),
        Promise(id="p1", state=PromiseState.KEPT),
        Promise(id="p2", state=PromiseState.ESCALATED, case="x"),
    )
    assert (findings.contacts["contacts"], findings.contacts["helped"], findings.contacts["lost"]) == (
        2,
        1,
        1,
    )
    assert (findings.promises["kept"], findings.promises["on time"], findings.promises["escalated"]) == (
        1,
        1,
        1,
    )
