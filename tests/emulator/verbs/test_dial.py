"""https://www.twilio.com/docs/voice/twiml/dial and /number"""

from tests.emulator.harness import (
    DANIELLE,
    HANG_UP,
    LORI,
    VICKI,
    App,
    Emulator,
    listen,
    pause,
    press,
    say,
)

ALL = "initiated ringing answered completed"


def number(attributes: str = "", dial: str = 'action="/after"', to: str = VICKI) -> str:
    return f"<Dial {dial}><Number {attributes}>{to}</Number></Dial><Say>Unreachable.</Say>"


def test_two_parties_hear_each_other_until_the_called_one_hangs_up(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = number()
    app.pages["/after"] = "<Say>Goodbye.</Say>"
    emulator.phone(VICKI, answers=True, after=2, script=[say("Vicki speaking"), pause(4), HANG_UP])
    caller = emulator.dial(pause(6), say("Thank you"))
    emulator.run(20)
    (after,) = app.to("/after")
    assert (after["DialCallStatus"], after["DialBridged"]) == ("completed", "true")
    assert after["DialCallDuration"] == "5"
    child = emulator.api.calls(after["DialCallSid"]).fetch()
    assert (child.direction, child.parent_call_sid) == ("outbound-dial", caller)
    assert child._from == LORI  # noqa: SLF001 - the SDK calls it so
    assert [one["words"] for one in emulator.log("heard", call=caller)] == ["Vicki speaking"]
    assert emulator.spoken_texts(caller) == ["Goodbye."]


def test_verbs_after_a_dial_without_an_action_follow_when_nobody_answers(
    emulator: Emulator, app: App
) -> None:
    app.pages["/answer"] = number(dial='timeout="10"')
    caller = emulator.dial()
    emulator.run(14)
    assert not emulator.spoken_texts(caller)
    emulator.run(5)
    assert emulator.spoken_texts(caller) == ["Unreachable."]


def test_how_it_went_is_the_dial_call_status(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = number(dial='action="/after" timeout="5"')
    for settings, status in (
        ({"busy": True}, "busy"),
        ({"answers": False}, "no-answer"),
        ({"unreachable": True}, "failed"),
    ):
        emulator.phone(VICKI, **settings)
        emulator.dial()
        emulator.run(12)
        assert app.to("/after")[-1]["DialCallStatus"] == status


def test_several_numbers_ring_at_once_and_the_first_to_pick_up_gets_the_call(
    emulator: Emulator, app: App
) -> None:
    app.pages["/answer"] = f"<Dial action='/after'><Number>{VICKI}</Number><Number>{DANIELLE}</Number></Dial>"
    emulator.phone(VICKI, answers=True, after=5)
    emulator.phone(DANIELLE, answers=True, after=3, script=[pause(2), HANG_UP])
    emulator.dial()
    emulator.run(10)
    statuses = {call.to: call.status for call in emulator.api.calls.list()}
    assert statuses[VICKI] == "canceled"
    assert app.to("/after")[0]["DialCallSid"] == emulator.api.calls.list(to=DANIELLE)[0].sid


def test_sequential_numbers_ring_one_after_another(emulator: Emulator, app: App) -> None:
    numbers = f"<Number>{VICKI}</Number><Number>{DANIELLE}</Number>"
    app.pages["/answer"] = f"<Dial action='/after' sequential='true' timeout='5'>{numbers}</Dial>"
    emulator.phone(DANIELLE, answers=True, after=3, script=[pause(2), HANG_UP])
    emulator.dial()
    emulator.run(9)
    assert [one["to"] for one in emulator.log("dialled")][1:] == [VICKI]
    emulator.run(10)
    assert [one["to"] for one in emulator.log("dialled")][1:] == [VICKI, DANIELLE]
    assert app.to("/after")[0]["DialBridged"] == "true"


def test_a_whisper_is_heard_by_the_called_party_alone_before_they_are_connected(
    emulator: Emulator, app: App
) -> None:
    app.pages["/answer"] = number('url="/whisper"')
    app.pages["/whisper"] = (
        "<Gather numDigits='1' action='/accept'><Say>Press one to accept</Say></Gather><Hangup/>"
    )
    emulator.phone(VICKI, answers=True, script=[listen("press one"), press("1"), pause(3), HANG_UP])
    caller = emulator.dial()
    emulator.run(12)
    assert not emulator.spoken_texts(caller)
    (whisper,) = app.to("/whisper")
    assert whisper["ParentCallSid"] == caller
    assert app.to("/accept")[0]["Digits"] == "1"
    assert app.to("/after")[0]["DialBridged"] == "true"


def test_a_whisper_that_hangs_up_leaves_the_status_completed_but_not_bridged(
    emulator: Emulator, app: App
) -> None:
    app.pages["/answer"] = number('url="/whisper"')
    app.pages["/whisper"] = "<Gather numDigits='1' timeout='3'/><Hangup/>"
    emulator.phone(VICKI, answers=True)
    emulator.dial()
    emulator.run(8)
    (after,) = app.to("/after")
    assert (after["DialCallStatus"], after["DialBridged"]) == ("completed", "false")


def test_a_whisper_may_not_dial(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = number('url="/whisper"')
    app.pages["/whisper"] = "<Dial>+15550199999</Dial>"
    emulator.phone(VICKI, answers=True)
    emulator.dial()
    emulator.run(8)
    assert emulator.errors() == [13201]


def test_status_events_of_a_number_are_sent_in_order_with_the_parent(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = number(f'statusCallback="/progress" statusCallbackEvent="{ALL}"')
    emulator.phone(VICKI, answers=True, script=[pause(3), HANG_UP])
    caller = emulator.dial()
    emulator.run(10)
    progress = app.to("/progress")
    assert [one["CallStatus"] for one in progress] == ["initiated", "ringing", "in-progress", "completed"]
    assert [one["SequenceNumber"] for one in progress] == ["0", "1", "2", "3"]
    assert {one["ParentCallSid"] for one in progress} == {caller}
    assert progress[-1]["CallDuration"] == "3"
    assert progress[-1]["CallbackSource"] == "call-progress-events"


def test_without_named_events_only_completed_is_sent(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = number('statusCallback="/progress"')
    emulator.phone(VICKI, answers=True, script=[HANG_UP])
    emulator.dial()
    emulator.run(10)
    assert [one["CallStatus"] for one in app.to("/progress")] == ["completed"]


def test_hangup_on_star_ends_the_talk_but_not_the_call(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = number(dial='action="/after" hangupOnStar="true"')
    app.pages["/after"] = "<Say>What next?</Say>"
    emulator.phone(VICKI, answers=True)
    caller = emulator.dial(pause(5), press("*"))
    emulator.run(10)
    assert app.to("/after")[0]["DialCallStatus"] == "completed"
    assert emulator.spoken_texts(caller) == ["What next?"]
    assert emulator.api.calls.list(to=VICKI)[0].status == "completed"


def test_a_caller_who_hangs_up_while_it_rings_ends_the_ringing(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = number()
    emulator.phone(VICKI, answers=True, after=10)
    emulator.dial(pause(3), HANG_UP)
    emulator.run(5)
    assert emulator.api.calls.list(to=VICKI)[0].status == "canceled"
    (after,) = app.to("/after")
    assert (after["CallStatus"], after["DialCallStatus"]) == ("completed", "canceled")


def test_a_redirected_caller_has_the_old_action_requested_first(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = number()
    app.pages["/new"] = "<Say>New.</Say>"
    emulator.phone(VICKI, answers=True, after=1)
    caller = emulator.dial()
    emulator.run(5)
    emulator.api.calls(caller).update(url=f"{app.url}/new")
    emulator.run(5)
    assert [path for path in app.paths() if path in {"/after", "/new"}] == ["/after", "/new"]
    assert app.to("/after")[0]["DialCallStatus"] == "completed"
    assert emulator.api.calls.list(to=VICKI)[0].status == "completed"


def test_a_redirected_child_goes_its_own_way_and_the_parent_goes_on_without_a_duration(
    emulator: Emulator, app: App
) -> None:
    app.pages["/answer"] = number()
    app.pages["/new"] = "<Say>New.</Say><Pause length='30'/>"
    app.pages["/after"] = "<Say>Old.</Say>"
    emulator.phone(VICKI, answers=True, after=1)
    caller = emulator.dial()
    emulator.run(5)
    child = emulator.api.calls.list(to=VICKI)[0].sid
    emulator.api.calls(child).update(url=f"{app.url}/new")
    emulator.run(3)
    assert emulator.spoken_texts(caller) == ["Old."]
    assert emulator.spoken_texts(child) == ["New."]
    assert "DialCallDuration" not in app.to("/after")[0]


def test_answer_on_bridge_keeps_the_caller_ringing_until_the_other_answers(
    emulator: Emulator, app: App
) -> None:
    app.pages["/answer"] = number(dial='answerOnBridge="true"')
    emulator.phone(VICKI, answers=True, after=4)
    caller = emulator.dial()
    emulator.run(3)
    assert emulator.api.calls(caller).fetch().status == "ringing"
    emulator.run(3)
    assert emulator.api.calls(caller).fetch().status == "in-progress"


def test_caller_id_is_what_the_called_phone_sees(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = number(dial='callerId="+15550100200"')
    emulator.phone(VICKI, answers=True)
    emulator.dial()
    emulator.run(1)
    assert emulator.log("dialled")[-1]["from"] == "+15550100200"


def test_a_caller_id_that_is_not_ours_fails_with_13214(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = number(dial='callerId="+15550999999" action="/after"')
    emulator.dial()
    emulator.run(1)
    assert emulator.errors() == [13214]
    assert app.to("/after")[0]["DialCallStatus"] == "failed"


def test_client_names_and_sip_addresses_can_be_dialled(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = "<Dial><Client>vicki</Client></Dial><Dial><Sip>sip:d@example.com</Sip></Dial>"
    emulator.phone("client:vicki", name="Vicki", answers=True, script=[HANG_UP])
    emulator.phone("sip:d@example.com", answers=True, after=1, script=[HANG_UP])
    emulator.dial()
    emulator.run(10)
    assert [one.to for one in emulator.api.calls.list()][:2] == ["sip:d@example.com", "client:vicki"]
    assert [one.status for one in emulator.api.calls.list()][:2] == ["completed", "completed"]
