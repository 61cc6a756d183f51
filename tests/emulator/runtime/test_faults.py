"""What goes wrong on purpose."""

import pytest
import requests
from twilio.base.exceptions import TwilioRestException

from tests.emulator.harness import HANG_UP, LINE, VICKI, App, Emulator, pause

ALL = ["initiated", "ringing", "answered", "completed"]


def call(emulator: Emulator, app: App) -> str:
    app.pages["/out"] = "<Pause length='60'/>"
    emulator.phone(VICKI, answers=True, after=1, script=[pause(3), HANG_UP])
    made = emulator.api.calls.create(
        to=VICKI,
        from_=LINE,
        url=f"{app.url}/out",
        status_callback=f"{app.url}/progress",
        status_callback_event=ALL,
    )
    return str(made.sid)


def progress(app: App) -> list[str]:
    return [one["CallStatus"] for one in app.to("/progress")]


def test_a_callback_can_be_lost(emulator: Emulator, app: App) -> None:
    emulator.fault("callback", "drop", "/progress")
    call(emulator, app)
    emulator.run(10)
    assert progress(app) == ["ringing", "in-progress", "completed"]


def test_a_callback_can_come_twice_with_the_same_token(emulator: Emulator, app: App) -> None:
    emulator.fault("callback", "twice", "/progress")
    call(emulator, app)
    emulator.run(10)
    assert progress(app) == ["initiated", "initiated", "ringing", "in-progress", "completed"]
    tokens = [one.headers["i-twilio-idempotency-token"] for one in app.seen if one.path == "/progress"]
    assert tokens[0] == tokens[1] != tokens[2]


def test_a_callback_can_be_overtaken_by_the_next(emulator: Emulator, app: App) -> None:
    emulator.fault("callback", "reorder", "/progress", seconds=2)
    call(emulator, app)
    emulator.run(10)
    assert progress(app) == ["ringing", "in-progress", "initiated", "completed"]


def test_a_late_callback_holds_up_those_after_it(emulator: Emulator, app: App) -> None:
    emulator.fault("callback", "late", "/progress", seconds=30)
    call(emulator, app)
    emulator.run(20)
    assert not progress(app)
    emulator.run(20)
    assert progress(app) == ["initiated", "ringing", "in-progress", "completed"]


def test_a_webhook_can_fail_so_many_times(emulator: Emulator, app: App) -> None:
    emulator.fault("webhook", "error", "/answer", status=502, times=2)
    for _ in range(3):
        emulator.dial()
        emulator.run(1)
    assert len(app.to("/fallback")) == 2
    assert len(app.to("/answer")) == 1


def test_the_api_can_answer_5xx_and_have_done_nothing(emulator: Emulator, app: App) -> None:
    emulator.fault("rest", "error", "/Calls.json", status=503)
    with pytest.raises(TwilioRestException) as caught:
        call(emulator, app)
    assert (caught.value.status, caught.value.code) == (503, 20503)
    assert not emulator.api.calls.list()


def test_the_api_can_answer_5xx_after_the_call_was_made(emulator: Emulator, app: App) -> None:
    emulator.fault("rest", "error_after", "/Calls.json", status=500)
    with pytest.raises(TwilioRestException) as caught:
        call(emulator, app)
    assert (caught.value.status, caught.value.code) == (500, 20500)
    assert len(emulator.api.calls.list()) == 1


def test_the_api_can_limit_the_rate(emulator: Emulator, app: App) -> None:
    emulator.fault("rest", "rate_limit", "/Calls.json")
    with pytest.raises(TwilioRestException) as caught:
        call(emulator, app)
    assert (caught.value.status, caught.value.code) == (429, 20429)
    assert call(emulator, app)


def test_an_answer_of_the_api_can_be_lost_after_the_call_was_made(emulator: Emulator, app: App) -> None:
    emulator.fault("rest", "lose_response", "/Calls.json")
    with pytest.raises(requests.ConnectionError):
        call(emulator, app)
    assert len(emulator.api.calls.list()) == 1


