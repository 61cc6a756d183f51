"""The promise step: another number, its code, and numbers that will not do."""

from __future__ import annotations

import pytest

from ivr.flow.steps.choose_time_dialog import FindWindows
from ivr.flow.steps.other_number_dialog import CheckNumberCode, SendNumberCode
from ivr.flow.steps.promise_dialog import MakePromise
from ivr.flow.steps.queue import Enqueue
from ivr.flow.turn import TurnAction
from tests.flow.caller import Talk
from tests.flow.steps.promise_talk import FOUND, UNTIL, talk


def test_another_number_is_read_back_and_confirmed_by_a_code_before_it_is_used() -> None:
    call = talk().at("@choose_time").result(FOUND).press("9", "2125550199")
    assert "2 1 2, 5 5 5, 0 1 9 9" in call.heard
    call.press("1")
    asked: list[TurnAction] = [call.then]
    assert "six digits" in call.result("sent").heard
    asked += [call.press("123456").then, call.result("right").then]
    assert asked == [
        SendNumberCode(number="+12125550199"),
        CheckNumberCode(digits="123456"),
        FindWindows(queue="support", number="+12125550199"),
    ]
    call.result(FOUND).press("1")
    assert isinstance(call.then, MakePromise)
    assert call.then.number == "+12125550199"
    assert "number ending 1 9 9" in call.result(f"made {UNTIL}").heard


def another_number(then: str = FOUND) -> Talk:
    return talk().at("@choose_time").result(then).press("9", "2125550199", "1")


@pytest.mark.parametrize("result", ["no_text", "over"])
def test_a_number_that_cannot_be_confirmed_is_not_rung_and_that_is_said(result: str) -> None:
    call = another_number()
    call = call.result(result) if result == "no_text" else call.result("sent").press("123456").result(result)
    assert "we keep to the number that we have, ending 1 2 3" in call.heard
    assert call.then == FindWindows(queue="support")
    assert "another number" not in call.result(FOUND).heard
    call.press("1")
    assert isinstance(call.then, MakePromise)
    assert call.then.number == ""


def test_who_does_not_enter_the_code_is_given_time_once_and_called_at_their_own_number() -> None:
    call = another_number().result("sent").nothing()
    assert "Take your time" in call.heard
    call.nothing().nothing()
    assert "Without those digits" in call.heard
    assert call.then == FindWindows(queue="support")


def test_a_wrong_code_may_be_entered_again_but_not_for_ever() -> None:
    call = another_number().result("sent").press("111111").result("wrong")
    assert "once more" in call.heard
    call.press("111112").result("wrong").press("111113").result("wrong")
    assert "we keep to the number that we have" in call.heard
    assert call.then == FindWindows(queue="support")


def test_zero_in_the_code_is_a_person_and_star_says_it_again() -> None:
    call = another_number().result("sent").press("*")
    assert "six digits" in call.heard
    call.press("0")
    assert call.then == Enqueue(queue="support")


@pytest.mark.parametrize("keys", ["12", "999999999999999"])
def test_a_number_nobody_can_have_is_asked_for_again(keys: str) -> None:
    call = talk().at("@choose_time").result(FOUND).press("9", keys)
    assert (call.turn.position.stage, call.turn.position.failures) == ("number", 1)


def test_a_right_entry_after_a_wrong_one_starts_the_count_anew() -> None:
    call = talk().at("@choose_time").result(FOUND).press("9", "12", "2125550199", "7")
    assert (call.turn.position.stage, call.turn.position.failures) == ("confirm", 1)


def test_a_number_entered_wrong_twice_leads_to_a_person() -> None:
    call = talk().at("@choose_time").result(FOUND).press("9", "2125550199", "2", "2125550199", "2")
    assert call.then == Enqueue(queue="support")
