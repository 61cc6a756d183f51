"""The customer rings in while we owe them a call: one matter, one call, whatever was under way (I4)."""

from __future__ import annotations

import pytest

from ivr.cli.demo.stage import Stage
from ivr.domain.records.agent import AgentState
from ivr.domain.records.contact import Outcome
from ivr.domain.records.promise import PromiseState
from tests.stories.callbacks.owed import (
    KEEPS_HER_PLACE,
    KEEPS_IT,
    PICKS_UP,
    SUITCASE,
    calls_to,
    free,
    holds,
    over,
    promised,
    rung,
    skip_to,
    state,
    the_promise,
    until,
)
from tests.stories.callbacks.ringing_in import ABOUT_THAT, CHOOSES_LATER, rings_in
from tests.stories.people import (
    BRIDGED,
    DIANE,
    HANG_UP,
    LORI,
    TAKES_IT,
    VICKI,
    Script,
    contacts,
    heard_by,
    listen,
    pause,
    press,
    promises,
    speak,
)

COMES_TO_HER: Script = [BRIDGED, pause(15), HANG_UP]


SHARED = "+12025550180"


def kept_by_her_own_call(stage: Stage) -> None:
    """One talk, in the call that she made; her phone is not rung for it afterwards."""
    until(stage, 300, PromiseState.KEPT)
    stage.play(400)
    assert contacts(stage)[-1].outcome is Outcome.HELPED
    holds(stage)


def test_before_its_time_her_own_call_keeps_it(stage: Stage) -> None:
    promised(stage, CHOOSES_LATER)
    stage.add_agent("Diane", DIANE, KEEPS_IT)
    rings_in(stage)
    until(stage, 60, PromiseState.MERGED)
    kept_by_her_own_call(stage)
    assert not rung(stage)


def test_due_in_line_her_own_call_keeps_it(stage: Stage) -> None:
    promised(stage)
    until(stage, 60, PromiseState.DUE)
    rings_in(stage)
    until(stage, 60, PromiseState.MERGED)
    stage.add_agent("Diane", DIANE, KEEPS_IT)
    kept_by_her_own_call(stage)
    assert not rung(stage)


def test_the_agent_who_is_being_briefed_for_it_takes_the_caller(stage: Stage) -> None:
    promised(stage)
    stage.add_agent("Diane", DIANE, [listen("to hear it"), pause(3), *KEEPS_IT[1:]])
    until(stage, 60, PromiseState.RINGING)
    stage.play(4)
    rings_in(stage, COMES_TO_HER)
    kept_by_her_own_call(stage)
    assert len(calls_to(stage, DIANE)) == 1
    assert not rung(stage)


def test_while_her_phone_rings_the_agent_comes_over_to_her_call_and_the_ringing_ends(stage: Stage) -> None:
    promised(stage)
    stage.set_phone(LORI, name="Lori", answers=False)
    stage.add_agent("Diane", DIANE, KEEPS_IT)
    until(stage, 60, PromiseState.DIALING)
    stage.play(5)
    rings_in(stage, COMES_TO_HER)
    assert stage.play(10, until=lambda: calls_to(stage, LORI)[0][2] != "alive")
    kept_by_her_own_call(stage)
    assert rung(stage) == 1
    assert len(calls_to(stage, DIANE)) == 1


def test_during_the_talk_another_call_of_hers_is_not_merged(stage: Stage) -> None:
    promised(stage)
    stage.set_phone(LORI, name="Lori", script=[*PICKS_UP[:3], pause(60), HANG_UP])
    stage.add_agent("Diane", DIANE, KEEPS_IT)
    until(stage, 60, PromiseState.TALKING)
    stage.play(15)
    sid = rings_in(stage, [pause(5), HANG_UP])
    stage.play(20, until=lambda: over(stage, sid))
    assert state(stage) is PromiseState.TALKING
    until(stage, 200, PromiseState.KEPT)
    holds(stage)


def test_something_new_is_not_about_what_we_owe_and_both_stand(stage: Stage) -> None:
    promise = promised(stage, CHOOSES_LATER)
    stage.add_agent("Diane", DIANE, KEEPS_IT)
    rings_in(
        stage,
        [
            listen("for something new, 2", 90),
            press("2"),
            {"do": "bridged", "within": 200},
            pause(15),
            HANG_UP,
        ],
    )
    assert stage.play(200, until=lambda: contacts(stage)[-1].outcome is Outcome.HELPED)
    still = the_promise(stage)
    assert still.state is PromiseState.MADE
    assert (still.not_before, still.due_by, still.queued_at) == (
        promise.not_before,
        promise.due_by,
        promise.queued_at,
    )
    stage.set_phone(LORI, name="Lori", script=PICKS_UP)
    skip_to(stage, promise.not_before)
    until(stage, 300, PromiseState.KEPT)
    holds(stage)


