"""https://www.twilio.com/docs/voice/api/call-resource"""

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from tests.emulator.harness import (
    ACCOUNT,
    DANIELLE,
    HANG_UP,
    LINE,
    VICKI,
    App,
    Emulator,
    LocalHttpClient,
    Reply,
    pause,
)

ALL = ["initiated", "ringing", "answered", "completed"]


def refused(emulator: Emulator, **call: str) -> tuple[int, int]:
    with pytest.raises(TwilioRestException) as caught:
        emulator.api.calls.create(**{"to": VICKI, "from_": LINE, "twiml": "<Response/>"} | call)
    return caught.value.status, caught.value.code


def test_a_wrong_token_is_401_with_code_20003(emulator: Emulator) -> None:
    http = LocalHttpClient(emulator.url)
    with pytest.raises(TwilioRestException) as caught:
        Client(ACCOUNT, "wrong", http_client=http).calls("CA1").fetch()
    http.session.close()
    assert (caught.value.status, caught.value.code) == (401, 20003)


def test_numbers_that_cannot_be_called_are_refused_with_twilios_codes(emulator: Emulator) -> None:
    assert refused(emulator, to="12") == (400, 21211)
    assert refused(emulator, to="") == (400, 21201)
    assert refused(emulator, from_="12") == (400, 21212)
    assert refused(emulator, from_="") == (400, 21213)
    assert refused(emulator, from_="+15550999999") == (400, 21210)
    assert refused(emulator, twiml="") == (400, 21205)
    emulator.phone(VICKI, refused=13225)
    assert refused(emulator) == (400, 13225)


def test_a_call_goes_from_queued_over_ringing_to_in_progress_and_completed(
    emulator: Emulator, app: App
) -> None:
    app.pages["/out"] = "<Pause length='60'/>"
    emulator.phone(VICKI, answers=True, after=3, script=[pause(8), HANG_UP])
    call = emulator.api.calls.create(
        to=VICKI,
        from_=LINE,
        url=f"{app.url}/out",
        status_callback=f"{app.url}/progress",
        status_callback_event=ALL,
    )
    assert call.status == "queued"
    emulator.run(1)
    assert emulator.api.calls(call.sid).fetch().status == "ringing"
    emulator.run(3)
    assert emulator.api.calls(call.sid).fetch().status == "in-progress"
    emulator.run(10)
    ended = emulator.api.calls(call.sid).fetch()
    assert (ended.status, ended.duration, ended.direction) == ("completed", "8", "outbound-api")
    progress = app.to("/progress")
    assert [one["CallStatus"] for one in progress] == ["initiated", "ringing", "in-progress", "completed"]
    assert [one["SequenceNumber"] for one in progress] == ["0", "1", "2", "3"]
    assert progress[-1]["SipResponseCode"] == "200"
    assert app.to("/out")[0]["Direction"] == "outbound-api"


def test_events_in_one_string_with_spaces_are_accepted_and_then_silent(emulator: Emulator, app: App) -> None:
    emulator.phone(VICKI, answers=True, script=[HANG_UP])
    emulator.api.calls.create(
        to=VICKI,
        from_=LINE,
        url=f"{app.url}/out",
        status_callback=f"{app.url}/progress",
        status_callback_event=["initiated ringing answered completed"],
    )
    emulator.run(10)
    assert not app.to("/progress")
    assert 21626 in emulator.errors()


def test_twilio_rings_five_seconds_longer_than_the_timeout(emulator: Emulator, app: App) -> None:
    call = emulator.api.calls.create(to=VICKI, from_=LINE, url=f"{app.url}/out", timeout=15)
    emulator.run(19)
    assert emulator.api.calls(call.sid).fetch().status == "ringing"
    emulator.run(2)
    assert emulator.api.calls(call.sid).fetch().status == "no-answer"
    assert not app.seen


@pytest.mark.parametrize(
    ("phone", "status", "sip"),
    [({"busy": True}, "busy", "486"), ({"unreachable": True}, "failed", "404"), ({}, "no-answer", "487")],
)
def test_a_call_that_nobody_takes_says_why(
    emulator: Emulator, app: App, phone: dict[str, bool], status: str, sip: str
) -> None:
    emulator.phone(VICKI, **phone)
    emulator.api.calls.create(
        to=VICKI, from_=LINE, url=f"{app.url}/out", timeout=5, status_callback=f"{app.url}/progress"
    )
    emulator.run(12)
    (progress,) = app.to("/progress")
    assert (progress["CallStatus"], progress["SipResponseCode"], progress["CallDuration"]) == (
        status,
        sip,
        "0",
    )


def test_a_call_can_be_canceled_while_it_rings(emulator: Emulator, app: App) -> None:
    call = emulator.api.calls.create(
        to=VICKI, from_=LINE, url=f"{app.url}/out", status_callback=f"{app.url}/progress"
    )
    emulator.run(1)
    assert emulator.api.calls(call.sid).update(status="canceled").status == "canceled"
    emulator.run(1)
    assert [one["CallStatus"] for one in app.to("/progress")] == ["canceled"]


