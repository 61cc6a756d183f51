"""A stage whose parts are taken away, and what is asked of it afterwards. Import `broken` where it is needed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ivr.cli.demo.stage import Stage
from tests.conftest import MONDAY_TWO_PM
from tests.stories.operations.outage import drained, misplaced
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


@pytest.fixture
def broken(running: Stage) -> Iterator[Stage]:
    """The stage of all stories, for one that breaks a part of it: what was written to the spool is read before and after."""
    drained(running)
    running.reset(MONDAY_TWO_PM)
    yield running
    assert misplaced(running) == []
    drained(running)


def talked_with(stage: Stage, number: str) -> bool:
    """Whoever picked up there pressed 1, and only then were they joined."""
    asked = [
        e for e in stage.read_emulator_log() if e["kind"] == "webhook" and "/fallback/confirmed" in e["url"]
    ]
    return any(e["params"]["To"] == number and e["params"].get("Digits") == "1" for e in asked)
