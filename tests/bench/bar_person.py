"""To a person: the default flow, an agent free, nothing pressed. Seconds of the emulator's clock, from its own log."""

from __future__ import annotations

from typing import Any

from ivr.cli.stage import Stage
from tests.bench import ground
from tests.bench.figures import Figure, Run
from tests.stories.people import BRIDGED, DIANE, HANG_UP, LORI, TAKES_IT, all_ended, pause, wraps_up

MONDAY_TWO_PM = 1795460400.0  # 23 November 2026 in New York
NOTE = "Her suitcase is in the delivery van in Albany and should be with her within the hour"
ACCEPT = "Press 1 to take it"
WORDS_PER_SECOND = 2.7  # as fast as the emulator speaks

Entry = dict[str, Any]


def measure(run: Run) -> list[Figure]:
    del run
    found: list[Figure] = []
    with ground.folder() as place, (place / "line.log").open("w") as out:
        stage = Stage(folder=place, start=MONDAY_TWO_PM, out=out)
        stage.raise_curtain()
        try:
            stage.agent("Diane", DIANE, [*TAKES_IT, *wraps_up(NOTE)])
            for who in ("a new caller", "a caller who is known"):
                found += _figures(who, _call(stage))
        finally:
            stage.drop_curtain()
    return found


def _call(stage: Stage) -> list[Entry]:
    """One call, from the first ring until the agent has said how it went; the log of it."""
    seen = len(stage.log())
    stage.dial(LORI, [BRIDGED, pause(20), HANG_UP])
    if not stage.play(400, until=lambda: all_ended(stage)):
        raise AssertionError("The call did not end")
    stage.play(60)
    return [e for e in stage.log() if e["n"] > seen]


def _figures(who: str, log: list[Entry]) -> list[Figure]:
    answered = _at(log, "answered", LORI)
    rings = _at(log, "ringing", "Diane")
    asked = _at(log, "pressed", "Diane")  # the key after "press 1 to hear it": the brief begins
    choices = next(e for e in log if e["kind"] == "said" and e["words"].startswith(ACCEPT))
    until = float(choices["began"])
    spoken = until + len(ACCEPT.split()) / WORDS_PER_SECOND
    return [
        Figure(
            name=f"to a person: answer to ring, {who}", value=round(rings - answered, 2), unit=" s", bar=10.0
        ),
        Figure(
            name=f"to a person: brief, {who}",
            value=round(until - asked, 2),
            unit=" s",
            bar=8.0,
            note=f'until its last word; "{ACCEPT}" has been said after {spoken - asked:.1f} s; 1 counts from its first word',
        ),
    ]


def _at(log: list[Entry], kind: str, who: str) -> float:
    return float(next(e["epoch"] for e in log if e["kind"] == kind and e["who"] == who))
