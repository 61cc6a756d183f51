"""After the talk: anything else, what happens next, how was it; the caller says goodbye first."""

from __future__ import annotations

import pytest

from ivr.cli.demo.stage import Stage
from ivr.domain.records.agent import AgentState
from ivr.domain.records.contact import ContactState, Outcome
from ivr.domain.records.promise import PromiseKind
from ivr.usecases.customers import case_thread
from tests.stories.people import (
    BRIDGED,
    DIANE,
    HANG_UP,
    LORI,
    TAKES_IT,
    VICKI,
    Script,
    listen,
    pause,
    press,
    promises,
    speak,
    wraps_up,
)
from tests.stories.watch import (
    agent,
    available,
    contact_is,
    hangs_up,
    play,
    reach,
    state_of,
    talking,
    to_the_end,
    together,
    was_told,
)

DONE: Script = [
    *TAKES_IT,
    pause(5),
    press("*"),
    listen("5 if you are done"),
    press("5"),
    listen("what happens next"),
    speak("We write to you"),
    listen("how many hours"),
    press("0#"),
    *wraps_up()[:-2],
]


def after_the_talk(stage: Stage, lori: Script) -> None:
    stage.add_agent("Diane", DIANE, DONE)
    stage.call_line(LORI, [BRIDGED, listen("Is there anything else", 200), *lori])
    reach(stage, talking)
    stage.set_agent_state("Diane", AgentState.AWAY)
    reach(stage, contact_is(ContactState.AFTER_CALL))


@pytest.mark.parametrize("where", ["anything else", "from 1, poor", "in your own words"])
def test_a_caller_who_hangs_up_in_the_questions_was_helped_if_the_agent_says_so(
    stage: Stage, where: str
) -> None:
    after_the_talk(stage, [listen("from 1, poor"), press("1"), pause(3000)])
    reach(stage, lambda s: was_told(s, LORI, where))
    hangs_up(stage, LORI)
    contact = to_the_end(stage)
    assert contact.disposition == "helped"
    assert contact.outcome is Outcome.HELPED


def test_a_good_rating_is_thanked_and_goodbye_is_said(stage: Stage) -> None:
    after_the_talk(stage, [listen("from 1, poor"), press("5"), pause(3000)])
    contact = to_the_end(stage)
    assert (contact.outcome, contact.after_call.rating) == (Outcome.HELPED, 5)
    assert was_told(stage, LORI, "Thank you, that helps")
    assert was_told(stage, LORI, "goodbye")
    assert promises(stage) == []


def test_a_poor_rating_and_its_words_lead_to_a_supervisors_call(stage: Stage) -> None:
    after_the_talk(
        stage,
        [listen("from 1, poor"), press("1"), listen("own words"), speak("Nobody listened"), pause(3000)],
    )
    contact = to_the_end(stage)
    (owed,) = promises(stage)
    assert (contact.after_call.rating, contact.after_call.comment) == (1, "Nobody listened")
    assert (owed.kind, owed.needs_supervisor) == (PromiseKind.FOLLOW_UP, True)
    assert was_told(stage, LORI, "A supervisor will ring you")
    assert "Nobody listened" in [
        line.get("words") for line in case_thread.get_thread(stage.services, contact.case)
    ]


def test_silence_in_every_question_ends_with_a_goodbye_and_the_agents_word(stage: Stage) -> None:
    after_the_talk(stage, [pause(3000)])
    contact = to_the_end(stage)
    assert (contact.outcome, contact.after_call.rating) == (Outcome.HELPED, 0)
    assert was_told(stage, LORI, "We write to you")


def test_one_more_thing_leads_to_the_front_of_the_line_and_the_last_word_counts(stage: Stage) -> None:
    after_the_talk(stage, [press("1"), BRIDGED, pause(20), {"do": "hang_up"}])
    reach(stage, contact_is(ContactState.WAITING))
    play(stage, 40)
    stage.add_agent("Vicki", VICKI, [*TAKES_IT, *wraps_up(word="4")])
    reach(stage, together(LORI, VICKI))
    stage.set_agent_state("Vicki", AgentState.AWAY)
    contact = to_the_end(stage)
    assert (contact.disposition, contact.outcome) == ("more", Outcome.PROMISED), state_of(stage)
    assert agent(stage, "Diane").state is AgentState.AWAY


def test_one_more_thing_and_then_hanging_up_in_line_is_owed_a_call(stage: Stage) -> None:
    after_the_talk(stage, [press("1"), pause(40), {"do": "hang_up"}])
    contact = to_the_end(stage)
    assert contact.outcome is Outcome.PROMISED
    assert len(promises(stage)) == 1


def test_who_hung_up_on_the_question_is_free_once_the_caller_goes_on_to_somebody_else(stage: Stage) -> None:
    asked = DONE.index(press("0#")) + 1
    stage.add_agent("Diane", DIANE, [*DONE[:asked], listen("How did it end"), HANG_UP])
    stage.call_line(LORI, [BRIDGED, listen("Is there anything else", 200), press("1"), pause(600)])
    reach(stage, talking)
    stage.add_agent("Vicki", VICKI, [*TAKES_IT, pause(600)])
    reach(stage, together(VICKI, LORI))
    assert available(stage, "Diane")
