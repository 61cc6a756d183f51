"""None"""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.flow.checker.speaking_time import speaking_seconds
from ivr.flow.steps.promise_dialog import MakePromise
from ivr.flow.steps.queue import Enqueue
from ivr.flow.turn import CallerContext, EndOfCall, FlowInput, FlowInputKind, Listen, Position, RecordMessage
from tests.flow.caller import MONDAY_NIGHT, MONDAY_NOON, NUMBER, Talk, library, shipped
from tests.flow.talking import MENUS


@pytest.mark.parametrize("keys", [("0",), ("1", "0")])
def test_zero_leads_to_a_person_from_every_menu(talk: Talk, keys: tuple[str, ...]) -> None:
    talk.press(*keys)
    assert talk.then == Enqueue(queue="support")


@pytest.mark.parametrize(
    "words",
    [
        "agent",
        "A person, please!",
        "I want to talk to a representative",
        "operator",
        "a human about bookings",
    ],
)
def test_asking_for_a_person_in_a_menu_leads_to_one(talk: Talk, words: str) -> None:
    talk.says(words)
    assert talk.then == Enqueue(queue="support")


def test_asking_for_a_person_in_spanish_leads_to_one() -> None:
    talk = Talk(library=shipped(), language="es")
    assert talk.says("quiero hablar con una persona, por favor").then == Enqueue(queue="support")


def test_star_says_it_again_and_counts_as_no_mistake(talk: Talk) -> None:
    before = talk.turn
    talk.press("*", "*", "*")
    assert (talk.turn.prompts, talk.turn.position.failures) == (before.prompts, 0)


def test_pound_goes_back_to_the_step_before(talk: Talk) -> None:
    talk.press("1")
    assert talk.step == "second"
    talk.press("#")
    assert talk.step == "first"
    talk.press("#")
    assert talk.step == "first"


def test_back_then_forward_then_back_again_works(talk: Talk) -> None:
    talk.press("1", "#", "1", "#")
    assert talk.step == "first"


@pytest.mark.parametrize("failures", [("", ""), ("7", "7"), ("", "7"), ("7", "")])
def test_after_two_silences_or_mistakes_there_is_a_person(talk: Talk, failures: tuple[str, ...]) -> None:
    for failure in failures:
        assert isinstance(talk.then, Listen)
        talk.press(failure)
    assert talk.then == Enqueue(queue="support")


def test_an_answer_between_two_mistakes_starts_the_count_anew(talk: Talk) -> None:
    talk.press("7", "1", "7")
    assert isinstance(talk.then, Listen)
    assert talk.step == "second"


def test_a_menu_understands_words_numbers_and_accents(talk: Talk) -> None:
    assert talk.says("It is about my BAGS").then == Enqueue(queue="bookings", skills=("spanish",))
    talk = Talk(library=library(MENUS))
    assert talk.says("press one").step == "second"
    talk = Talk(library=shipped(), language="en")
    assert talk.says("Espanol").turn.position.language == "es"


def test_words_are_matched_whole(talk: Talk) -> None:
    talk.says("handbags and bookingsomething")
    assert talk.turn.position.failures == 1


def test_a_full_line_becomes_a_promise_in_the_same_queue_with_the_same_skills(talk: Talk) -> None:
    talk.press("2").result("full")
    assert "Press 1 and we call you when it is your turn" in talk.heard
    talk.press("1")
    assert talk.then == MakePromise(queue="bookings", skills=("spanish",))


def test_a_closed_queue_becomes_a_promise_for_its_next_opening() -> None:
    talk = Talk(library=library(MENUS), situation=CallerContext(now=MONDAY_NIGHT, number=NUMBER))
    talk.press("0")
    assert "We open tomorrow at eight" in talk.heard
    talk.press("1")
    assert isinstance(talk.then, MakePromise)
    assert talk.then.since is not None
    assert talk.then.since.isoformat() == "2026-11-24T08:00:00-05:00"


def test_steps_that_do_not_listen_are_one_turn() -> None:
    talk = Talk(
        library=library(
            "  a: {say: welcome, next: b}\n  b: {goto: c}\n  c: {menu: what, options: {1: {next: d}}}\n  d: {queue: support}\n"
        )
    )
    assert talk.heard == "Welcome. One or two?"
    assert talk.turn.entered_steps == ("a", "b", "c")


def test_a_loop_nobody_has_refused_still_leads_to_a_person() -> None:
    talk = Talk(library=library("  a: {goto: b}\n  b: {goto: a}\n"))
    assert talk.then == Enqueue(queue="support")


def test_a_position_in_a_step_that_is_gone_leads_to_a_person(talk: Talk) -> None:
    talk.turn = replace(talk.turn, position=Position(step="was_here_yesterday"))
    assert talk.press("5").then == Enqueue(queue="support")


