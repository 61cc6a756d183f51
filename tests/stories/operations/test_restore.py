"""A record is restored from a backup: nobody is rung for what was done since, and what was promised since is found."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from click.testing import CliRunner

from ivr.cli.data import snapshot
from ivr.cli.data.backup import _mark
from ivr.cli.data.quarantine import quarantine as command
from ivr.cli.demo.stage import Stage
from ivr.cli.serve.embedded_redis import Embedded
from ivr.cli.serve.supervisor import Supervisor
from ivr.cli.serve.up import add_record
from ivr.domain.records.agent import AgentState
from ivr.domain.records.contact import Outcome
from ivr.domain.records.promise import Promise, PromiseState
from ivr.domain.records.quarantine import QuarantineState
from ivr.usecases.integrity.check import audit
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
    scheduler = stage.line.pid("scheduler")
    os.kill(scheduler, signal.SIGSTOP)
    stage.ground.stop()
    folder.rename(stage.folder / "lost")
    snapshot.restore(backup, folder, _mark)
    stage.ground = Supervisor(out=stage.out)
    add_record(stage.ground, Embedded(folder=folder))
    stage.ground.start()
    set_clock(stage)
    os.kill(scheduler, signal.SIGCONT)
    catch_up(stage)


def meanwhile(stage: Stage) -> None:
    """What the backup does not know of: one kept, one tried, one declined, one helped, one promised."""
    text(stage, "NO", number=NO)
    stage.phone(LORI, name="Lori", script=PICKS_UP)
    stage.phone(BUSY, name="Busy", answers=False)
    stage.available("Diane")
    assert stage.play(
        900,
        until=lambda: (
            of(stage, LORI).state is PromiseState.KEPT
            and of(stage, BUSY).attempt == 1
            and free(stage, "diane")
        ),
    )
    helped = stage.dial(HELPED, [BRIDGED, pause(30), HANG_UP])
    assert stage.play(200, until=lambda: over(stage, helped) and free(stage, "diane"))
    stage.available("Diane", AgentState.AWAY)
    promised(stage, number=LATER)
    stage.play(10)


def test_an_older_record_rings_nobody_again_and_finds_what_was_promised_since(stage: Stage) -> None:
    stage.agent("Diane", DIANE, KEEPS_IT)
    stage.available("Diane", AgentState.AWAY)
    stage.agent("Boss", BOSS, [], supervisor=True)
    stage.available("Boss", AgentState.AWAY)
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
    found = {(one.what, one.unclear) for one in quarantine_state.report(store)}
    assert found == {
        ("kept", False),
        ("tried", False),
        ("text came", False),
        ("talked", False),
        ("rang: promised", False),
    }
    assert of(stage, LORI).state is PromiseState.KEPT
    assert (of(stage, BUSY).state, of(stage, BUSY).attempt) == (PromiseState.MADE, 1)
    assert of(stage, NO).state is PromiseState.DECLINED
    assert [c.outcome for c in contacts(stage) if c.number == HELPED] == [Outcome.HELPED]
    assert of(stage, LATER).state is PromiseState.MADE, "lost, and owed again"

    # callers are served, and nobody is rung or texted for what is old
    assert stage.play(60, until=lambda: any("was restored" in t for t in texts_to(stage, BOSS)))
    stage.available("Diane")
    fresh = stage.dial(FRESH, [BRIDGED, pause(20), HANG_UP])
    assert stage.play(400, until=lambda: over(stage, fresh) and free(stage, "diane"))
    assert [c.outcome for c in contacts(stage) if c.number == FRESH] == [Outcome.HELPED]
    stage.play(300)
    assert {n: rung(stage, n) for n in calls} == calls
    assert {n: texts_to(stage, n) for n in calls} == said
    shown = CliRunner().invoke(command, ["show"], env=stage.env)
    assert shown.exit_code == 1, shown.output
    assert "ivr quarantine lift" in shown.output

    stage.phone(LATER, name="Later", script=PICKS_UP)
    lifted = CliRunner().invoke(command, ["lift", "--by", "Madonna"], env=stage.env)
    assert "Lifted by Madonna" in lifted.output
    assert stage.play(900, until=lambda: of(stage, LATER).state is PromiseState.KEPT)
    stage.play(300)
    assert rung(stage, LORI) == calls[LORI], "she was not rung again"
    assert rung(stage, NO) == 0
    assert {v.what for v in audit(stage.services).violations} == set()


def looked(stage: Stage) -> bool:
    held = quarantine_state.current(stage.services.store)
    return held is not None and held.state is QuarantineState.LOOKED
