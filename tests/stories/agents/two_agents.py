"""Two agents and a caller."""

from __future__ import annotations

from ivr.cli.demo.stage import Stage
from ivr.domain.records.agent import AgentState
from tests.stories.people import (
    DIANE,
    LORI,
    TAKES_IT,
    VICKI,
    Script,
    listen,
    pause,
    press,
    speak,
)
from tests.stories.watch import (
    reach,
    talking,
)

PATIENT: Script = [pause(3000)]


STAR: Script = [pause(5), press("*"), listen("5 if you are done")]


ASKS_VICKI: Script = [*STAR, press("2"), listen("extension"), press("102#")]


ONLY_A_NOTE: Script = [
    listen("Say what you understood", 600),
    speak("Her suitcase is in Denver"),
    listen("I wrote"),
    press("1"),
]


def two_agents(stage: Stage, first: Script, second: Script, **vicki: object) -> None:
    """Lori talks with Diane; Vicki is free. Nobody takes a call after this one."""
    stage.add_agent("Diane", DIANE, [*TAKES_IT, *first])
    stage.add_agent("Vicki", VICKI, second)
    stage.set_phone(VICKI, name="Vicki", script=second, **vicki)
    stage.set_agent_state("Vicki", AgentState.AWAY)
    stage.call_line(LORI, PATIENT)
    reach(stage, talking)
    stage.set_agent_state("Diane", AgentState.AWAY)
    stage.set_agent_state("Vicki")
