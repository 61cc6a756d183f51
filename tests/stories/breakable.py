"""A line of our own, to be broken, and what is asked of it afterwards. Import `theatre` and `broken` where it is needed."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ivr.cli.stage import Stage
from tests.conftest import MONDAY_TWO_PM
from tests.stories.outage import (
    GRACE,
    HANK,
    drained,
    misplaced,
)
from tests.stories.people import (
    BRIDGED,
    HANG_UP,
    Script,
    listen,
    pause,
    press,
    speak,
)

SLOW = 5000.0  # milliseconds; Twilio waits for 15 seconds. Meant are 2 s: see the property that is recorded
TAKES_FALLBACK: Script = [listen("Press 1 to take it"), press("1"), BRIDGED, pause(10), HANG_UP]
VOICEMAIL: Script = [speak("You have reached Grace, please leave a message after the tone"), pause(60)]
ASKS_FOR_A_PERSON: Script = [listen("press"), press("0")]


@pytest.fixture(scope="module")
def theatre() -> Iterator[Stage]:
    """A line of our own, to be broken."""
    with tempfile.TemporaryDirectory(prefix="calor-") as name, (Path(name) / "line.log").open("w") as out:
        extra = {"IVR_FALLBACK_NUMBERS": f"{GRACE},{HANK}"}
        stage = Stage(folder=Path(name), start=MONDAY_TWO_PM, out=out, extra=extra)
        stage.raise_curtain()
        try:
            yield stage
        finally:
            stage.drop_curtain()


@pytest.fixture
def broken(theatre: Stage) -> Iterator[Stage]:
    drained(theatre)
    theatre.reset(MONDAY_TWO_PM)
    yield theatre
    assert misplaced(theatre) == []


def talked_with(stage: Stage, number: str) -> bool:
    """Whoever picked up there pressed 1, and only then were they joined."""
    asked = [e for e in stage.log() if e["kind"] == "webhook" and "/fallback/confirmed" in e["url"]]
    return any(e["params"]["To"] == number and e["params"].get("Digits") == "1" for e in asked)
