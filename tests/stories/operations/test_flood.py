"""A small line under attack: made-up callers fill it, a customer rings again and again, few calls a second may be started."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from ivr.cli.demo.stage import OUR_NUMBER, Stage
from ivr.domain.records.contact import ContactState, Outcome
from ivr.domain.records.promise import ENDED, PromiseState
from ivr.usecases.integrity import check as integrity_check
from tests.conftest import MONDAY_TWO_PM
from tests.memory import in_memory
from tests.stories.callbacks.owed import KEEPS_IT, PICKS_UP, calls_to, holds, over
from tests.stories.people import DIANE, HANG_UP, LORI, contacts, heard_by, listen, pause, press, promises
from tests.stories.watch import play

STRANGERS = [f"+1202555{n:04}" for n in range(300, 309)]
AN_HOUR = 4
UNATTESTED = {"stir": "No-TN-Validation"}


@pytest.fixture(scope="module")
def small() -> Iterator[Stage]:
    """Three may wait, one call a second is started, four strangers an hour are promised a call."""
    with tempfile.TemporaryDirectory(prefix="calor-", dir=in_memory()) as folder:
        place = Path(folder)
        shutil.copytree("flows", place / "flows")
        queues = place / "flows" / "queues.yaml"
        queues.write_text(queues.read_text().replace("max_waiting: 500", "max_waiting: 3"))
        extra = {
            "IVR_FLOWS": str(place / "flows"),
            "IVR_CALLS_PER_SECOND": "1",
            "IVR_UNVERIFIED_CALLBACKS_PER_HOUR": str(AN_HOUR),
        }
        with (place / "line.log").open("w") as out:
            stage = Stage(folder=place, start_time=MONDAY_TWO_PM, out=out, extra_settings=extra)
            stage.start_up()
            try:
                yield stage
            finally:
                stage.shut_down()


def test_a_flood_fills_the_line_and_the_customer_is_called_back_all_the_same(small: Stage) -> None:
    stage = small
    waits = [pause(90), HANG_UP]
    flood = [stage.call_line(number, waits, **UNATTESTED) for number in STRANGERS[:6]]
    play(stage, 30)
    in_line = [c for c in contacts(stage) if c.state is ContactState.WAITING]
    assert len(in_line) == 3, "as many as may"
    turned = [
        number for number in STRANGERS[:6] if "More people are waiting" in " ".join(heard_by(stage, number))
    ]
    assert len(turned) == 3, "and the others have a choice"

    asks = [listen("More people are waiting", 60), press("0"), pause(8), HANG_UP]
    calls = [stage.call_line(LORI, asks)]
    play(stage, 12)
    calls.append(stage.call_line(LORI, [pause(40), HANG_UP]))  # once more, as people do
    assert play(stage, 300, lambda s: all(over(s, sid) for sid in flood + calls))
    assert len([p for p in promises(stage) if p.number == LORI]) == 1
    assert {c.outcome for c in contacts(stage)} == {Outcome.PROMISED}

    for number in (LORI, *STRANGERS):
        stage.set_phone(number, name=number, script=PICKS_UP)
    stage.add_agent("Diane", DIANE, KEEPS_IT)
    lori = lambda s: next(p for p in promises(s) if p.number == LORI).state is PromiseState.KEPT  # noqa: E731
    assert play(stage, 1500, lori), [(p.number, p.state) for p in promises(stage)]
    rung = [number for number in STRANGERS if calls_to(stage, number)]
    assert len(rung) <= AN_HOUR, "what made-up callers cost an hour is bounded"
    began = sorted(
        e["epoch"] for e in stage.read_emulator_log() if e["kind"] == "dialled" and e["from"] == OUR_NUMBER
    )
    assert all(later - sooner >= 0.99 for sooner, later in pairwise(began)), (
        "no faster than the account allows"
    )
    owed = [p for p in promises(stage) if p.state not in ENDED]
    assert all(p.number in STRANGERS for p in owed)
    holds(stage)
    assert integrity_check.check_integrity(stage.services).violations == ()
