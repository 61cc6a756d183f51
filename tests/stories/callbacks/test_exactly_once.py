"""Whatever fails, and whoever is killed, a customer's phone is rung once for each attempt, and never after the promise was kept."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from ivr.cli.demo.stage import Stage
from ivr.cli.serve.up import ivr_command
from ivr.domain.records.agent import AgentState
from ivr.domain.records.promise import PromiseState
from ivr.settings.load import read_environment
from ivr.usecases.scheduler import run as scheduler_run
from tests.cli.patience import eventually
from tests.stories.callbacks.about_to_ring import about_to_ring_her, kept_with_one_call, kill
from tests.stories.callbacks.owed import (
    KEEPS_IT,
    PICKS_UP,
    calls_to,
    fault,
    holds,
    journal,
    promised,
    rung,
    state,
    the_promise,
    until,
)
from tests.stories.people import (
    BRIDGED,
    DIANE,
    HANG_UP,
    LORI,
    TAKES_IT,
    VICKI,
    Script,
    heard_by,
    listen,
    press,
    wraps_up,
)

WORDLESS: Script = [listen("to hear it"), press("1"), BRIDGED, *wraps_up()]
"""Somebody who hears the brief and does not decide before the test presses 1 for them."""


def the_agent_accepts(stage: Stage) -> None:
    """Without waiting for what follows."""
    assert stage.play(30, until=lambda: any("They say" in words for words in heard_by(stage, DIANE)))
    leg = next(e["call"] for e in stage.read_emulator_log() if e["kind"] == "dialled" and e["to"] == DIANE)
    stage.call_control_api("POST", f"/emulator/legs/{leg}/press", {"keys": "1"})


@contextmanager
def stopped(stage: Stage, name: str) -> Iterator[None]:
    pid = stage.line_supervisor.pid(name)
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


@pytest.mark.parametrize(
    ("what", "status", "soon"),
    [
        ("lose_response", 500, True),
        ("error_after", 500, True),
        ("error_after", 503, True),
        ("rate_limit", 429, True),
        ("error", 500, False),
        ("drop", 500, False),
    ],
    ids=[
        "made, answer lost",
        "made, 500",
        "made, 503",
        "429",
        "500, nothing done",
        "no answer, nothing done",
    ],
)
def test_one_call_is_made_whatever_twilio_answers_and_an_unclear_answer_is_looked_into_first(
    stage: Stage, what: str, status: int, *, soon: bool
) -> None:
    about_to_ring_her(stage)
    fault(stage, "rest", what, match="Calls.json$", status=status)
    until(stage, 60, PromiseState.DIALING)
    began = stage.now
    kept_with_one_call(stage)
    waited = calls_to(stage, LORI)[0][0] - began
    assert (waited < 5) if soon else (60 <= waited < 70)


def test_a_call_that_no_webhook_tells_of_is_found_in_twilios_list_and_not_repeated(stage: Stage) -> None:
    about_to_ring_her(stage)
    stage.set_phone(LORI, name="Lori", answers=False)
    fault(stage, "rest", "error_after", match="Calls.json$", status=503)  # unavailable: yet it was made
    fault(stage, "callback", "drop", match="callback-status", times=-1)
    assert stage.play(200, until=lambda: the_promise(stage).attempts == 1)
    assert rung(stage) == 1
    assert journal(stage, "attempt failed")[0]["why"] == "no answer"
    stage.call_control_api("DELETE", "/emulator/faults")
    stage.set_phone(LORI, name="Lori", script=PICKS_UP)
    until(stage, 600, PromiseState.KEPT)
    assert rung(stage) == 2
    holds(stage)


def test_a_call_in_the_list_that_is_known_already_is_not_taken_for_the_one_that_is_unclear(
    stage: Stage,
) -> None:
    about_to_ring_her(stage, [*TAKES_IT[:4], listen("I am ringing them"), HANG_UP])
    stage.set_phone(LORI, name="Lori", answers=False)
    until(stage, 60, PromiseState.DIALING)
    stage.set_agent_state("Diane", AgentState.AWAY)  # once she has hung up
    assert stage.play(30, until=lambda: state(stage) is not PromiseState.DIALING)
    stage.set_phone(LORI, name="Lori", script=PICKS_UP)
    stage.add_agent("Vicki", VICKI, KEEPS_IT)
    until(stage, 60, PromiseState.RINGING)
    stage.play(1)
    fault(stage, "rest", "drop", match="Calls.json$")
    until(stage, 60, PromiseState.DIALING)
    kept = until(stage, 400, PromiseState.KEPT)
    assert kept.attempts == 0
    assert rung(stage) == 2
    holds(stage)


def test_a_worker_killed_after_the_intent_and_before_the_call_costs_time_and_nothing_else(
    stage: Stage,
) -> None:
    about_to_ring_her(stage)
    fault(stage, "rest", "drop", match="Calls.json$")
    until(stage, 60, PromiseState.DIALING)
    kill(stage, "callbacks")
    kept_with_one_call(stage)


@pytest.mark.parametrize("seconds", [3, 40], ids=["taken soon after", "taken late"])
def test_a_worker_killed_while_twilio_takes_the_call_does_not_make_another(
    stage: Stage, seconds: int
) -> None:
    about_to_ring_her(stage, WORDLESS)
    fault(stage, "rest", "slow", match="Calls.json$", seconds=seconds)
    the_agent_accepts(stage)
    eventually(lambda: the_promise(stage).intent_at > 0)
    kill(stage, "callbacks")
    kept_with_one_call(stage)


def test_a_worker_killed_after_the_call_was_made_changes_nothing(stage: Stage) -> None:
    about_to_ring_her(stage)
    until(stage, 60, PromiseState.DIALING)
    kill(stage, "callbacks")
    kill(stage, "offers")
    kept_with_one_call(stage)


def test_a_job_that_dies_with_the_worker_that_took_it_costs_a_grace_period(stage: Stage) -> None:
    about_to_ring_her(stage, WORDLESS)
    os.kill(stage.line_supervisor.pid("callbacks"), signal.SIGSTOP)  # Redis hands it the job all the same
    the_agent_accepts(stage)
    eventually(lambda: state(stage) is PromiseState.DIALING)
    kill(stage, "callbacks")
    began = stage.now
    kept_with_one_call(stage)
    assert calls_to(stage, LORI)[0][0] - began < 10


def test_a_clock_that_is_killed_is_back_and_nothing_is_forgotten(stage: Stage) -> None:
    promised(stage)
    kill(stage, "scheduler")
    stage.set_phone(LORI, name="Lori", script=PICKS_UP)
    stage.add_agent("Diane", DIANE, KEEPS_IT)
    until(stage, 60, PromiseState.DIALING)
    kill(stage, "scheduler")
    kept_with_one_call(stage)


def test_many_bells_and_two_reconcilers_make_one_call(stage: Stage) -> None:
    about_to_ring_her(stage, WORDLESS)
    member = the_promise(stage).key
    with stopped(stage, "callbacks"):
        the_agent_accepts(stage)
        for _ in range(20):
            stage.services.jobs.enqueue(member)
            scheduler_run.enqueue_due(stage.services)
    kept_with_one_call(stage)


def test_two_workers_on_one_queue_make_one_call(stage: Stage) -> None:
    about_to_ring_her(stage, WORDLESS)
    env = {**read_environment(), **stage.env}
    argv = ivr_command("worker", "callbacks")
    with stopped(stage, "callbacks"), subprocess.Popen(argv, env=env, stdout=-3, stderr=-3) as second:
        try:
            the_agent_accepts(stage)
            for _ in range(20):
                stage.services.jobs.enqueue(the_promise(stage).key)
            os.kill(stage.line_supervisor.pid("callbacks"), signal.SIGCONT)
            kept_with_one_call(stage)
        finally:
            second.kill()
