"""A caller who is owed a call, and rings in."""

from __future__ import annotations

from typing import Any

from ivr.cli.demo.stage import Stage
from tests.stories.people import (
    BRIDGED,
    HANG_UP,
    LORI,
    Script,
    listen,
    pause,
    press,
)

ABOUT_THAT: Script = [listen("If it is about that, press 1", 90), press("1"), BRIDGED, pause(15), HANG_UP]


CHOOSES_LATER: Script = [
    listen("Press 2 to choose a time", 120),
    press("2"),
    listen("press 2"),
    press("2"),
    listen("one sentence"),
    pause(12),
]


def rings_in(stage: Stage, script: Script = ABOUT_THAT, **told: Any) -> str:
    return stage.call_line(LORI, script, **told)
