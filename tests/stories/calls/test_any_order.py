"""People who press and hang up whenever they like, on a network that loses things: drawn at random, each seed the same play again.

Whatever comes of it, no caller sits in silence, every contact ends with an outcome and every agent is free again.
"""

from __future__ import annotations

import random

import pytest

from ivr.cli.demo.stage import Stage
from ivr.domain.records.agent import AgentState
from tests.stories.people import (
    DANIELLE,
    DIANE,
    LORI,
    TAKES_IT,
    VICKI,
    Script,
    contacts,
    pause,
    press,
    wraps_up,
)
from tests.stories.watch import act, fault, live_legs, play, state_of, to_the_end

OTHER = "+12025550156"
AGENTS = {"Diane": DIANE, "Vicki": VICKI, "Danielle": DANIELLE}
FAULTS = (
    ("callback", "drop", "/voice/conference-events/"),
    ("callback", "twice", "/voice/"),
    ("callback", "late", "/voice/agent-status/"),
    ("callback", "reorder", "/voice/"),
    ("rest", "error", "Calls/CA"),
    ("rest", "drop", "Calls/CA"),
    ("rest", "lose_response", "Calls/CA"),
    ("rest", "error", "Participants"),
    ("webhook", "lose_response", "/voice/agent/"),
)


def whims(draw: random.Random) -> Script:
    """What an agent does: the brief, the talk, * and keys, with pauses; sometimes they are gone in the middle."""
    script: Script = [*TAKES_IT]
    for _ in range(draw.randint(0, 3)):
        script += [pause(draw.uniform(1, 12)), press("*"), pause(draw.uniform(1, 9))]
        script += [press(draw.choice("12345"))]
        if draw.random() < 0.6:
            script += [pause(draw.uniform(1, 4)), press(draw.choice(["101#", "102#", "103#"]))]
    if draw.random() < 0.4:
        return [*script, pause(draw.uniform(0, 10)), {"do": "hang_up"}]
    return [*script, *wraps_up()]


@pytest.mark.parametrize("seed", range(2))
def test_whatever_people_do_nobody_is_left_behind(stage: Stage, seed: int) -> None:
    draw = random.Random(seed)
    for name, number in AGENTS.items():
        stage.add_agent(name, number, whims(draw))
        if draw.random() < 0.3:
            stage.set_phone(
                number, name=name, answers=draw.random() < 0.5, after=draw.uniform(1, 20), script=whims(draw)
            )
    for number in (LORI, OTHER):
        stage.call_line(number, [pause(3000)])
        play(stage, draw.uniform(0, 20))
    for _ in range(draw.randint(4, 14)):
        play(stage, draw.uniform(0.2, 15))
        if draw.random() < 0.3:
            where, what, match = draw.choice(FAULTS)
            fault(stage, where, what, match, times=draw.randint(1, 3), seconds=draw.uniform(1, 6))
        _somebody_does_something(stage, draw)
    _everybody_goes_home(stage)
    to_the_end(stage, 3600)
    assert len(contacts(stage)) == 2, state_of(stage)


def _somebody_does_something(stage: Stage, draw: random.Random) -> None:
    who = draw.choice([LORI, OTHER, *AGENTS.values()])
    legs = [leg for leg in live_legs(stage, who) if leg["status"] == "in-progress"]
    if len(legs) != 1:
        return
    if draw.random() < 0.25:
        act(stage, who, "hang_up")
    else:
        act(stage, who, "press", keys=draw.choice(["1", "2", "3", "1", "*", "0"]))


def _everybody_goes_home(stage: Stage) -> None:
    """Callers hang up; agents take no new calls, and say how the last one went when they are rung for it."""
    for number in (LORI, OTHER):
        for leg in live_legs(stage, number):
            if number == leg["from"]:
                stage.call_control_api("POST", f"/emulator/legs/{leg['sid']}/hang_up", {})
        stage.set_phone(number, answers=False)
    stage.call_control_api("DELETE", "/emulator/faults")
    for name, number in AGENTS.items():
        stage.set_phone(number, name=name, answers=False)
        stage.set_agent_state(name, AgentState.AWAY)
    play(stage, 200)
    for leg in live_legs(stage):
        stage.call_control_api("POST", f"/emulator/legs/{leg['sid']}/hang_up", {})
