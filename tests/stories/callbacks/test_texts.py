"""What customers answer by text, and what they are told by it."""

from __future__ import annotations

import pytest

from ivr.cli.demo.stage import Stage
from ivr.domain.records.customer import Customer, Text, TextState
from ivr.domain.records.promise import PromiseState
from tests.stories.callbacks.owed import (
    KEEPS_IT,
    OTHER,
    PICKS_UP,
    fault,
    holds,
    journal,
    promised,
    rung,
    state,
    text,
    the_promise,
    until,
)
from tests.stories.people import BRIDGED, DIANE, HANG_UP, LORI, TAKES_IT, pause, texts_to, wraps_up

STRANGER = "+12025550166"


def customer(stage: Stage, number: str = LORI) -> Customer:
    found = stage.services.store.get(Customer, number)
    assert found is not None
    return found


@pytest.mark.parametrize("words", ["NO", "no thanks!", "No gracias", "Non, merci."])
def test_no_by_text_ends_the_promise_and_says_so(stage: Stage, words: str) -> None:
    promised(stage)
    text(stage, words)
    stage.play(10)
    assert state(stage) is PromiseState.DECLINED
    assert texts_to(stage, LORI)[-1].startswith("Our company: good, we will not call you about this.")
    stage.set_phone(LORI, name="Lori", script=PICKS_UP)
    stage.add_agent("Diane", DIANE, KEEPS_IT)
    stage.play(120)
    assert not rung(stage)
    holds(stage)


def test_the_same_text_delivered_twice_counts_once_and_gets_the_same_answer(stage: Stage) -> None:
    promised(stage)
    fault(stage, "webhook", "twice", match="texts/incoming")
    text(stage, "NO")
    stage.play(10)
    assert len(journal(stage, "promise declined")) == 1
    assert texts_to(stage, LORI)[-1].startswith("Our company: good, we will not call you")


def test_no_from_whoever_is_owed_nothing_declines_nothing(stage: Stage) -> None:
    promised(stage)
    text(stage, "NO", number=STRANGER)
    stage.play(10)
    assert state(stage) in (PromiseState.MADE, PromiseState.DUE)
    assert not texts_to(stage, STRANGER)
    holds(stage)


def test_other_words_go_onto_the_case_and_leave_the_promise_alone(stage: Stage) -> None:
    promise = promised(stage)
    text(stage, "I am at work until five")
    stage.play(10)
    thread = stage.services.store.redis.lrange(f"case:{promise.case}:thread", 0, -1)
    assert any("I am at work until five" in line for line in thread)
    assert the_promise(stage).state in (PromiseState.MADE, PromiseState.DUE)


def test_who_has_opted_out_of_texts_is_called_all_the_same_and_texted_no_more(stage: Stage) -> None:
    promise = promised(stage)
    sent = len(texts_to(stage, LORI))
    text(stage, "STOP")
    stage.play(10)
    assert customer(stage).no_texts
    stage.set_phone(LORI, name="Lori", script=PICKS_UP)
    stage.add_agent("Diane", DIANE, KEEPS_IT)
    until(stage, 300, PromiseState.KEPT)
    stage.play(60)
    assert len(texts_to(stage, LORI)) == sent
    assert promise.id == the_promise(stage).id
    holds(stage)


def test_who_starts_texts_again_is_told_again(stage: Stage) -> None:
    text(stage, "STOP")
    stage.play(10)  # one after the other, as they are written
    text(stage, "START")
    stage.play(10)
    assert not customer(stage).no_texts
    promised(stage)
    assert texts_to(stage, LORI)


def test_a_number_that_takes_no_texts_is_not_texted_again_and_its_promise_stands(stage: Stage) -> None:
    stage.set_phone(LORI, name="Lori", answers=False, opted_out=True)
    promised(stage)
    stage.play(10)
    assert customer(stage).no_texts
    assert [t.state for t in stage.services.store.list_all(Text)] == [TextState.REFUSED]
    assert state(stage) in (PromiseState.MADE, PromiseState.DUE)
    holds(stage)


def test_a_text_whose_acceptance_was_not_heard_of_is_not_sent_twice(stage: Stage) -> None:
    fault(stage, "rest", "lose_response", match="Messages.json")
    promised(stage)
    stage.play(60)
    assert len(texts_to(stage, LORI)) == 1
    assert [t.state for t in stage.services.store.list_all(Text)] == [TextState.SENT]


@pytest.mark.parametrize("what", ["rate_limit", "drop"])
def test_a_text_that_was_not_taken_is_sent_again(stage: Stage, what: str) -> None:
    fault(stage, "rest", what, match="Messages.json")
    promised(stage)
    stage.play(60)
    assert len(texts_to(stage, LORI)) == 1


def test_a_number_from_1_to_5_says_how_it_was(stage: Stage) -> None:
    stage.add_agent("Diane", DIANE, [*TAKES_IT, *wraps_up()])
    stage.call_line(LORI, [BRIDGED, pause(15), HANG_UP])
    assert stage.play(200, until=lambda: any("how was it" in t for t in texts_to(stage, LORI)))
    text(stage, "5 she was kind")
    stage.play(10)
    assert [j["rating"] for j in journal(stage, "rated")] == ["5"]
    assert OTHER not in str(journal(stage, "rated"))
