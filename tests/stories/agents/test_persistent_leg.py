"""Staying on the line: the next caller is there in an instant, and whatever goes wrong the phone rings as it always did."""

from __future__ import annotations

import pytest

from ivr.cli.demo.stage import Stage
from ivr.domain.actor import SYSTEM
from ivr.domain.errors import CalorError
from ivr.domain.records.agent import Agent, AgentState
from ivr.domain.records.agent_leg import LegState, MonitoringMode
from ivr.domain.records.contact import Outcome
from ivr.usecases.agents import monitoring, persistent_leg
from ivr.usecases.desk import actions as desk_actions
from ivr.usecases.staff import roster
from tests.stories.people import DANIELLE, DIANE, LORI, TAKES_IT, contacts, listen, pause, press, wraps_up
from tests.stories.watch import (
    agent,
    fault,
    hangs_up,
    hears,
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

OTHER = "+12025550156"


def legs_of(stage: Stage, number: str) -> int:
    found = stage.call_control_api("GET", "/emulator/legs")["legs"]
    return len([leg for leg in found if leg["to"] == number])


@pytest.fixture
def staying(stage: Stage) -> Stage:
    """Diane is on the line, and nobody calls."""
    stage.add_agent("Diane", DIANE, [listen("stay on the line"), press("1"), pause(3000)])
    persistent_leg.start(stage.services, "diane", SYSTEM)
    reach(stage, lambda s: was_told(s, DIANE, "You are on the line"), 30)
    assert agent(stage, "Diane").state is AgentState.AVAILABLE
    return stage


def asked(stage: Stage) -> str:
    return offers(stage)[-1].id


def is_asked(stage: Stage) -> None:
    heard = hears(stage, DIANE)
    reach(stage, lambda _: heard("How did it end"), 120)


def test_the_brief_is_heard_at_once_and_the_leg_stays_for_the_next_caller(staying: Stage) -> None:
    play(staying, 45)
    for number in (LORI, OTHER):
        staying.call_line(number, [pause(3000)])
        reach(staying, offered("Diane", LegState.BRIEFING), 30)
        presses(staying, DIANE, "1")
        reach(staying, together(DIANE, number), 5)
        play(staying, 5)
        hangs_up(staying, number)
        is_asked(staying)
        presses(staying, DIANE, "1")
        to_the_end(staying)
    assert legs_of(staying, DIANE) == 1
    assert len(live_legs(staying, DIANE)) == 1
    assert all(c.outcome is Outcome.HELPED for c in contacts(staying))


def test_with_a_click_before_the_offer_has_come_they_are_together_within_a_second(staying: Stage) -> None:
    staying.call_line(LORI, [pause(3000)])
    reach(staying, offered("Diane", LegState.MADE, LegState.BRIEFING), 30)
    before = staying.now
    desk_actions.accept(staying.services, "diane", asked(staying))
    reach(staying, together(DIANE, LORI), 3)
    assert staying.now - before < 2.5  # by the play's clock: the words "putting you through", and no ringing


def test_a_decline_leaves_the_leg_where_it_is(staying: Stage) -> None:
    staying.call_line(LORI, [pause(3000)])
    reach(staying, offered("Diane", LegState.BRIEFING), 30)
    staying.add_agent("Danielle", DANIELLE, [*TAKES_IT, *wraps_up()])
    desk_actions.decline(staying.services, "diane", asked(staying))
    reach(staying, together(DANIELLE, LORI), 60)
    assert len(live_legs(staying, DIANE)) == 1


def test_who_says_nothing_to_the_brief_is_not_hung_up_and_the_next_is_asked(staying: Stage) -> None:
    staying.call_line(LORI, [pause(3000)])
    reach(staying, offered("Diane", LegState.BRIEFING), 30)
    staying.add_agent("Danielle", DANIELLE, [*TAKES_IT, *wraps_up()])
    reach(staying, together(DANIELLE, LORI), 120)
    assert len(live_legs(staying, DIANE)) == 1


@pytest.mark.parametrize("when", ["waiting", "in the brief", "in the talk"])
def test_who_hangs_up_is_off_the_line_and_is_rung_as_ever(staying: Stage, when: str) -> None:
    if when != "waiting":
        staying.call_line(LORI, [pause(3000)])
        reach(staying, offered("Diane", LegState.BRIEFING), 30)
    if when == "in the talk":
        presses(staying, DIANE, "1")
        reach(staying, together(DIANE, LORI), 5)
    staying.set_phone(DIANE, name="Diane", script=[*TAKES_IT, pause(3000)])
    hangs_up(staying, DIANE)
    play(staying, 3)
    assert not agent(staying, "Diane").persistent_leg
    if when == "in the talk":
        reach(staying, lambda s: was_told(s, LORI, "Is there anything else"), 20)
        reach(staying, lambda s: was_told(s, DIANE, "before telling me how your last call ended"), 90)
        return
    if when == "waiting":
        staying.call_line(LORI, [pause(3000)])
    reach(staying, together(DIANE, LORI), 240)


def test_a_lost_redirect_costs_a_few_seconds(staying: Stage) -> None:
    fault(staying, "rest", "drop", "Calls/CA", times=1)
    staying.call_line(LORI, [pause(3000)])
    reach(staying, lambda s: was_told(s, DIANE, "Press 1 to take it"), 60)
    presses(staying, DIANE, "1")
    reach(staying, together(DIANE, LORI), 5)
    assert legs_of(staying, DIANE) == 1


def test_who_does_not_say_how_it_went_is_asked_on_the_same_leg(staying: Stage) -> None:
    staying.call_line(LORI, [pause(3000)])
    reach(staying, offered("Diane", LegState.BRIEFING), 30)
    presses(staying, DIANE, "1")
    reach(staying, together(DIANE, LORI), 5)
    hangs_up(staying, LORI)
    reach(staying, lambda s: agent(s, "Diane").state is AgentState.AVAILABLE, 120)
    is_asked(staying)
    presses(staying, DIANE, "1")
    assert to_the_end(staying).disposition == "helped"
    assert legs_of(staying, DIANE) == 1


def test_off_the_line_by_the_desk_or_when_they_go_home(staying: Stage) -> None:
    persistent_leg.stop(staying.services, "diane", SYSTEM)
    reach(staying, lambda s: not live_legs(s, DIANE), 10)
    assert was_told(staying, DIANE, "You are off the line")
    with pytest.raises(CalorError, match="not on the line"):
        persistent_leg.stop(staying.services, "diane", SYSTEM)
    persistent_leg.start(staying.services, "diane", SYSTEM)
    reach(staying, lambda s: bool(agent(s, "Diane").persistent_leg), 30)
    staying.set_agent_state("Diane", AgentState.OFFLINE)
    reach(staying, lambda s: not live_legs(s, DIANE), 30)
    assert not agent(staying, "Diane").persistent_leg


def test_off_the_line_in_a_talk_ends_after_it(staying: Stage) -> None:
    staying.call_line(LORI, [pause(3000)])
    reach(staying, offered("Diane", LegState.BRIEFING), 30)
    presses(staying, DIANE, "1")
    reach(staying, together(DIANE, LORI), 5)
    persistent_leg.stop(staying.services, "diane", SYSTEM)
    play(staying, 30)
    assert together(DIANE, LORI)(staying)
    hangs_up(staying, LORI)
    reach(staying, lambda s: was_told(s, DIANE, "How did it end"), 20)
    presses(staying, DIANE, "1")
    reach(staying, lambda s: not live_legs(s, DIANE), 90)
    to_the_end(staying)


def test_a_supervisor_who_stays_hears_a_talk_at_once(staying: Stage) -> None:
    staying.add_agent("Danielle", DANIELLE, [*TAKES_IT, *wraps_up()])
    store = staying.services.store
    diane = store.get(Agent, "diane")
    assert diane is not None
    staying.set_agent_state("Diane", AgentState.AWAY)
    staying.call_line(LORI, [pause(3000)])
    reach(staying, together(DANIELLE, LORI), 60)
    staying.set_agent_state("Diane")
    roster.add_agent(
        staying.services, roster.AgentDetails(name="Diane", phone=DIANE, skills=diane.skills, supervisor=True)
    )
    monitoring.start(staying.services, "diane", contacts(staying)[0].id, MonitoringMode.MONITOR)
    reach(staying, together(DANIELLE, LORI, DIANE), 5)
    hangs_up(staying, LORI)
    play(staying, 20)
    assert len(live_legs(staying, DIANE)) == 1
    assert agent(staying, "Diane").persistent_leg


def test_nobody_comes_on_the_line_in_a_call_or_twice(staying: Stage) -> None:
    with pytest.raises(CalorError, match="already"):
        persistent_leg.start(staying.services, "diane", SYSTEM)


def test_a_voicemail_does_not_stay_on_the_line(stage: Stage) -> None:
    stage.add_agent("Diane", DIANE, [pause(3000)])
    persistent_leg.start(stage.services, "diane", SYSTEM)
    reach(stage, lambda s: not live_legs(s, DIANE) and not agent(s, "Diane").leg, 90)
    assert not agent(stage, "Diane").persistent_leg
