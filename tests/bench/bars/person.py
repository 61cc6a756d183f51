"""To a person: the default flow, an agent free, nothing pressed. Seconds of the emulator's clock, from its own log."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ivr.cli.demo.stage import Stage
from tests.bench import ground
from tests.bench.figures import Figure, Run, progress
from tests.stories.people import BRIDGED, DIANE, HANG_UP, LORI, TAKES_IT, all_ended, pause, wraps_up

MONDAY_TWO_PM = 1795460400.0  # 23 November 2026 in New York
NOTE = "Her suitcase is in the delivery van in Albany and should be with her within the hour"
ACCEPT = "Press 1 to take it"
WORDS_PER_SECOND = 2.7  # as fast as the emulator speaks

Entry = dict[str, Any]


@dataclass(kw_only=True)
class Way:
    """Seconds, by round."""

    rings: list[float] = field(default_factory=list)  # from the answer to the agent's first ring
    brief: list[float] = field(default_factory=list)  # from the key that asks for it to its last word
    spoken: list[float] = field(default_factory=list)  # until ACCEPT has been said


def measure(run: Run) -> list[Figure]:
    ways = {"a new caller": Way(), "a caller who is known": Way()}
    with ground.folder() as place, (place / "line.log").open("w") as out:
        stage = Stage(folder=place, start_time=MONDAY_TWO_PM, out=out)
        stage.start_up()
        try:
            for _ in range(run.pick(5, 2)):
                stage.reset(MONDAY_TWO_PM)
                stage.add_agent("Diane", DIANE, [*TAKES_IT, *wraps_up(NOTE)])
                for who, way in ways.items():
                    _add(way, _call(stage))
                    progress(f"{who}: rings after {way.rings[-1]} s, brief {way.brief[-1]} s")
        finally:
            stage.shut_down()
    return [figure for who, way in ways.items() for figure in _figures(who, way)]


def _call(stage: Stage) -> list[Entry]:
    """One call, from the first ring until the agent has said how it went; the log of it."""
    seen = len(stage.read_emulator_log())
    stage.call_line(LORI, [BRIDGED, pause(20), HANG_UP])
    if not stage.play(400, until=lambda: all_ended(stage)):
        raise AssertionError("The call did not end")
    stage.play(60)
    return [e for e in stage.read_emulator_log() if e["n"] > seen]


def _add(way: Way, log: list[Entry]) -> None:
    asked = _at(log, "pressed", "Diane")  # the key after "press 1 to hear it": the brief begins
    choices = float(next(e for e in log if e["kind"] == "said" and e["words"].startswith(ACCEPT))["began"])
    way.rings.append(round(_at(log, "ringing", "Diane") - _at(log, "answered", LORI), 2))
    way.brief.append(round(choices - asked, 2))
    way.spoken.append(choices + len(ACCEPT.split()) / WORDS_PER_SECOND - asked)


def _figures(who: str, way: Way) -> list[Figure]:
    """The worst of the rounds: the clock is the emulator's, so they should all be alike."""
    said = f'until its last word; "{ACCEPT}" has been said after {max(way.spoken):.1f} s; 1 counts from its first word'
    return [
        Figure(
            name=f"to a person: answer to ring, {who}",
            value=max(way.rings),
            unit=" s",
            bar=10.0,
            note=f"the worst; rounds {', '.join(f'{seconds:g}' for seconds in way.rings)}",
        ),
        Figure(name=f"to a person: brief, {who}", value=max(way.brief), unit=" s", bar=8.0, note=said),
    ]


def _at(log: list[Entry], kind: str, who: str) -> float:
    return float(next(e["epoch"] for e in log if e["kind"] == kind and e["who"] == who))