def test_canceled_does_not_touch_a_call_in_progress_and_completed_does(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = "<Gather timeout='60'/>"
    call = emulator.dial()
    emulator.run(1)
    assert emulator.api.calls(call).update(status="canceled").status == "in-progress"
    assert emulator.api.calls(call).update(status="completed").status == "completed"


def test_calls_beyond_the_rate_wait_queued_and_cancelling_one_there_says_nothing(
    emulator: Emulator, app: App
) -> None:
    emulator.control("PUT", "/settings", {"cps": 1})
    made = [
        emulator.api.calls.create(
            to=number,
            from_=LINE,
            url=f"{app.url}/out",
            status_callback=f"{app.url}/progress",
            status_callback_event=ALL,
        )
        for number in (VICKI, DANIELLE, "+15550144444")
    ]
    emulator.run(0.5)
    assert [emulator.api.calls(one.sid).fetch().status for one in made] == ["ringing", "queued", "queued"]
    emulator.api.calls(made[2].sid).update(status="canceled")
    emulator.run(1)
    assert emulator.api.calls(made[1].sid).fetch().status == "ringing"
    emulator.run(3)
    assert made[2].sid not in {one["CallSid"] for one in app.to("/progress")}


def test_changing_a_call_that_has_ended_is_21220(emulator: Emulator, app: App) -> None:
    call = emulator.dial(HANG_UP)
    emulator.run(1)
    for change in ({"url": f"{app.url}/new"}, {"status": "completed"}):
        with pytest.raises(TwilioRestException) as caught:
            emulator.api.calls(call).update(**change)
        assert (caught.value.status, caught.value.code) == (400, 21220)


def test_a_call_that_never_was_is_20404(emulator: Emulator) -> None:
    with pytest.raises(TwilioRestException) as caught:
        emulator.api.calls("CA" + "0" * 32).fetch()
    assert (caught.value.status, caught.value.code) == (404, 20404)


def test_a_redirect_interrupts_the_words_being_said(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = "<Say>One two three four five six seven eight</Say>"
    call = emulator.dial()
    emulator.run(1)
    emulator.api.calls(call).update(twiml="<Response><Say>Stop</Say></Response>")
    emulator.run(2)
    assert [(one["words"], one["complete"]) for one in emulator.log("said", call=call)] == [
        ("One two three four five six seven eight", False),
        ("Stop", True),
    ]


def test_lists_are_newest_first_filtered_and_paged(emulator: Emulator, app: App) -> None:
    made = []
    for _ in range(5):
        made.append(emulator.api.calls.create(to=VICKI, from_=LINE, url=f"{app.url}/out").sid)
        emulator.run(1)
    emulator.api.calls.create(to=DANIELLE, from_=LINE, url=f"{app.url}/out")
    assert [one.sid for one in emulator.api.calls.list(to=VICKI, page_size=2)] == made[::-1]
    assert len(emulator.api.calls.list(to=VICKI, limit=3)) == 3
    assert len(emulator.api.calls.list(status="ringing")) == 6
    assert len(emulator.api.calls.list(from_=LINE)) == 6
    first = emulator.api.calls.page(page_size=4)
    assert len(list(first)) == 4
    following = first.next_page()
    assert following is not None
    assert len(list(following)) == 2
    assert following.next_page() is None


def test_start_time_filters_by_day_or_moment(emulator: Emulator, app: App) -> None:
    emulator.dial(pause(1), HANG_UP)
    emulator.run(3)
    (call,) = emulator.api.calls.list()
    day = call.start_time.date()
    assert len(emulator.api.calls.list(start_time=day)) == 1
    assert len(emulator.api.calls.list(start_time_after=day)) == 1
    assert not emulator.api.calls.list(start_time_before=day.replace(year=2020))


def test_the_fallback_of_an_outgoing_call_is_its_own(emulator: Emulator, app: App) -> None:
    app.pages["/out"] = Reply("", 500)
    emulator.phone(VICKI, answers=True, after=1)
    emulator.api.calls.create(to=VICKI, from_=LINE, url=f"{app.url}/out", fallback_url=f"{app.url}/spare")
    emulator.run(3)
    assert app.to("/spare")[0]["ErrorCode"] == "11200"
    assert not app.to("/fallback")


def test_a_time_limit_ends_the_call(emulator: Emulator, app: App) -> None:
    app.pages["/out"] = "<Pause length='100'/>"
    emulator.phone(VICKI, answers=True, after=1)
    call = emulator.api.calls.create(to=VICKI, from_=LINE, url=f"{app.url}/out", time_limit=20)
    emulator.run(60)
    assert emulator.api.calls(call.sid).fetch().duration == "20"


def test_webhooks_of_a_number_can_be_changed_and_rule_the_next_call(emulator: Emulator, app: App) -> None:
    (number,) = emulator.api.incoming_phone_numbers.list(phone_number=LINE)
    number.update(voice_url=f"{app.url}/other")
    assert emulator.api.incoming_phone_numbers(number.sid).fetch().voice_url == f"{app.url}/other"
    emulator.dial()
    emulator.run(1)
    assert app.paths()[0] == "/other"


def test_a_document_that_redirects_to_itself_without_end_is_stopped(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = "<Redirect/>"
    call = emulator.dial()
    emulator.run(1)
    assert 14106 in emulator.errors()
    assert emulator.api.calls(call).fetch().status == "completed"
