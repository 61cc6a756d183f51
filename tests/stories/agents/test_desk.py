"""The desk: every click does what the phone's key would have done, and the phone goes on from there."""

from __future__ import annotations

import pytest

from ivr.cli.demo.stage import Stage
from ivr.domain.records.agent_leg import LegResult, LegState
from ivr.domain.records.contact import Outcome
from ivr.telephony.reply import Redirect
from ivr.usecases.agents.ringing import accept as say_yes
from ivr.usecases.desk import actions as desk_actions
from ivr.usecases.desk.guards import ActionNotPossible
from ivr.usecases.scheduler import dispatch
from tests.known_leg import known_leg
from tests.stories.agents.desk_playing import PATIENT, asked, talking
from tests.stories.people import (
    AT_DESK,
    DIANE,
    LORI,
    TAKES_IT,
    VICKI,
    pause,
    wraps_up,
)
from tests.stories.watch import (
    fault,
    hangs_up,
    live_legs,
    offered,
    offers,
    play,
    presses,
    reach,
    to_the_end,
    together,
    was_told,
)


def test_accepted_before_the_phone_is_picked_up_they_are_joined_as_it_is(stage: Stage) -> None:
    talking(stage)
    assert not was_told(stage, DIANE, "to hear it")
    hangs_up(stage, LORI)
    reach(stage, lambda s: was_told(s, DIANE, "How did it end"), 30)
    presses(stage, DIANE, "1")
    assert to_the_end(stage).outcome is Outcome.HELPED


def test_a_voicemail_that_picks_up_after_they_accepted_presses_nothing_and_does_not_get_the_caller(
    stage: Stage,
) -> None:
    stage.add_agent("Diane", DIANE, [pause(3000)])
    stage.call_line(LORI, PATIENT)
    reach(stage, offered("Diane", LegState.RINGING))
    desk_actions.accept(stage.services, "diane", asked(stage, "diane"))
    stage.add_agent("Vicki", VICKI, [*TAKES_IT, pause(5), *wraps_up()])
    reach(stage, lambda s: was_told(s, DIANE, "Press 1, and you are with the caller"), 30)
    reach(stage, together(VICKI, LORI), 120)
    assert not was_told(stage, DIANE, "Lori")


def test_accepted_while_the_phone_tells_the_brief_they_are_joined_at_once(stage: Stage) -> None:
    stage.add_agent("Diane", DIANE, AT_DESK)
    stage.call_line(LORI, PATIENT)
    reach(stage, lambda s: was_told(s, DIANE, "to hear it"))
    desk_actions.accept(stage.services, "diane", asked(stage, "diane"))
    reach(stage, together(DIANE, LORI), 3)
    with pytest.raises(ActionNotPossible, match="not being asked"):
        desk_actions.accept(stage.services, "diane", asked(stage, "diane"))


def test_a_key_and_a_click_in_the_same_instant_are_one_yes(stage: Stage) -> None:
    stage.add_agent("Diane", DIANE, AT_DESK)
    stage.call_line(LORI, PATIENT)
    reach(stage, lambda s: was_told(s, DIANE, "Press 1 to take it"))
    as_read = known_leg(
        stage.services, offers(stage)[0].id
    )  # by the webhook of the key, before the click was written
    desk_actions.accept(stage.services, "diane", as_read.leg.id)
    assert isinstance(say_yes(stage.services, as_read).verb, Redirect)
    reach(stage, together(DIANE, LORI), 10)


@pytest.mark.parametrize("when", [LegState.RINGING, LegState.BRIEFING])
def test_declined_the_phone_is_left_alone_and_the_next_is_asked(stage: Stage, when: LegState) -> None:
    stage.add_agent("Diane", DIANE, AT_DESK)
    stage.call_line(LORI, PATIENT)
    reach(stage, offered("Diane", when))
    stage.add_agent("Vicki", VICKI, [*TAKES_IT, pause(5), *wraps_up()])
    desk_actions.decline(stage.services, "diane", asked(stage, "diane"))
    reach(stage, together(VICKI, LORI), 60)
    assert not live_legs(stage, DIANE)
    assert {o.result for o in offers(stage) if o.agent == "diane"} == {LegResult.DECLINED}
    with pytest.raises(ActionNotPossible):
        desk_actions.decline(stage.services, "diane", asked(stage, "diane"))


def test_a_caller_who_has_left_is_not_accepted(stage: Stage) -> None:
    stage.add_agent("Diane", DIANE, AT_DESK)
    stage.call_line(LORI, PATIENT)
    reach(stage, lambda s: was_told(s, DIANE, "to hear it"))
    hangs_up(stage, LORI)
    play(stage, 2)
    with pytest.raises(ActionNotPossible):
        desk_actions.accept(stage.services, "diane", asked(stage, "diane"))


def test_held_and_taken_back(stage: Stage) -> None:
    talking(stage)
    desk_actions.hold(stage.services, "diane")
    reach(stage, lambda s: was_told(s, LORI, "hold"), 15)
    reach(stage, lambda s: was_told(s, DIANE, "5 if you are done"), 30)
    desk_actions.return_to_caller(stage.services, "diane")
    reach(stage, together(DIANE, LORI), 5)
    with pytest.raises(ActionNotPossible, match="not on hold"):
        desk_actions.return_to_caller(stage.services, "diane")


def test_a_leg_is_sent_for_once_however_many_look(stage: Stage) -> None:
    """A second redirect would take it out of where the first has led it."""
    talking(stage)
    offer = asked(stage, "diane")
    (leg,) = live_legs(stage, DIANE)
    fault(stage, "webhook", "late", f"/voice/agent/{offer}/", seconds=2)  # it is on its way
    desk_actions.hold(stage.services, "diane")
    for _ in range(4):
        dispatch.process_due(stage.services, f"agent_leg:{offer}")
    stage.settle()
    redirects = [
        e
        for e in stage.read_emulator_log()
        if e["kind"] == "rest" and e["path"].endswith(f"/Calls/{leg['sid']}.json")
    ]
    assert len([e for e in redirects if e["method"] == "POST"]) == 1


def test_a_leg_that_came_by_itself_is_not_sent_for_once_more(stage: Stage) -> None:
    """Two clicks upon each other: the leg, on its way because of the first, comes to what the second has made of it."""
    talking(stage)
    offer = asked(stage, "diane")
    (leg,) = live_legs(stage, DIANE)
    fault(stage, "webhook", "late", f"/voice/agent/{offer}/", seconds=1)
    desk_actions.hold(stage.services, "diane")
    stage.settle()
    desk_actions.return_to_caller(stage.services, "diane")
    reach(stage, together(DIANE, LORI), 5)
    play(stage, 15)
    assert together(DIANE, LORI)(stage)
    redirects = [
        e
        for e in stage.read_emulator_log()
        if e["kind"] == "rest" and e["path"].endswith(f"/Calls/{leg['sid']}.json")
    ]
    assert len([e for e in redirects if e["method"] == "POST"]) == 1
