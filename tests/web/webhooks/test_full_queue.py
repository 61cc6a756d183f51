"""`max_waiting`: as many callers as a queue takes hear music; whoever comes then is offered a promise, and nobody is dropped."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ivr.cli.demo.stage import Stage
from ivr.domain.records.contact import Contact, ContactState, Outcome
from ivr.services import derive_id
from ivr.store import keys
from tests.stories.people import promises
from tests.web.inside import Inside
from tests.web.webhooks.twilio import Answer, call

FULL = "More people are waiting"


@pytest.fixture
def line(inside: Callable[..., Inside], small_line: str) -> Inside:
    return inside(IVR_FLOWS=small_line)


def sid(n: int) -> str:
    return f"CA{n:032x}"


def comes(line: Inside, n: int) -> Answer:
    """Caller `n` rings and wants a person."""
    line.post("/voice/answer", call_params(n))
    return presses(line, n, 1, "0")


def call_params(n: int, **more: str) -> dict[str, str]:
    return call(sid(n), f"+1202555{n + 200:04}", StirVerstat="TN-Validation-Passed-A", **more)


def presses(line: Inside, n: int, nth: int, keys_: str) -> Answer:
    return line.post(f"/voice/step/{derive_id(sid(n))}/{nth}", call_params(n, Digits=keys_))


def leaves(line: Inside, n: int) -> None:
    line.post("/voice/status", call_params(n, CallStatus="completed"))


def contact(stage: Stage, n: int) -> Contact:
    found = stage.services.store.get(Contact, derive_id(sid(n)))
    assert found is not None
    return found


def test_whoever_comes_to_a_full_line_is_offered_a_call_and_keeps_the_place(
    stage: Stage, line: Inside
) -> None:
    assert [comes(line, n).verbs[-1] for n in (1, 2)] == ["Enqueue", "Enqueue"]
    answer = comes(line, 3)
    assert FULL in answer.words
    assert "Enqueue" not in answer.verbs
    assert "We will call you at this number" in presses(line, 3, 2, "1").words
    (owed,) = promises(stage)
    assert owed.number == call_params(3)["From"]
    assert owed.queued_at == stage.now, "their place is from when they asked"
    leaves(line, 1)
    assert comes(line, 4).verbs[-1] == "Enqueue", "there is room again"
    assert FULL in comes(line, 5).words


def test_zero_and_silence_at_a_full_line_are_promised_a_call_too(stage: Stage, line: Inside) -> None:
    for n in (1, 2, 3, 4):
        comes(line, n)
    assert "We will call you" in presses(line, 3, 2, "0").words
    for nth in (2, 3):
        answer = presses(line, 4, nth, "")
    assert "We will call you" in answer.words
    assert len(promises(stage)) == 2


def test_whoever_hangs_up_at_a_full_line_had_asked_for_a_person_and_is_owed_a_call(
    stage: Stage, line: Inside
) -> None:
    for n in (1, 2, 3):
        comes(line, n)
    leaves(line, 3)
    assert contact(stage, 3).outcome is Outcome.PROMISED
    assert len(promises(stage)) == 1


def test_callbacks_that_stand_in_line_take_no_callers_room(stage: Stage, line: Inside) -> None:
    for n in (1, 2):
        comes(line, n)
        leaves(line, n)
    stage.settle()
    (standing,) = stage.services.store.send_commands([("ZCARD", keys.queue("support"))])
    assert standing == 2, "two who are owed a call"
    assert [comes(line, n).verbs[-1] for n in (3, 4)] == ["Enqueue", "Enqueue"]
    assert contact(stage, 4).state is ContactState.WAITING


def test_whoever_stands_in_line_already_is_not_turned_away(stage: Stage, line: Inside) -> None:
    for n in (1, 2):
        comes(line, n)
    name = derive_id(sid(2))
    line.post(f"/voice/wait/{name}/2", call_params(2, Digits="2"))
    back = line.post(f"/voice/step/{name}/3?queue=1", call_params(2, Digits="0"))
    assert FULL not in back.words
    assert contact(stage, 2).state is ContactState.WAITING
    (callers,) = stage.services.store.send_commands([("SCARD", keys.waiting_callers("support"))])
    assert callers == 2