@pytest.mark.parametrize("asks", [True, False], ids=["after saying that it is about that", "at once"])
def test_when_she_leaves_again_it_is_owed_as_before_in_its_old_place(stage: Stage, asks: bool) -> None:
    promise = promised(stage)
    script = ABOUT_THAT[:2] if asks else []
    sid = rings_in(stage, [*script, pause(5), HANG_UP])
    assert stage.play(120, until=lambda: over(stage, sid) and state(stage) is not PromiseState.MERGED)
    again = the_promise(stage)
    assert len(promises(stage)) == 1
    assert again.state in (PromiseState.MADE, PromiseState.DUE)
    assert (again.queued_at, again.due_by) == (promise.queued_at, promise.due_by)
    stage.set_phone(LORI, name="Lori", script=PICKS_UP)
    stage.add_agent("Diane", DIANE, KEEPS_IT)
    until(stage, 300, PromiseState.KEPT)
    holds(stage)


def test_whoever_may_only_be_her_hears_that_a_call_is_owed_and_no_more_and_cannot_change_it(
    stage: Stage,
) -> None:
    promise = promised(stage, CHOOSES_LATER)
    before = len(heard_by(stage, LORI))
    sid = rings_in(
        stage,
        [listen("We owe you a call", 60), press("4"), pause(2), press("3"), pause(20), HANG_UP],
        stir="TN-Validation-Passed-B",
    )
    assert stage.play(120, until=lambda: over(stage, sid))
    stage.play(20)
    words = " ".join(heard_by(stage, LORI)[before:])
    assert "We owe you a call." in words
    assert SUITCASE not in words
    assert "press 3" not in words
    still = the_promise(stage)
    assert (still.state, still.not_before, still.due_by) == (
        PromiseState.MADE,
        promise.not_before,
        promise.due_by,
    )


def test_whoever_may_only_be_her_does_not_move_it_by_keeping_a_place(stage: Stage) -> None:
    promise = promised(stage, CHOOSES_LATER)
    sid = rings_in(
        stage,
        [
            listen("about that, press 1", 60),
            press("1"),
            *CHOOSES_LATER[:2],
            listen("press 3"),
            press("3"),
            listen("one sentence"),
            pause(12),
        ],
        stir="TN-Validation-Failed-A",
    )
    assert stage.play(200, until=lambda: over(stage, sid))
    still = the_promise(stage)
    assert (still.state, still.not_before, still.due_by) == (
        PromiseState.MADE,
        promise.not_before,
        promise.due_by,
    )


def test_an_attested_caller_hears_the_time_and_the_matter(stage: Stage) -> None:
    promised(stage, [*KEEPS_HER_PLACE[:3], speak(SUITCASE), pause(5)])
    before = len(heard_by(stage, LORI))
    sid = rings_in(stage, [listen("press 1", 60), HANG_UP])
    assert stage.play(120, until=lambda: over(stage, sid))
    words = " ".join(heard_by(stage, LORI)[before:])
    assert f"We promised to call you by twenty-five past two this afternoon, about: {SUITCASE}" in words


def test_two_agents_and_her_own_call_make_one_talk(stage: Stage) -> None:
    promised(stage)
    stage.set_phone(LORI, name="Lori", answers=False)
    stage.add_agent("Diane", DIANE, KEEPS_IT)
    until(stage, 60, PromiseState.DIALING)
    stage.add_agent("Vicki", VICKI, TAKES_IT)
    rings_in(stage, COMES_TO_HER)
    kept_by_her_own_call(stage)
    assert not calls_to(stage, VICKI)
    assert stage.play(60, until=lambda: free(stage, "diane", "vicki"))
    stage.set_agent_state("Vicki", AgentState.AWAY)


def test_of_two_calls_that_we_owe_her_the_one_she_turns_to_is_carried_and_the_other_stands(
    stage: Stage,
) -> None:
    suitcase = promised(stage, CHOOSES_LATER)
    ticket: Script = [
        listen("for something new, 2", 90),
        press("2"),
        listen("what is it about", 60),
        speak("My ticket is wrong"),
        *CHOOSES_LATER[:2],
        listen("press 3", 60),
        press("3"),
        pause(20),
    ]
    sid = rings_in(stage, ticket)
    assert stage.play(240, until=lambda: over(stage, sid))
    (other,) = [p for p in promises(stage) if p.id != suitcase.id]
    assert other.case != suitcase.case
    stage.add_agent("Diane", DIANE, KEEPS_IT)
    rings_in(stage, [listen("For our other call, 5", 90), press("5"), *ABOUT_THAT])
    assert stage.play(300, until=lambda: contacts(stage)[-1].outcome is Outcome.HELPED)
    words = " ".join(heard_by(stage, LORI))
    assert words.index("about: My ticket is wrong") < words.rindex("If it is about that")
    states = {p.id: p.state for p in promises(stage)}
    assert states == {suitcase.id: PromiseState.MADE, other.id: PromiseState.KEPT}
    assert contacts(stage)[-1].case == other.case
    assert "My ticket" in " ".join(heard_by(stage, DIANE))
    holds(stage)
