"""The control API: scripted people, the clock, the journal."""

import pytest

from tests.emulator.harness import (
    BRIDGED,
    HANG_UP,
    LINE,
    LORI,
    VICKI,
    App,
    Emulator,
    emulating,
    listen,
    pause,
    press,
)


def test_a_listener_reacts_half_a_second_after_the_words_were_spoken(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = "<Gather><Say>For support press one for sales press two</Say></Gather>"
    call = emulator.dial(listen("press one"), press("1"))
    emulator.run(10)
    began = emulator.log("answered", call=call)[0]["epoch"]
    (pressed,) = emulator.log("pressed", call=call)
    assert abs(pressed["epoch"] - began - 4 / 2.7 - 0.5) < 0.01


def test_keys_are_pressed_one_after_another(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = "<Gather timeout='9'/>"
    call = emulator.dial(press("123"))
    emulator.run(1)
    first, second, third = (one["epoch"] for one in emulator.log("pressed", call=call))
    assert (third - second, second - first) == (pytest.approx(0.2, abs=0.01), pytest.approx(0.2, abs=0.01))


def test_words_that_matched_are_not_heard_twice(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = "<Say>press one</Say><Pause/><Say>press one</Say><Pause length='10'/>"
    call = emulator.dial(listen("press one"), press("1"), listen("press one"), press("2"))
    emulator.run(10)
    first, second = (one["epoch"] for one in emulator.log("pressed", call=call))
    assert second - first > 1


def test_words_that_never_come_are_a_failure_of_the_script_and_then_the_else(
    emulator: Emulator, app: App
) -> None:
    app.pages["/answer"] = "<Say>Hello</Say><Pause length='30'/>"
    call = emulator.dial(listen("goodbye", 5), {**listen("never", 2), "else": [HANG_UP]})
    emulator.run(6)
    (failed,) = emulator.log("script_failed", call=call)
    assert failed["action"]["for"] == "goodbye"
    emulator.run(2)
    assert emulator.log("hung_up", call=call)[0]["by"] == LORI
    assert len(emulator.log("script_failed", call=call)) == 1


def test_a_person_can_be_moved_by_hand(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = "<Gather input='dtmf speech' action='/got' speechTimeout='1'/>"
    call = emulator.dial()
    emulator.run(0)
    emulator.act(call, "say", words="a person please")
    emulator.run(3)
    assert app.to("/got")[0]["SpeechResult"] == "a person please"
    emulator.phone(VICKI, name="Vicki")
    out = emulator.api.calls.create(to=VICKI, from_=LINE, url=f"{app.url}/answer").sid
    emulator.run(1)
    emulator.act(out, "answer")
    emulator.run(0)
    emulator.act(out, "press", keys="12#")
    emulator.run(1)
    assert app.to("/got")[1]["Digits"] == "12"
    app.pages["/answer"] = "<Gather timeout='60'/>"
    held = emulator.dial()
    emulator.run(5)
    emulator.act(held, "hang_up")
    assert (emulator.leg(held)["status"], emulator.leg(held)["duration"]) == ("completed", 5)
    declined = emulator.api.calls.create(to=VICKI, from_=LINE, url=f"{app.url}/answer").sid
    emulator.run(1)
    emulator.act(declined, "reject")
    emulator.run(0)
    assert emulator.leg(declined)["status"] == "busy"


def test_a_person_waits_until_they_are_bridged(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = f"<Dial>{VICKI}</Dial>"
    emulator.phone(VICKI, answers=True, after=6)
    call = emulator.dial(BRIDGED, HANG_UP)
    emulator.run(5)
    assert emulator.leg(call)["hears"]["sound"] == "ringing"
    emulator.run(3)
    assert emulator.leg(call)["duration"] == 6


def test_a_listener_hears_other_people_too(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = f"<Dial>{VICKI}</Dial>"
    emulator.phone(VICKI, answers=True, after=1, script=[pause(1), {"do": "say", "words": "How can I help"}])
    call = emulator.dial(listen("can I help", 10), HANG_UP)
    emulator.run(6)
    assert emulator.leg(call)["status"] == "completed"


def test_a_script_ends_with_its_call(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = "<Pause length='2'/>"
    call = emulator.dial(listen("never", 20))
    emulator.run(30)
    assert not emulator.log("script_failed", call=call)


def test_silence_is_measured_from_its_beginning(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = "<Say>Hello</Say><Pause length='30'/>"
    call = emulator.dial()
    emulator.run(10)
    leg = emulator.leg(call)
    assert abs(emulator.control("GET", "/clock")["epoch"] - leg["silent_since"] - 10 + 1 / 2.7) < 0.01


def test_a_machine_plays_its_greeting_and_hears_what_it_is_told(emulator: Emulator, app: App) -> None:
    app.pages["/out"] = "<Pause length='4'/><Say>Please call back</Say>"
    emulator.phone(VICKI, machine={"greeting": "You reached Vicki", "stays": 30}, after=1)
    call = emulator.api.calls.create(to=VICKI, from_=LINE, url=f"{app.url}/out").sid
    emulator.run(20)
    assert [one["words"] for one in emulator.log("spoke", call=call)] == ["You reached Vicki"]
    assert emulator.spoken_texts(call) == ["Please call back"]


def test_the_manual_clock_fires_everything_in_order_and_says_what_is_next(
    emulator: Emulator, app: App
) -> None:
    app.pages["/answer"] = "<Pause length='5'/><Redirect>/second</Redirect>"
    app.pages["/second"] = "<Pause length='5'/>"
    emulator.dial()
    emulator.run(0)
    before = emulator.control("GET", "/clock")
    assert before["mode"] == "manual"
    assert before["next"] == pytest.approx(before["epoch"] + 5, abs=0.002)
    emulator.control("POST", "/clock", {"to": before["epoch"] + 20})
    assert [round(one["epoch"] - before["epoch"], 2) for one in emulator.log("webhook")] == [0, 5]
    after = emulator.control("GET", "/clock")
    assert (after["busy"], after["next"], after["epoch"]) == (0, None, pytest.approx(before["epoch"] + 20))


def test_a_real_clock_can_run_faster(app: App) -> None:
    app.pages["/answer"] = "<Gather timeout='100'/>"
    with emulating("--speed", "1000", "--voice-url", f"{app.url}/answer", "--number", LINE) as url:
        emulator = Emulator(url)
        call = emulator.dial()
        number = 0
        while not (ended := emulator.log("ended", call=call)):
            entries = emulator.control("GET", f"/log?after={number}&wait=5")["entries"]
            assert entries, "nothing happened"
            number = entries[-1]["n"]
        assert 100 <= ended[0]["duration"] < 200
        emulator.control("POST", "/clock", {"by": 1}, status=409)
        emulator.close()


def test_the_journal_holds_requests_in_both_directions(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = "<Say>Hi</Say>"
    emulator.phone(LORI, name="Lori")
    call = emulator.dial()
    emulator.run(2)
    emulator.api.calls(call).fetch()
    (webhook,) = emulator.log("webhook")
    assert (webhook["who"], webhook["call"], webhook["status"]) == ("Lori", call, 200)
    assert webhook["answer"] == "<Response><Say>Hi</Say></Response>"
    assert webhook["params"]["CallSid"] == call
    rest = emulator.log("rest")[-1]
    assert (rest["method"], rest["path"].endswith(f"{call}.json"), rest["status"]) == ("GET", True, 200)
    assert [one["n"] for one in emulator.log()] == list(range(1, len(emulator.log()) + 1))


def test_dialling_a_number_that_is_not_ours_reaches_nobody(emulator: Emulator) -> None:
    emulator.control("POST", "/calls", {"from": LORI, "to": "+15550999999"}, status=404)


def test_a_reset_leaves_nothing_but_the_clock(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = "<Pause length='30'/>"
    emulator.dial(pause(20), HANG_UP)
    emulator.run(1)
    emulator.control("POST", "/reset")
    emulator.run(60)
    assert emulator.log() == []
    assert emulator.control("GET", "/legs")["legs"] == []
    assert emulator.api.incoming_phone_numbers.list() == []


def test_a_reset_begins_at_an_earlier_time_when_told(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = "<Pause length='30'/>"
    begin = emulator.control("GET", "/clock")["epoch"]
    emulator.run(600)
    emulator.dial(pause(20), HANG_UP)
    emulator.run(1)
    assert emulator.control("POST", "/reset", {"to": begin})["epoch"] == begin
    emulator.control("POST", "/clock", {"by": 60})
    assert emulator.control("GET", "/clock")["epoch"] == begin + 60
    assert emulator.log() == []


def test_a_clock_that_runs_by_itself_is_not_set_and_nothing_is_reset() -> None:
    with emulating("--speed", "1") as url:
        running = Emulator(url)
        running.control("PUT", "/phones/+15550133333", {"name": "Danielle"})
        running.control("POST", "/reset", {"to": 1000.0}, status=409)
        assert "+15550133333" in str(running.control("GET", "/state"))
        running.close()
