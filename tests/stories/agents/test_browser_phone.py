"""An agent who answers in the browser: the same call, with a click where a telephone needs a key."""

from __future__ import annotations

from ivr.cli.demo.stage import Stage
from ivr.domain.actor import SYSTEM
from ivr.usecases.agents import device
from tests.stories.people import BRIDGED, DIANE, LORI, listen, pause, press, wraps_up
from tests.stories.watch import reach, to_the_end, together, was_told

HERS = "client:diane"


def test_the_brief_follows_the_click_and_no_key_is_asked_for_first(stage: Stage) -> None:
    stage.add_agent("Diane", DIANE, [])
    device.choose_device(stage.services, "diane", browser=True, actor=SYSTEM)
    stage.set_phone(HERS, script=[listen("Press 1 to take it"), press("1"), BRIDGED, *wraps_up()])
    stage.call_line(LORI, [BRIDGED, pause(30), {"do": "hang_up"}])
    reach(stage, together(HERS, LORI))
    assert not was_told(stage, HERS, "to hear it")
    assert to_the_end(stage).disposition == "helped"
