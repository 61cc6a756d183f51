"""A record is restored from a backup: nobody is rung for what was done since, and what was promised since is found."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from click.testing import CliRunner

from ivr.cli.data import snapshot
from ivr.cli.data.backup import _begin_quarantine
from ivr.cli.data.quarantine import quarantine as command
from ivr.cli.demo.stage import Stage
from ivr.cli.serve.embedded_redis import EmbeddedRedis
from ivr.cli.serve.supervisor import Supervisor
from ivr.cli.serve.up import add_redis
from ivr.domain.records.agent import AgentState
from ivr.domain.records.contact import Outcome
from ivr.domain.records.promise import Promise, PromiseState
from ivr.domain.records.quarantine import QuarantineState
from ivr.usecases.integrity.check import check_integrity
from ivr.usecases.quarantine import state as quarantine_state
from tests.stories.callbacks.owed import KEEPS_IT, PICKS_UP, free, over, promised, rung, text
from tests.stories.operations.breakable import broken
from tests.stories.operations.outage import catch_up, set_clock
from tests.stories.people import (
    BOSS,
    BRIDGED,
    DIANE,
    HANG_UP,
    LORI,
    contacts,
    pause,
    promises,
    texts_to,
)

__all__ = ["broken"]

BUSY, NO, LATER, HELPED, FRESH = (
    "+12025550156", "+12025550157", "+12025550158", "+12025550159", "+12025550160"
)  # fmt: skip


@pytest.fixture
def stage(broken: Stage) -> Stage:
    return broken


def of(stage: Stage, number: str) -> Promise:
    return next(p for p in promises(stage) if p.number == number)


def swap(stage: Stage, backup: Path) -> None:
    """The record's server is stopped, and comes back as it was in the backup.

    The hand-driven clock is in the record too. It is set right before the scheduler reads it: real time does not go back.
    """
    folder = stage.folder / "redis"
    scheduler = stage.line_supervisor.pid("scheduler")
    os.kill(scheduler, signal.SIGSTOP)
    stage.redis_supervisor.stop()
    folder.rename(stage.folder / "lost")
    snapshot.restore(backup, folder, _begin_quarantine)
    stage.redis_supervisor = Supervisor(out=stage.out)
    add_redis(stage.redis_supervisor, EmbeddedRedis(folder=folder))
    stage.redis_supervisor.start()
    set_clock(stage)
    os.kill(scheduler, signal.SIGCONT)
    catch_up(stage)


def meanwhile(stage: Stage) -> None:
    """What the backup does not know of: one kept, one tried, one declined, one helped, one promised."""
    text(stage, "NO", number=NO)
    stage.set_phone(LORI, name="Lori", script=PICKS_UP)
    stage.set_phone(BUSY, name="Busy", answers=False)
    stage.set_agent_state("Diane")
    assert stage.play(
        900,
        until=lambda: (
            of(stage, LORI).state is PromiseState.KEPT
            and of(stage, BUSY).attempts == 1
            and free(stage, "diane")
        ),
    )
    helped = stage.call_line(HELPED, [BRIDGED, pause(30), HANG_UP])
    assert stage.play(200, until=lambda: over(stage, helped) and free(stage, "diane"))
    stage.set_agent_state("Diane", AgentState.AWAY)
    promised(stage, number=LATER)
    stage.play(10)


def test_an_older_record_rings_nobody_again_and_finds_what_was_promised_since(stage: Stage) -> None:
    stage.add_agent("Diane", DIANE, KEEPS_IT)
    stage.set_agent_state("Diane", AgentState.AWAY)
    stage.add_agent("Boss", BOSS, [], supervisor=True)
    stage.set_agent_state("Boss", AgentState.AWAY)
    for number in (LORI, BUSY, NO):
        promised(stage, number=number)
    made = snapshot.make(stage.services.store.redis, stage.folder / "backup")
    assert made.counts["open promises"] == 3
    meanwhile(stage)
    calls = {n: rung(stage, n) for n in (LORI, BUSY, NO, LATER, HELPED)}
    said = {n: texts_to(stage, n) for n in calls}

    swap(stage, stage.folder / "backup")
    store = stage.services.store
    assert stage.play(120, until=lambda: looked(stage))
    found = {(one.kind, one.needs_review) for one in quarantine_state.list_findings(store)}
    assert found == {
        ("kept", False),
        ("tried", False),
        ("text came", False),
        ("talked", False),
        ("rang: promised", False),
    }
    assert of(stage, LORI).state is PromiseState.KEPT
    assert (of(stage, BUSY).state, of(stage, BUSY).attempts) == (PromiseState.MADE, 1)
    assert of(stage, NO).state is PromiseState.DECLINED
    assert [c.outcome for c in contacts(stage) if c.caller.number == HELPED] == [Outcome.HELPED]
    assert of(stage, LATER).state is PromiseState.MADE, "lost, and owed again"

    # callers are served, and nobody is rung or texted for what is old
    assert stage.play(60, until=lambda: any("was restored" in t for t in texts_to(stage, BOSS)))
    stage.set_agent_state("Diane")
    fresh = stage.call_line(FRESH, [BRIDGED, pause(20), HANG_UP])
    assert stage.play(400, until=lambda: over(stage, fresh) and free(stage, "diane"))
    assert [c.outcome for c in contacts(stage) if c.caller.number == FRESH] == [Outcome.HELPED]
    stage.play(300)
    assert {n: rung(stage, n) for n in calls} == calls
    assert {n: texts_to(stage, n) for n in calls} == said
    shown = CliRunner().invoke(command, ["show"], env=stage.env)
    assert shown.exit_code == 1, shown.output
    assert "ivr quarantine lift" in shown.output

    stage.set_phone(LATER, name="Later", script=PICKS_UP)
    lifted = CliRunner().invoke(command, ["lift", "--by", "Madonna"], env=stage.env)
    assert "Lifted by Madonna" in lifted.output
    assert stage.play(900, until=lambda: of(stage, LATER).state is PromiseState.KEPT)
    stage.play(300)
    assert rung(stage, LORI) == calls[LORI], "she was not rung again"
    assert rung(stage, NO) == 0
    assert {v.problem for v in check_integrity(stage.services).violations} == set()


def looked(stage: Stage) -> bool:
    held = quarantine_state.get_current(stage.services.store)
    return held is not None and held.state is QuarantineState.REVIEWED
