"""The engine in steps that ask, record, text and branch."""

from __future__ import annotations

from dataclasses import replace

from ivr.flow.engine import start_flow
from ivr.flow.steps.ask import RecordReason
from ivr.flow.steps.promise_dialog import MakePromise
from ivr.flow.steps.queue import Enqueue
from ivr.flow.steps.text import SendText
from ivr.flow.turn import CallerContext, EndOfCall, RecordMessage
from tests.flow.caller import MONDAY_NIGHT, MONDAY_NOON, Talk, library

ASK = """
  why: {ask: reason, next: number}
  number: {ask: digits, prompt: what, digits: 6, label: booking number, next: again}
  again: {ask: reason, next: support}
  support: {queue: support}
"""


def test_the_reason_is_kept_word_for_word_and_not_asked_for_twice() -> None:
    talk = Talk(library=library(ASK))
    talk.says("Your agent told me that my suitcase is lost")
    assert talk.then == RecordReason(text="Your agent told me that my suitcase is lost")
    talk.result("kept").press("123456")
    assert talk.then == RecordReason(text="booking number 123456")
    assert talk.result("kept").then == Enqueue(queue="support")


def test_who_says_nothing_when_asked_for_the_reason_goes_on() -> None:
    assert Talk(library=library(ASK)).nothing().step == "number"


def test_an_agent_please_is_no_reason_but_a_wish() -> None:
    assert Talk(library=library(ASK)).says("An agent, please").then == Enqueue(queue="support")


def test_in_an_entry_zero_is_a_digit_and_alone_a_person() -> None:
    talk = Talk(library=library(ASK)).nothing()
    assert talk.press("100200").then == RecordReason(text="booking number 100200")
    talk = Talk(library=library(ASK)).nothing()
    assert talk.press("0").then == Enqueue(queue="support")


def test_an_entry_that_is_too_short_is_asked_for_again_and_then_there_is_a_person() -> None:
    talk = Talk(library=library(ASK)).nothing().press("12")
    assert (talk.step, talk.turn.position.failures) == ("number", 1)
    assert talk.press("123").then == Enqueue(queue="support")


def test_a_message_that_stayed_empty_is_followed_by_an_offer() -> None:
    talk = Talk(library=library("  m: {message: welcome, seconds: 30}\n"))
    assert talk.then == RecordMessage(queue="support", seconds=30)
    assert isinstance(talk.result("empty").then, MakePromise)
    talk = Talk(library=library("  m: {message: welcome}\n"))
    assert talk.result("taken").then == EndOfCall()


def test_a_text_goes_out_unescaped_and_the_call_goes_on_when_it_cannot() -> None:
    prompts = 'welcome: "Hi[ {caller.name}] & welcome to {company}."\ncompany: "Tooty Air"\n'
    made = library("  t: {text: welcome, next: q}\n  q: {queue: support}\n", prompts_en_yaml=prompts)
    talk = Talk(library=made, situation=CallerContext(now=MONDAY_NOON, name="O'Hara <x>"))
    assert talk.then == SendText(body="Hi O'Hara <x> & welcome to Tooty Air.")
    assert talk.result("refused").then == Enqueue(queue="support")


def test_a_recording_may_stand_in_for_a_prompt() -> None:
    made = library(
        "  s: {say: welcome, next: q}\n  q: {queue: support}\n",
        prompts_en_yaml='welcome: "https://a.example/w.mp3"\n',
    )
    assert Talk(library=made).heard == "https://a.example/w.mp3"


def test_a_branch_takes_the_first_line_that_holds() -> None:
    steps = """
  b:
    branch:
      - when: {closed: support}
        next: night
      - when: {caller: known, calls_today: {at_least: 3}}
        next: often
      - when: {agents_free: {queue: support, at_least: 2}}
        next: free
      - when: {estimate: {queue: support, at_most: 60}}
        next: soon
      - else: other
  night: {goodbye: bye}
  often: {goodbye: bye}
  free: {goodbye: bye}
  soon: {goodbye: bye}
  other: {goodbye: bye}
"""
    made = library(steps)
    noon = CallerContext(now=MONDAY_NOON)
    cases = {
        "night": replace(noon, now=MONDAY_NIGHT),
        "often": replace(noon, known=True, calls_today=3, agents_free={"support": 5}),
        "free": replace(noon, known=True, calls_today=2, agents_free={"support": 2}),
        "soon": replace(noon, agents_free={"support": 1}, estimate={"support": 60}),
        "other": replace(noon, estimate={"support": None}),
    }
    for step, situation in cases.items():
        turn = start_flow(made.get_flow_for_number(""), made, situation, "en")
        assert turn.entered_steps == ("b", step)
