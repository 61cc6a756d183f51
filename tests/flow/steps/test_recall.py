from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from ivr.flow.steps.case import JoinCase
from ivr.flow.steps.choose_time_dialog import FindWindows
from ivr.flow.steps.promise_dialog import ChangePromise
from ivr.flow.steps.queue import Enqueue
from ivr.flow.turn import CallerContext, EndOfCall, LastContact, OpenPromise
from tests.flow.caller import MONDAY_NOON, NUMBER, Talk, library

FLOW = """
  earlier: {recall: last_contact, same: support, other: menu, nothing: menu}
  menu: {menu: what, options: {1: {next: support}}}
  support: {queue: support}
"""
LAST = LastContact(at=MONDAY_NOON - timedelta(days=1), agent="Danielle", subject="your suitcase", case="c7")
OWED = OpenPromise(promise_id="p1", until=MONDAY_NOON + timedelta(hours=2), agent="Danielle", may_change=True)
LORI = CallerContext(now=MONDAY_NOON, number=NUMBER, known=True, name="Lori", last_contact=LAST)


def talk(situation: CallerContext) -> Talk:
    return Talk(library=library(FLOW), situation=situation)


def test_what_is_known_is_read_back_and_joined_by_key() -> None:
    call = talk(LORI)
    assert call.heard.startswith(
        "Hello, Lori. You spoke with Danielle yesterday afternoon about your suitcase."
    )
    call.press("1")
    assert call.then == JoinCase(same=True, case="c7")
    assert call.result("joined").then == Enqueue(queue="support")


def test_something_new_is_something_new() -> None:
    assert talk(LORI).press("2").then == JoinCase(same=False)
    assert talk(LORI).says("no, something else").then == JoinCase(same=False)
    assert talk(LORI).press("2").result("joined").step == "menu"


def test_with_nothing_to_recall_nothing_is_said() -> None:
    assert talk(CallerContext(now=MONDAY_NOON)).heard == "One or two?"


def test_an_unsure_caller_hears_that_something_is_owed_and_no_more() -> None:
    owed = replace(OWED, agent="", may_change=False, until=MONDAY_NOON + timedelta(hours=3))
    call = talk(
        CallerContext(
            now=MONDAY_NOON, number=NUMBER, last_contact=LastContact(at=LAST.at, case="c7"), open_promise=owed
        )
    )
    assert call.heard == "Hello. We owe you a call. If it is about that, press 1; for something new, 2."
    assert call.press("4").turn.position.failures == 1
    assert call.press("3").then == Enqueue(queue="support")


def test_what_is_owed_is_said_with_who_and_by_when() -> None:
    assert "You were promised a call by two this afternoon." in talk(replace(LORI, open_promise=OWED)).heard
    other = talk(replace(LORI, open_promise=replace(OWED, agent="Vicki")))
    assert "Vicki promised to call you by two this afternoon." in other.heard
    nobody = talk(replace(LORI, open_promise=replace(OWED, agent="")))
    assert "We promised to call you by two this afternoon." in nobody.heard


def test_a_whole_sentence_is_told_as_one() -> None:
    call = talk(
        replace(LORI, last_contact=replace(LAST, subject="My suitcase did not arrive in Albany <today>."))
    )
    assert "It was about this: My suitcase did not arrive in Albany &lt;today&gt;." in call.heard


def test_what_is_owed_can_be_moved() -> None:
    call = talk(replace(LORI, open_promise=OWED)).press("3")
    assert call.then == FindWindows(queue="support")
    assert call.turn.position.memo["promise"] == "p1"


def test_what_is_owed_can_be_declined_and_then_there_may_be_something_else() -> None:
    call = talk(replace(LORI, open_promise=OWED)).press("4")
    assert call.then == ChangePromise(promise="p1", decline=True)
    declined = call.turn
    assert call.result("done").nothing().then == EndOfCall()
    call.turn = declined
    assert call.result("done").press("1").step == "menu"
    call.turn = declined
    assert call.result("refused").then == Enqueue(queue="support")


def test_after_a_mistake_only_the_question_is_asked_again() -> None:
    assert "Danielle" not in talk(LORI).press("8").heard


def test_the_built_in_question_about_the_case_leads_to_a_person_either_way() -> None:
    assert talk(LORI).at("@case").nothing().then == Enqueue(queue="support")
    assert talk(LORI).at("@case").press("1").result("joined").then == Enqueue(queue="support")
    assert talk(CallerContext(now=MONDAY_NOON)).at("@case").then == Enqueue(queue="support")
