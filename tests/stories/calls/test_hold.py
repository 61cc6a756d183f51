"""Hold: never longer than a minute without being spoken to and given a choice."""

from __future__ import annotations

import pytest

from ivr.cli.demo.stage import Stage
from ivr.domain.records.agent import AgentState
from ivr.domain.records.agent_leg import LegState
from ivr.domain.records.contact import ContactState, Outcome
from ivr.domain.records.promise import PromiseState
from tests.stories.people import (
    BRIDGED,
    DIANE,
    LORI,
    TAKES_IT,
    VICKI,
    Script,
    contacts,
    listen,
    pause,
    press,
    promises,
    wraps_up,
)
from tests.stories.watch import (
    agent,
    available,
    contact_is,
    hangs_up,
    live_legs,
    offered,
    play,
    presses,
    reach,
    state_of,
    talking,
    to_the_end,
    together,
    was_told,
)

CHOICE = "This is taking longer than it should"
HOLDS: Script = [*TAKES_IT, pause(5), press("*")]
RINGS_VICKI: Script = [*HOLDS, listen("5 if you are done"), press("2"), listen("extension"), press("102#")]


def on_hold(stage: Stage, lori: Script, *, diane: Script = HOLDS) -> float:
    """Lori is held by Diane; since when."""
    stage.add_agent("Diane", DIANE, diane)
    stage.call_line(LORI, [BRIDGED, *lori, pause(3000)])
    reach(stage, contact_is(ContactState.ON_HOLD))
    stage.set_agent_state("Diane", AgentState.AWAY)
    return stage.now


def chosen(stage: Stage) -> int:
    return sum(CHOICE in e["words"] for e in stage.read_emulator_log() if e["kind"] == "said")


@pytest.mark.parametrize("lori", [[listen("3 and we call", 120), press("1")], []], ids=["key 1", "silence"])
def test_waiting_on_is_a_choice_that_is_given_again_after_every_minute(stage: Stage, lori: Script) -> None:
    begun = on_hold(stage, lori)
    reach(stage, lambda s: chosen(s) == 1)
    assert stage.now - begun <= 65
    second = stage.now
    reach(stage, lambda s: chosen(s) == 2)
    assert 30 <= stage.now - second <= 75
    assert contacts(stage)[0].state is ContactState.ON_HOLD
    hangs_up(stage, LORI)
    play(stage, 30)
    hangs_up(stage, DIANE)
    to_the_end(stage)


def test_key_2_brings_the_agent_back_from_the_menu(stage: Stage) -> None:
    on_hold(
        stage, [listen("3 and we call", 120), press("2")], diane=[*HOLDS, listen("You are back"), *wraps_up()]
    )
    reach(stage, together(LORI, DIANE))
    play(stage, 5)
    assert was_told(stage, DIANE, "You are back with the caller"), state_of(stage)
    hangs_up(stage, LORI)
    assert to_the_end(stage).outcome is Outcome.HELPED


def test_key_2_brings_the_agent_back_from_a_colleagues_ringing_phone(stage: Stage) -> None:
    stage.add_agent("Diane", DIANE, [*RINGS_VICKI, listen("You are back"), *wraps_up()])
    stage.add_agent("Vicki", VICKI, [listen("to hear it"), pause(300)])
    stage.set_phone(VICKI, name="Vicki", after=18, script=[listen("to hear it"), press("1"), pause(300)])
    stage.set_agent_state("Vicki", AgentState.AWAY)
    stage.call_line(LORI, [BRIDGED, listen("3 and we call", 120), press("2"), pause(3000)])
    reach(stage, talking)
    stage.set_agent_state("Vicki")
    reach(stage, offered("Vicki", LegState.RINGING))
    reach(stage, together(LORI, DIANE))
    stage.set_agent_state("Diane", AgentState.AWAY)
    play(stage, 10)
    assert live_legs(stage, VICKI) == []
    assert available(stage, "Vicki")
    hangs_up(stage, LORI)
    assert to_the_end(stage).outcome is Outcome.HELPED


def test_key_3_owes_a_call_and_sets_the_agent_free(stage: Stage) -> None:
    on_hold(stage, [listen("3 and we call", 120), press("3")])
    reach(stage, lambda s: bool(promises(s)))
    reach(stage, lambda s: agent(s, "Diane").state is AgentState.AWAY, 120)
    contact = to_the_end(stage)
    assert contact.outcome is Outcome.PROMISED
    assert was_told(stage, LORI, "We will call you")
    (owed,) = promises(stage)
    assert owed.state in (PromiseState.MADE, PromiseState.DUE), state_of(stage)


def test_an_agent_who_goes_back_first_finds_the_caller_though_the_choice_is_being_said(stage: Stage) -> None:
    on_hold(stage, [], diane=[*HOLDS, *([listen("5 if you are done", 90)] * 4), pause(200)])
    reach(stage, lambda s: any(CHOICE in leg["hears"]["detail"] for leg in live_legs(s, LORI)))
    presses(stage, DIANE, "4")
    reach(stage, together(LORI, DIANE), 15)
    hangs_up(stage, LORI)
    play(stage, 10)
    hangs_up(stage, DIANE)
    to_the_end(stage)


def test_a_caller_who_chooses_a_call_while_the_agent_comes_back_has_one_of_the_two(stage: Stage) -> None:
    on_hold(
        stage,
        [listen("3 and we call", 120), press("3")],
        diane=[*HOLDS, *([listen("if you are done", 90)] * 4)],
    )
    reach(stage, lambda s: any(CHOICE in leg["hears"]["detail"] for leg in live_legs(s, LORI)))
    presses(stage, DIANE, "4")
    play(stage, 30)
    contact = contacts(stage)[0]
    assert together(LORI, DIANE)(stage) or promises(stage), state_of(stage)
    assert contact.state in (ContactState.TALKING, ContactState.FLOW, ContactState.ENDED), state_of(stage)
    for leg in live_legs(stage):
        stage.call_control_api("POST", f"/emulator/legs/{leg['sid']}/hang_up", {})
    to_the_end(stage)


def test_an_agent_in_a_consult_is_told_that_their_caller_has_waited_for_almost_a_minute(stage: Stage) -> None:
    begun = on_hold(stage, [], diane=RINGS_VICKI)
    stage.add_agent("Vicki", VICKI, [*TAKES_IT, pause(600)])
    warning = "on hold for almost a minute"
    reach(stage, lambda s: any(warning in e["words"] for e in s.read_emulator_log() if e["kind"] == "said"))
    (said,) = [e for e in stage.read_emulator_log() if e["kind"] == "said" and warning in e["words"]]
    assert said["who"] == "Diane"
    assert 35 <= said["epoch"] - begun <= 62
    play(stage, 20)
    assert sum(warning in e["words"] for e in stage.read_emulator_log() if e["kind"] == "said") == 1
    hangs_up(stage, LORI)
    play(stage, 5)
    for number in (DIANE, VICKI):
        hangs_up(stage, number)
    to_the_end(stage)
