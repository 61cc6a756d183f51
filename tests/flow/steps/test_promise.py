"""None"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from ivr.flow.steps.ask import RecordReason
from ivr.flow.steps.choose_time_dialog import FindWindows
from ivr.flow.steps.promise_dialog import ChangePromise, MakePromise
from ivr.flow.steps.queue import Enqueue
from ivr.flow.turn import EndOfCall, Listen, RecordMessage
from tests.flow.caller import MONDAY_NIGHT
from tests.flow.steps.promise_talk import FOUND, UNTIL, WINDOWS, talk


def test_who_keeps_their_place_is_promised_at_once_and_hears_by_when() -> None:
    call = talk().at("@promise", queue="bookings", skills="spanish")
    assert call.then == MakePromise(queue="bookings", skills=("spanish",))
    call.result(f"made {UNTIL}")
    assert "We will call you at this number, ending 1 2 3, by twenty to four this afternoon" in call.heard
    assert call.heard.endswith("Is there one sentence you want us to know beforehand?")


def test_nothing_is_said_to_be_promised_before_it_is_on_disk() -> None:
    call = talk().at("@promise")
    assert "will call" not in call.heard
    call.result("refused")
    assert "will call" not in call.heard
    assert call.then == Enqueue(queue="support")


def test_the_sentence_goes_with_the_promise_and_then_the_call_ends() -> None:
    call = talk().at("@promise").result(f"made {UNTIL}").says("My suitcase did not arrive, your agent knows")
    assert call.then == RecordReason(text="My suitcase did not arrive, your agent knows")
    assert call.result("kept").then == EndOfCall()


def test_who_has_told_the_reason_is_not_asked_again() -> None:
    call = talk().at("@promise", reason="known").result(f"made {UNTIL}")
    assert call.then == EndOfCall()


def test_after_the_promise_the_flow_goes_on_where_it_says() -> None:
    call = talk().press("1", "1")
    assert call.then == MakePromise(queue="bookings", skills=("spanish",))
    call.result(f"made {UNTIL}").nothing()
    assert call.heard.endswith("Goodbye. Goodbye.")
    assert call.step == "bye"


def test_windows_are_read_three_at_a_time_and_chosen_by_key() -> None:
    call = talk().at("@choose_time")
    assert call.then == FindWindows(queue="support")
    call.result(FOUND)
    assert call.heard.count("press") == 5  # three windows, later ones, another number
    assert "Between one and two this afternoon: press 1" in call.heard
    call.press("4")
    assert "four and five" in call.heard
    assert "Later times" not in call.heard
    call.press("2")
    assert isinstance(call.then, MakePromise)
    assert (call.then.since, call.then.until) == WINDOWS[4]


def test_a_key_without_a_window_is_a_mistake() -> None:
    call = talk().at("@choose_time").result(FOUND).press("4", "3")
    assert isinstance(call.then, Listen)
    assert call.turn.position.failures == 1


def test_without_a_free_window_the_caller_is_promised_the_soonest_time() -> None:
    call = talk().at("@choose_time").result("[]")
    assert "no free time" in call.heard
    assert call.then == MakePromise(queue="support")


def test_a_hidden_caller_is_asked_for_a_number() -> None:
    call = talk(number="").at("@promise")
    assert call.turn.position.stage == "number"
    call.press("2125550199", "1")
    assert call.then == MakePromise(queue="support", number="+12125550199")


@pytest.mark.parametrize(
    ("why", "said"),
    [
        ("", "cannot ring that number"),
        ("invalid", "cannot ring that number"),
        ("country", "cannot ring that country"),
        ("costly", "cost extra"),
        ("ours", "one of our own"),
    ],
)
def test_a_number_that_may_not_be_rung_is_told_why_and_a_person_is_there_at_once(why: str, said: str) -> None:
    call = talk().at("@promise").result(f"not_callable {why}".strip())
    assert said in call.heard
    assert "Hold on and you keep your place for a person" in call.heard
    assert call.nothing().then == Enqueue(queue="support")


def test_or_another_number_is_entered_and_when_that_will_not_do_either_a_person_comes() -> None:
    call = talk().at("@promise").result("not_callable country").press("2125550199", "1")
    assert call.then == MakePromise(queue="support", number="+12125550199")
    assert call.result("not_callable costly").then == Enqueue(queue="support")


def test_at_night_a_caller_whose_number_will_not_do_leaves_a_recording() -> None:
    call = talk(now=MONDAY_NIGHT).at("@closed").press("1").result("not_callable country")
    assert "for a person" not in call.heard, "nobody is there"
    call.press("2125550199", "1").result("not_callable country")
    assert call.then == RecordMessage(queue="support")
    assert call.result("taken").then == EndOfCall()


def test_at_night_the_callers_own_number_is_rung_when_the_other_one_will_not_do() -> None:
    call = talk(now=MONDAY_NIGHT).at("@closed").press("2").result(FOUND).press("9", "2125550199", "1")
    call.result("sent").press("123456").result("right")
    call.result(FOUND).press("1").result("bounded other")
    assert "cannot take another number" in call.heard
    assert isinstance(call.then, MakePromise)
    assert call.then.number == ""
    assert isinstance(call.result(f"made {UNTIL}").then, Listen)


@pytest.mark.parametrize("bound", ["number", "other", "line"])
def test_whoever_asks_too_often_is_told_so_and_a_person_is_there(bound: str) -> None:
    call = talk().at("@promise").result(f"bounded {bound}")
    if bound == "number":
        call.nothing()
    assert call.then == Enqueue(queue="support")
    full = talk().at("@full").press("1").result("bounded line")
    assert full.then == RecordMessage(queue="support"), "nobody is dropped when the line is full as well"


def test_a_second_wish_is_merged_and_said_so() -> None:
    call = talk().at("@promise").result(f"merged {UNTIL}")
    assert "We already owe you a call at the number ending 1 2 3, by twenty to four" in call.heard


def test_when_nothing_can_be_written_and_the_line_is_full_a_recording_is_taken() -> None:
    call = talk().at("@full").press("1").result("refused").result("full")
    assert call.then == RecordMessage(queue="support")
    assert call.result("empty").then == EndOfCall()


def test_at_night_silence_is_promised_a_call_all_the_same() -> None:
    call = talk(now=MONDAY_NIGHT).press("2").nothing().nothing()
    assert isinstance(call.then, MakePromise)
    assert call.then.since == datetime(2026, 11, 24, 8, tzinfo=MONDAY_NIGHT.tzinfo)


def test_at_night_zero_in_the_offer_is_promised_and_a_hidden_caller_recorded() -> None:
    assert isinstance(talk(now=MONDAY_NIGHT).press("0", "0").then, MakePromise)
    assert isinstance(talk(now=MONDAY_NIGHT, number="").press("0", "0").then, RecordMessage)


def test_by_day_zero_in_the_offer_is_a_person() -> None:
    assert talk().press("1", "0").then == Enqueue(queue="support")


def test_back_from_the_windows_is_the_offer() -> None:
    call = talk().press("1", "2").result(FOUND).press("#")
    assert call.turn.position.stage == "offer"


def test_times_are_said_in_the_callers_zone_and_the_zone_when_it_is_in_doubt() -> None:
    call = talk(zones=("America/Los_Angeles",)).at("@promise").result(f"made {UNTIL}")
    assert "by twenty to one this afternoon." in call.heard
    call = talk(zones=("America/New_York", "America/Chicago")).at("@promise").result(f"made {UNTIL}")
    assert "by twenty to four this afternoon, Eastern Time." in call.heard


def test_a_promise_is_moved_and_stands_when_it_cannot_be() -> None:
    call = talk().at("@choose_time", promise="p1").result(FOUND).press("2")
    assert call.then == ChangePromise(promise="p1", since=WINDOWS[1][0], until=WINDOWS[1][1])
    moved = call.turn
    call.result("done")
    assert "it is moved" in call.heard
    assert call.hangs_up()
    call.turn = moved
    assert call.result("refused").then == Enqueue(queue="support")


def test_without_a_free_window_what_was_promised_is_not_moved() -> None:
    call = talk().at("@choose_time", promise="p1").result("[]")
    assert "what we promised stands" in call.heard
    assert call.then == Enqueue(queue="support")


def test_yes_and_no_do_as_well_as_keys() -> None:
    assert isinstance(talk().press("1").says("yes, please").then, MakePromise)
    assert isinstance(talk().press("1").says("another time").then, FindWindows)
    assert talk().press("1").says("my suitcase did not come").turn.position.failures == 1


def test_the_estimate_is_only_said_when_there_is_one() -> None:
    assert "It will be" not in talk().press("1").heard
    call = talk()
    call.situation = replace(call.situation, estimate={"bookings": 240})
    assert "it will be about four minutes" in call.press("1").heard


def test_a_zone_is_named_where_the_clock_is_in_doubt_and_only_there() -> None:
    idaho = ("America/Boise", "America/Los_Angeles")
    assert "Eastern Time" in talk(zones=idaho).at("@choose_time").result(FOUND).heard
    chicago = ("America/Chicago", "America/Menominee")  # two names of one time: theirs is spoken
    heard = talk(zones=chicago).at("@choose_time").result(FOUND).heard
    assert "between noon and one" in heard.lower()
    assert "Time" not in heard
    west = talk(zones=("America/New_York",)).at("@choose_time").result(FOUND).press("9", "2135550199", "1")
    west.result("sent").press("123456").result("right")
    assert "Eastern Time" in west.result(FOUND).heard
    hidden = talk(number="").at("@choose_time").press("2135550199", "1")
    assert "Eastern Time" in hidden.result(FOUND).heard
