"""A policy by ear: who asks to hear all of it is not taken off the call while it is read."""

from __future__ import annotations

from ivr.cli.demo.stage import Stage
from ivr.domain.records.agent import AgentState
from tests.stories.people import DIANE, LORI, listen, pause, press, speak
from tests.stories.watch import play, reach, together, was_told


def test_the_whole_brief_with_its_policy_is_heard_before_they_say_yes(stage: Stage) -> None:
    asks = [listen("to hear it"), press("1"), listen("Press 1 to take it"), press("3"), pause(3000)]
    stage.add_agent("Diane", DIANE, asks)
    stage.set_agent_state("Diane", AgentState.AWAY)
    stage.call_line(LORI, [listen("what is it about"), speak("My suitcase did not arrive"), pause(3000)])
    reach(stage, lambda s: was_told(s, LORI, "You are number"), 60)
    stage.set_agent_state("Diane")
    reach(stage, lambda s: was_told(s, DIANE, "photographed and texted to this number"), 120)
    stage.call_control_api("POST", f"/emulator/legs/{_leg(stage)}/press", {"keys": "3"})  # once more
    play(stage, 40)
    stage.call_control_api("POST", f"/emulator/legs/{_leg(stage)}/press", {"keys": "1"})
    reach(stage, together(DIANE, LORI), 10)


def _leg(stage: Stage) -> str:
    legs = stage.call_control_api("GET", "/emulator/legs?alive")["legs"]
    return next(str(leg["sid"]) for leg in legs if leg["to"] == DIANE)
