"""Nobody tells it twice: the next agent hears the first one's note to the word, and the caller is recognised as far as they may be."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from ivr.cli.demo.stage import Stage
from ivr.domain.records.agent import AgentState
from ivr.domain.records.agent_leg import AgentLeg
from ivr.domain.records.contact import Outcome
from ivr.domain.records.customer import Customer
from ivr.store.change import Change
from tests.stories.callbacks.owed import calls_to, free
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
    speak,
    texts_to,
    wraps_up,
)

NOTE = "Suitcase 4471 is in Albany; it comes by van on Tuesday"
CALLS: Script = [{"do": "bridged", "within": 300}, pause(15), HANG_UP]
ABOUT_THAT: Script = [listen("about that, press 1", 60), press("1"), *CALLS]
SHARED = "+12025550180"


def talked(stage: Stage, script: Script = CALLS, *, number: str = LORI, **told: str) -> None:
    """A call that ends in a talk and its wrap-up."""
    before = len(contacts(stage))
    stage.call_line(number, script, **told)
    helped = lambda: [c.outcome for c in contacts(stage)[before:]] == [Outcome.HELPED]  # noqa: E731
    assert stage.play(400, until=helped), contacts(stage)[-1]
    stage.play(5)


def test_the_next_agent_hears_the_first_ones_note_to_the_word(stage: Stage) -> None:
    stage.add_agent("Diane", DIANE, [*TAKES_IT, *wraps_up(NOTE)])
    talked(stage)
    stage.set_agent_state("Diane", AgentState.AWAY)
    repeats: Script = [
        listen("to hear it"),
        press("1"),
        listen("Press 1 to take it"),
        press("3"),
        listen("on Tuesday"),
        listen("Press 1 to take it"),
        press("1"),
        BRIDGED,
        *wraps_up(),
    ]
    stage.add_agent("Vicki", VICKI, repeats)
    talked(stage, ABOUT_THAT)
    assert NOTE in " ".join(heard_by(stage, VICKI))


def test_the_agent_who_took_the_last_call_is_asked_first_though_another_has_waited_longer(
    stage: Stage,
) -> None:
    stage.add_agent("Diane", DIANE, [*TAKES_IT, *wraps_up(NOTE)])
    talked(stage)
    stage.add_agent("Vicki", VICKI, [*TAKES_IT, *wraps_up()])
    stage.set_agent_state("Diane", AgentState.AWAY)
    stage.play(60)
    stage.set_agent_state("Diane")
    talked(stage, ABOUT_THAT)
    assert len(calls_to(stage, DIANE)) == 2
    assert not calls_to(stage, VICKI)
    why = stage.services.store.list_all(AgentLeg)[-1].offer.why
    assert why.startswith("took the caller's last call")


def test_her_own_agent_is_not_waited_for_when_another_is_free(stage: Stage) -> None:
    stage.add_agent("Diane", DIANE, [*TAKES_IT, *wraps_up(NOTE)])
    talked(stage)
    stage.set_agent_state("Diane", AgentState.AWAY)
    stage.add_agent("Vicki", VICKI, [*TAKES_IT, *wraps_up()])
    talked(stage, ABOUT_THAT)
    assert len(calls_to(stage, VICKI)) == 1


def test_a_caller_who_is_known_is_told_with_whom_they_spoke_and_both_calls_are_one_case(stage: Stage) -> None:
    stage.add_agent("Diane", DIANE, [*TAKES_IT, *wraps_up(NOTE)])
    talked(stage)
    talked(stage, ABOUT_THAT)
    assert any(words.startswith("You spoke with Diane") for words in heard_by(stage, LORI))
    first, second = contacts(stage)
    assert first.case == second.case != ""
    thread = [json.loads(x) for x in stage.services.store.redis.lrange(f"case:{first.case}:thread", 0, -1)]
    assert [entry["words"] for entry in thread if entry["kind"] == "note"] == [NOTE, NOTE]


def test_something_new_is_a_case_of_its_own(stage: Stage) -> None:
    stage.add_agent("Diane", DIANE, [*TAKES_IT, *wraps_up(NOTE)])
    talked(stage)
    talked(stage, [listen("for something new, 2", 60), press("2"), *CALLS])
    first, second = contacts(stage)
    assert second.case != first.case


@pytest.mark.parametrize(
    "stir", ["TN-Validation-Passed-B", "TN-Validation-Failed-A", "TN-Validation-Passed-A-Diverted", ""]
)
def test_whoever_may_only_be_her_hears_nothing_of_hers(stage: Stage, stir: str) -> None:
    stage.add_agent("Diane", DIANE, [*TAKES_IT, *wraps_up(NOTE)])
    talked(stage)
    before = len(heard_by(stage, LORI))
    talked(stage, CALLS, stir=stir)
    words = " ".join(heard_by(stage, LORI)[before:])
    assert "Diane" not in words.replace("Here is Diane", "")
    assert "lbany" not in words


def test_a_number_that_many_people_use_is_nobodys(stage: Stage) -> None:
    store = stage.services.store
    stage.add_agent("Diane", DIANE, [*TAKES_IT, *wraps_up(NOTE)])
    talked(stage, number=SHARED)
    customer = store.get(Customer, SHARED)
    assert customer is not None
    change = Change(now=stage.now)
    change.put(customer, replace(customer, shared=True))
    assert store.commit(change)
    talked(stage, number=SHARED)
    words = " ".join(heard_by(stage, SHARED))
    assert "You spoke with" not in words
    first, second = contacts(stage)
    assert first.case != second.case


def test_the_agent_hears_how_often_they_called_today_and_what_they_said(stage: Stage) -> None:
    stage.add_agent("Diane", DIANE, [*TAKES_IT, *wraps_up(NOTE)])
    talked(stage)
    stage.set_agent_state("Diane", AgentState.AWAY)
    sid = stage.call_line(LORI, [listen("about that, press 1", 60), HANG_UP])
    stage.play(
        60, until=lambda: stage.call_control_api("GET", f"/emulator/legs/{sid}")["status"] == "completed"
    )
    stage.add_agent("Vicki", VICKI, [*TAKES_IT, *wraps_up()])
    talked(stage, ABOUT_THAT)
    assert any("Third call today" in words or "third call today" in words for words in heard_by(stage, VICKI))


def test_the_reason_stands_on_top_of_the_brief(stage: Stage) -> None:
    stage.call_line(
        LORI, [listen("In one sentence, what is it about", 60), speak("My suitcase is lost"), *CALLS]
    )
    stage.play(40)
    stage.add_agent("Diane", DIANE, [*TAKES_IT, *wraps_up()])
    assert stage.play(
        200, until=lambda: free(stage, "diane") and contacts(stage)[0].outcome is Outcome.HELPED
    )
    brief = heard_by(stage, DIANE)[1]
    assert 'They say: "My suitcase' in brief


def test_what_was_understood_goes_to_the_caller_by_text(stage: Stage) -> None:
    stage.add_agent("Diane", DIANE, [*TAKES_IT, *wraps_up(NOTE)])
    talked(stage)
    stage.play(10)
    assert any(f"What we understood: {NOTE}" in t for t in texts_to(stage, LORI))
