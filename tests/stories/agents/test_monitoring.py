"""A supervisor hears a talk, whispers to the agent, speaks to both; and never holds a room open or ends it."""

from __future__ import annotations

import pytest

from ivr.cli.demo.stage import Stage
from ivr.domain.records.agent import AgentState
from ivr.domain.records.agent_leg import MonitoringMode
from ivr.usecases.agents import monitoring
from ivr.usecases.agents.monitoring import MonitoringNotPossible
from ivr.usecases.desk import actions as desk_actions
from tests.stories.people import BOSS, DIANE, LORI, TAKES_IT, Script, contacts, listen, pause, press
from tests.stories.watch import act, agent, hangs_up, live_legs, play, presses, reach, together, was_told

ENTERS: Script = [listen("you want to hear"), press("1")]


@pytest.fixture
def talk(stage: Stage) -> str:
    """Lori talks with Diane, Martha is a supervisor at her desk; the contact."""
    stage.add_agent("Diane", DIANE, [*TAKES_IT, pause(3000)])
    stage.call_line(LORI, [pause(3000)])
    reach(stage, together(DIANE, LORI))
    stage.add_agent("Martha", BOSS, ENTERS, supervisor=True)
    play(stage, 2)
    return contacts(stage)[0].id


def in_the_room(stage: Stage) -> dict[str, dict[str, object]]:
    rooms = [
        r
        for r in stage.call_control_api("GET", "/emulator/conferences")["conferences"]
        if r["status"] == "in-progress"
    ]
    return {p["who"]: p for room in rooms for p in room["participants"]}


def listening(stage: Stage, talk: str, ear: MonitoringMode) -> None:
    monitoring.start(stage.services, "martha", talk, ear)
    reach(stage, lambda s: "Martha" in in_the_room(s), 30)


def hears(stage: Stage, who: str, words: str) -> bool:
    return any(
        e["kind"] == "heard" and e["who"] == who and e["words"] == words for e in stage.read_emulator_log()
    )


def test_monitoring_she_hears_both_and_nobody_hears_her(stage: Stage, talk: str) -> None:
    listening(stage, talk, MonitoringMode.MONITOR)
    act(stage, DIANE, "say", words="Good morning")
    act(stage, BOSS, "say", words="Say sorry")
    play(stage, 3)
    assert hears(stage, "Martha", "Good morning")
    assert hears(stage, LORI, "Good morning")
    assert not hears(stage, "Diane", "Say sorry")
    assert not hears(stage, LORI, "Say sorry")


def test_whispering_only_the_agent_hears_her_then_both(stage: Stage, talk: str) -> None:
    listening(stage, talk, MonitoringMode.WHISPER)
    act(stage, BOSS, "say", words="Say sorry")
    play(stage, 3)
    assert hears(stage, "Diane", "Say sorry")
    assert not hears(stage, LORI, "Say sorry")
    monitoring.change_mode(stage.services, "martha", MonitoringMode.BARGE)
    act(stage, BOSS, "say", words="I am sorry")
    play(stage, 3)
    assert hears(stage, LORI, "I am sorry")
    monitoring.change_mode(stage.services, "martha", MonitoringMode.MONITOR)
    act(stage, BOSS, "say", words="Well done")
    play(stage, 3)
    assert not hears(stage, LORI, "Well done")


def test_a_voicemail_that_answers_for_her_hears_nothing(stage: Stage, talk: str) -> None:
    stage.set_phone(BOSS, name="Martha", machine={"greeting": "Leave a message"})
    monitoring.start(stage.services, "martha", talk, MonitoringMode.MONITOR)
    play(stage, 60)
    assert "Martha" not in in_the_room(stage)
    assert together(DIANE, LORI)(stage)
    assert not live_legs(stage, BOSS)


@pytest.mark.parametrize("leaver", [LORI, DIANE])
def test_when_the_talk_ends_so_does_the_listening(stage: Stage, talk: str, leaver: str) -> None:
    listening(stage, talk, MonitoringMode.MONITOR)
    hangs_up(stage, leaver)
    reach(stage, lambda s: not live_legs(s, BOSS), 20)
    assert agent(stage, "Martha").state is AgentState.AVAILABLE


@pytest.mark.parametrize("how", ["star", "stop", "hang up"])
def test_when_she_leaves_the_two_go_on(stage: Stage, talk: str, how: str) -> None:
    listening(stage, talk, MonitoringMode.BARGE)
    if how == "star":
        presses(stage, BOSS, "*")
    elif how == "stop":
        monitoring.stop(stage.services, "martha")
    else:
        hangs_up(stage, BOSS)
    reach(stage, lambda s: not live_legs(s, BOSS), 20)
    play(stage, 5)
    assert together(DIANE, LORI)(stage)
    assert agent(stage, "Martha").state is AgentState.AVAILABLE


def test_while_the_caller_is_held_there_is_nothing_to_hear_and_she_is_free(stage: Stage, talk: str) -> None:
    listening(stage, talk, MonitoringMode.MONITOR)
    desk_actions.hold(stage.services, "diane")
    reach(stage, lambda s: was_told(s, BOSS, "That talk is over"), 20)
    reach(stage, lambda s: not live_legs(s, BOSS), 10)


def test_who_may_not_or_cannot_is_told_why(stage: Stage, talk: str) -> None:
    with pytest.raises(MonitoringNotPossible, match="Only supervisors"):
        monitoring.start(stage.services, "diane", talk, MonitoringMode.MONITOR)
    with pytest.raises(MonitoringNotPossible, match="not listening"):
        monitoring.stop(stage.services, "martha")
    stage.set_agent_state("Martha", AgentState.OFFLINE)
    with pytest.raises(MonitoringNotPossible, match="offline"):
        monitoring.start(stage.services, "martha", talk, MonitoringMode.MONITOR)
    stage.set_agent_state("Martha")
    hangs_up(stage, LORI)
    play(stage, 2)
    with pytest.raises(MonitoringNotPossible, match="not talking"):
        monitoring.start(stage.services, "martha", talk, MonitoringMode.MONITOR)