def test_the_shipped_line_has_a_person_within_ten_seconds_when_one_is_free_and_nothing_is_pressed() -> None:
    made = shipped()
    for language in ("en", "es"):
        talk = Talk(
            library=made,
            situation=CallerContext(now=MONDAY_NOON, number=NUMBER, agents_free={"support": 1}),
            language=language,
        )
        first = talk.turn
        assert isinstance(first.action, Listen)
        waited = speaking_seconds(first.prompts) + first.action.seconds
        talk.nothing()
        assert talk.then == Enqueue(queue="support")
        assert (
            waited + speaking_seconds(talk.turn.prompts) <= 8
        )  # two seconds are left for the line and the first ring


INPUTS = st.one_of(
    st.sampled_from("0123456789*#").map(lambda key: FlowInput(kind=FlowInputKind.KEYS, value=key)),
    st.text(max_size=20).map(lambda words: FlowInput(kind=FlowInputKind.WORDS, value=words)),
    st.text("0123456789*#", max_size=16).map(lambda keys: FlowInput(kind=FlowInputKind.KEYS, value=keys)),
    st.just(FlowInput(kind=FlowInputKind.SILENCE)),
    st.sampled_from(
        ["full", "refused", "not_callable", "made 2026-11-24T08:20:00-05:00", "[]", "nonsense", "taken"]
    ).map(lambda word: FlowInput(kind=FlowInputKind.RESULT, value=word)),
)


SHIPPED = shipped()


@settings(max_examples=150, deadline=None)
@given(
    inputs=st.lists(INPUTS, max_size=12),
    night=st.booleans(),
    hidden=st.booleans(),
    language=st.sampled_from(["en", "es"]),
)
def test_whatever_comes_the_engine_answers_and_answers_the_same_again(
    inputs: list[FlowInput], night: bool, hidden: bool, language: str
) -> None:
    situation = CallerContext(now=MONDAY_NIGHT if night else MONDAY_NOON, number="" if hidden else NUMBER)
    talk = Talk(library=SHIPPED, situation=situation, language=language)
    for heard in inputs:
        before = talk.turn.position
        first = talk.input(heard.kind, heard.value).turn
        talk.turn = replace(talk.turn, position=before)
        assert talk.input(heard.kind, heard.value).turn == first
        assert first.action == EndOfCall() or first.position.step in {
            *SHIPPED.flows["main"].steps,
            *SHIPPED.flows["main"].built_in_steps,
        }


def _person_or_promise(talk: Talk) -> bool:
    return isinstance(talk.then, Enqueue | MakePromise | RecordMessage)


@settings(max_examples=100, deadline=None)
@given(inputs=st.lists(INPUTS, max_size=8), night=st.booleans(), hidden=st.booleans())
def test_wherever_a_caller_has_come_to_zero_or_silence_twice_is_a_person_or_a_promise(
    inputs: list[FlowInput], night: bool, hidden: bool
) -> None:
    situation = CallerContext(now=MONDAY_NIGHT if night else MONDAY_NOON, number="" if hidden else NUMBER)
    talk = Talk(library=SHIPPED, situation=situation)
    for heard in inputs:
        if talk.hangs_up():
            return
        if isinstance(talk.then, Listen) == (heard.kind is not FlowInputKind.RESULT):
            talk.input(heard.kind, heard.value)
    if not isinstance(talk.then, Listen) or "made" in talk.turn.position.memo:
        return
    there = talk.turn
    talk.press("0")
    if not _person_or_promise(talk):
        talk.press("0")  # the first one was told that nobody is here, and what we can do
    assert _person_or_promise(talk)
    talk.turn = there
    for _ in range(6):  # two at the menu, two at the question, two at the offer
        if isinstance(talk.then, Listen):
            talk.nothing()
    assert _person_or_promise(talk)


def test_after_the_goodbye_a_late_request_changes_nothing_and_zero_is_still_a_person() -> None:
    talk = Talk(library=library("  m: {message: welcome}\n")).result("taken")
    assert talk.nothing().then == EndOfCall()
    assert talk.heard == ""
    assert isinstance(talk.press("0").then, Enqueue)


@pytest.mark.parametrize(
    ("words", "person"),
    [
        ("I want to talk to someone", True),
        ("someone stole my bags", False),
        ("can I speak with a human please", True),
        ("hello", False),
    ],
)
def test_someone_is_a_wish_only_when_nothing_else_is_said(talk: Talk, words: str, person: bool) -> None:
    assert (talk.says(words).turn.entered_steps == ("@person",)) == person


def test_a_webhook_can_be_made_of_a_position_by_json() -> None:
    talk = Talk(library=shipped()).press("1").says("my bags")
    position = talk.turn.position
    copied = Position(**json.loads(json.dumps(dict(vars(position)))))
    assert copied == position