def test_a_dropped_request_to_the_api_has_done_nothing(emulator: Emulator, app: App) -> None:
    emulator.fault("rest", "drop", "/Calls.json")
    with pytest.raises(requests.ConnectionError):
        call(emulator, app)
    assert not emulator.api.calls.list()


def test_a_conference_can_be_invisible_to_lists_for_a_while(emulator: Emulator, app: App) -> None:
    emulator.fault("rest", "hidden", "Conferences/Room", seconds=5)
    app.pages["/answer"] = "<Dial><Conference>Room</Conference></Dial>"
    emulator.dial()
    emulator.run(4)
    assert not emulator.api.conferences.list()
    emulator.run(2)
    assert len(emulator.api.conferences.list()) == 1


def test_a_participant_can_be_invisible_for_a_while(emulator: Emulator, app: App) -> None:
    emulator.fault("rest", "hidden", "Participants/Room", seconds=5)
    app.pages["/answer"] = "<Dial><Conference>Room</Conference></Dial>"
    emulator.dial()
    emulator.run(1)
    (room,) = emulator.api.conferences.list()
    assert not emulator.api.conferences(room.sid).participants.list()
    emulator.run(5)
    assert len(emulator.api.conferences(room.sid).participants.list()) == 1


def test_a_caller_can_hang_up_at_the_instant_of_a_webhook(emulator: Emulator, app: App) -> None:
    emulator.fault("webhook", "hang_up", "/second")
    app.pages["/answer"] = "<Redirect>/second</Redirect>"
    app.pages["/second"] = "<Say>Nobody hears this</Say>"
    sid = emulator.dial()
    emulator.run(1)
    assert "/second" in app.paths()
    assert not emulator.spoken_texts(sid)
    assert emulator.leg(sid)["status"] == "completed"


def test_a_lost_answer_of_the_app_is_a_failure_though_the_app_has_acted(emulator: Emulator, app: App) -> None:
    emulator.fault("webhook", "lose_response", "/answer")
    app.pages["/answer"] = "<Say>Never heard</Say>"
    emulator.dial()
    emulator.run(1)
    assert app.paths()[:2] == ["/answer", "/fallback"]


def test_faults_can_be_seen_and_taken_back(emulator: Emulator, app: App) -> None:
    emulator.fault("webhook", "error", "/answer", times=-1)
    (fault,) = emulator.control("GET", "/faults")["faults"]
    emulator.control("DELETE", f"/faults/{fault['id']}")
    emulator.dial()
    emulator.run(1)
    assert not app.to("/fallback")


def test_chance_is_seeded_and_neither_always_nor_never(emulator: Emulator, app: App) -> None:
    emulator.fault("webhook", "error", "/answer", times=-1, probability=0.5)
    for _ in range(20):
        emulator.dial()
    emulator.run(1)
    assert 2 < len(app.to("/fallback")) < 18


def test_a_fault_that_does_not_exist_is_refused(emulator: Emulator) -> None:
    emulator.control("POST", "/faults", {"where": "moon", "what": "drop"}, status=400)


def test_a_lost_callback_stays_lost_however_often_it_is_tried(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = "<Hangup/>"
    (number,) = emulator.api.incoming_phone_numbers.list()
    number.update(status_callback=f"{app.url}/status#rc=3&rp=all")
    emulator.fault("callback", "drop", "/status")
    emulator.dial()
    emulator.run(20)
    assert app.to("/status") == []


def test_a_webhook_that_was_lost_is_asked_again_if_its_policy_says_so(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = "<Say>Good morning</Say>"
    (number,) = emulator.api.incoming_phone_numbers.list()
    number.update(voice_url=f"{app.url}/answer#rt=2000&rc=1&rp=rt")
    emulator.fault("webhook", "drop", "/answer")
    call = emulator.dial()
    emulator.run(10)
    assert emulator.spoken_texts(call) == ["Good morning"]
