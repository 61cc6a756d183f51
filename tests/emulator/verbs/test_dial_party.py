"""Whom <Dial> rings: https://www.twilio.com/docs/voice/twiml/dial, /number, /client and /sip"""

import pytest

from tests.emulator.harness import DANIELLE, HANG_UP, LINE, VICKI, App, Emulator, pause, say

ALL = "initiated ringing answered completed"


def test_numbers_clients_and_sip_phones_ring_at_once(emulator: Emulator, app: App) -> None:
    everyone = f"<Number>{VICKI}</Number><Client>dan</Client><Sip>sip:eve@example.com</Sip>"
    app.pages["/answer"] = f"<Dial action='/after'>{everyone}</Dial>"
    emulator.phone(VICKI, answers=True, after=9)
    emulator.phone("client:dan", answers=True, after=2, script=[pause(3), HANG_UP])
    emulator.phone("sip:eve@example.com", answers=True, after=9)
    emulator.dial()
    emulator.run(10)
    statuses = {one.to: one.status for one in emulator.api.calls.list()}
    assert (statuses[VICKI], statuses["client:dan"], statuses["sip:eve@example.com"]) == (
        "canceled", "completed", "canceled",
    )  # fmt: skip
    assert app.to("/after")[0]["DialCallSid"] == emulator.api.calls.list(to="client:dan")[0].sid
    assert emulator.errors() == []


def test_a_conference_cannot_be_mixed_with_numbers(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = f"<Dial><Number>{VICKI}</Number><Conference>Room</Conference></Dial>"
    emulator.phone(VICKI, answers=True, script=[HANG_UP])
    emulator.dial()
    emulator.run(9)
    assert emulator.errors() == [13000]
    assert emulator.api.calls.list(to=VICKI)[0].status == "completed"
    assert emulator.api.conferences.list() == []


def test_ten_parties_can_be_dialled_at_once(emulator: Emulator, app: App) -> None:
    many = "".join(f"<Number>+1555020{index:04}</Number>" for index in range(11))
    app.pages["/answer"] = f"<Dial timeout='5'>{many}</Dial>"
    emulator.dial()
    emulator.run(15)
    assert emulator.errors() == [13250]
    assert len(emulator.log("dialled")) == 1 + 10


@pytest.mark.parametrize("written", ["(555) 012-2222", "555-012-2222", "1 555 012 2222", " +1 555 012-2222 "])
def test_a_north_american_number_may_be_written_as_people_write_it(
    emulator: Emulator, app: App, written: str
) -> None:
    app.pages["/answer"] = f"<Dial>{written}</Dial>"
    emulator.dial()
    emulator.run(1)
    assert emulator.log("dialled")[-1]["to"] == "+15550122222"


@pytest.mark.parametrize(
    ("noun", "code"),
    [
        ("<Number>call Vicki</Number>", 13223),
        ("<Number>+0123</Number>", 13223),
        ("<Client>two words</Client>", 13215),
        ("<Sip>vicki at home</Sip>", 13243),
    ],
)
def test_who_cannot_be_dialled_is_a_failed_call(emulator: Emulator, app: App, noun: str, code: int) -> None:
    app.pages["/answer"] = f"<Dial action='/after'>{noun}</Dial>"
    emulator.dial()
    emulator.run(1)
    assert emulator.errors() == [code]
    assert app.to("/after")[0]["DialCallStatus"] == "failed"


def test_a_client_is_known_by_its_identity_and_gets_its_parameters(emulator: Emulator, app: App) -> None:
    inside = '<Identity>jane</Identity><Parameter name="FirstName" value="Jane"/><Parameter name="Case" value="7"/>'
    app.pages["/answer"] = f"<Dial><Client>{inside}</Client></Dial>"
    emulator.phone("client:jane", answers=True, script=[HANG_UP])
    emulator.dial()
    emulator.run(5)
    (child,) = emulator.api.calls.list(to="client:jane")
    assert emulator.log("sent", call=child.sid)[0]["parameters"] == {"FirstName": "Jane", "Case": "7"}
    assert emulator.errors() == []


def test_sip_headers_go_with_the_call_and_the_action_hears_of_sip(emulator: Emulator, app: App) -> None:
    uri = "sip:eve@example.com?x-case=7&amp;User-to-User=12"
    app.pages["/answer"] = f"<Dial action='/after'><Sip username='a' password='b'>{uri}</Sip></Dial>"
    emulator.phone("sip:eve@example.com", busy=True)
    emulator.dial()
    emulator.run(3)
    (child,) = emulator.api.calls.list(to="sip:eve@example.com")
    assert emulator.log("sent", call=child.sid)[0]["parameters"] == {"x-case": "7", "User-to-User": "12"}
    after = app.to("/after")[0]
    assert (after["DialCallStatus"], after["DialSipResponseCode"]) == ("busy", "486")
    assert after["DialSipCallId"]


def test_a_sip_address_may_be_written_without_its_scheme(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = "<Dial><Sip>kate@example.com</Sip></Dial>"
    emulator.dial()
    emulator.run(1)
    assert emulator.log("dialled")[-1]["to"] == "sip:kate@example.com"


def test_a_sip_header_needs_its_prefix(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = "<Dial><Sip>sip:eve@example.com?case=7</Sip></Dial>"
    emulator.dial()
    emulator.run(1)
    assert emulator.errors() == [13252]


def test_an_application_is_not_emulated_and_fails(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = "<Dial action='/after'><Application>AP1</Application></Dial>"
    emulator.dial()
    emulator.run(1)
    assert app.to("/after")[0]["DialCallStatus"] == "failed"
    assert emulator.log("not_emulated")[0]["noun"] == "Application"


def test_send_digits_waits_where_it_says_w_before_the_whisper(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = f"<Dial><Number sendDigits='wwW1' url='/whisper'>{VICKI}</Number></Dial>"
    app.pages["/whisper"] = "<Say>Hello</Say>"
    emulator.phone(VICKI, answers=True, after=1)
    emulator.dial()
    emulator.run(1 + 0.5 + 0.5 + 1 + 0.4)
    assert not app.to("/whisper")
    emulator.run(0.2)
    assert app.to("/whisper")


def test_the_time_limit_ends_the_called_party_and_the_caller_goes_on(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = f"<Dial timeLimit='20' action='/after'>{VICKI}</Dial>"
    app.pages["/after"] = "<Say>Time is up</Say>"
    emulator.phone(VICKI, answers=True, after=1)
    caller = emulator.dial()
    emulator.run(23)
    assert app.to("/after")[0]["DialCallDuration"] == "20"
    assert emulator.spoken_texts(caller) == ["Time is up"]


def test_the_ring_tone_is_the_one_that_was_asked_for(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = f"<Dial ringTone='de'>{VICKI}</Dial>"
    caller = emulator.dial()
    emulator.run(1)
    hears = emulator.leg(caller)["hears"]
    assert (hears["sound"], hears["detail"]) == ("ringing", "de")


def test_a_party_rings_for_at_least_five_seconds_and_five_more(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = f"<Dial timeout='1' action='/after'>{VICKI}</Dial>"
    emulator.dial()
    emulator.run(9.5)
    assert not app.to("/after")
    emulator.run(1)
    assert app.to("/after")[0]["DialCallStatus"] == "no-answer"


@pytest.mark.parametrize(
    ("wish", "duration", "channels"),
    [
        ("record-from-answer", "5", "1"),
        ("record-from-ringing", "8", "1"),
        ("record-from-answer-dual", "5", "2"),
        ("record-from-ringing-dual", "8", "2"),
        ("true", "5", "1"),
    ],
)
def test_a_dial_is_recorded_from_the_ringing_or_the_answer(
    emulator: Emulator, app: App, wish: str, duration: str, channels: str
) -> None:
    progress = 'statusCallback="/progress"'
    dial = f"record='{wish}' recordingStatusCallback='/ready' action='/after'"
    app.pages["/answer"] = f"<Dial {dial}><Number {progress}>{VICKI}</Number></Dial>"
    emulator.phone(VICKI, answers=True, after=3, script=[pause(5), HANG_UP])
    emulator.dial(pause(4), say("Hello"))
    emulator.run(15)
    (ready,), (after,), (ended,) = app.to("/ready"), app.to("/after"), app.to("/progress")
    assert (ready["RecordingDuration"], ready["RecordingChannels"]) == (duration, channels)
    for told in (after, ended):  # the child's last event has it too
        assert (told["RecordingSid"], told["RecordingDuration"]) == (ready["RecordingSid"], duration)
    assert ready["RecordingSource"] == "DialVerb"


@pytest.mark.parametrize(
    ("track", "words"), [("inbound", "Hello"), ("outbound", "Vicki"), ("both", "Vicki Hello")]
)
def test_only_the_track_that_was_asked_for_is_recorded(
    emulator: Emulator, app: App, track: str, words: str
) -> None:
    app.pages["/answer"] = f"<Dial record='record-from-answer-dual' recordingTrack='{track}'>{VICKI}</Dial>"
    emulator.phone(VICKI, answers=True, after=1, script=[pause(1), say("Vicki"), pause(5), HANG_UP])
    emulator.dial(pause(4), say("Hello"))
    emulator.run(15)
    assert emulator.log("recorded")[0]["words"] == words
    assert emulator.api.recordings.list()[0].channels == (2 if track == "both" else 1)


def test_nobody_answering_a_recording_from_ringing_leaves_one_of_the_ringing(
    emulator: Emulator, app: App
) -> None:
    app.pages["/answer"] = f"<Dial record='record-from-ringing' timeout='5' action='/after'>{VICKI}</Dial>"
    emulator.dial()
    emulator.run(15)
    assert app.to("/after")[0]["RecordingDuration"] == "10"


def test_a_machine_on_the_number_is_told_to_the_amd_callback(emulator: Emulator, app: App) -> None:
    amd = "machineDetection='Enable' amdStatusCallback='/amd' machineDetectionTimeout='3'"
    app.pages["/answer"] = f"<Dial><Number {amd}>{VICKI}</Number></Dial>"
    emulator.phone(VICKI, answers=True, after=1, machine={"greeting": "Please leave a message"})
    emulator.dial()
    emulator.run(10)
    (found,) = app.to("/amd")
    assert (found["AnsweredBy"], found["MachineDetectionDuration"]) == ("unknown", "3000")


def test_to_a_client_one_may_show_any_name(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = "<Dial callerId='client:support'><Client>dan</Client></Dial>"
    emulator.dial()
    emulator.run(1)
    assert emulator.log("dialled")[-1]["from"] == "client:support"
    assert emulator.errors() == []


@pytest.mark.parametrize(
    ("attribute", "code"),
    [
        ('method="PUT"', 13210),
        ('timeout="soon"', 13212),
        ('hangupOnStar="1"', 13213),
        ('timeLimit="-5"', 13216),
        ('record="always"', 13217),
        ('sequential="1"', 13218),
        ('answerOnBridge="1"', 13219),
        ('ringTone="xx"', 13220),
        (f'callReason="{"r" * 51}"', 12200),
        ('recordingStatusCallbackEvent="done"', 13621),
    ],
)
def test_each_wrong_value_of_dial_has_twilio_s_own_warning(
    emulator: Emulator, app: App, attribute: str, code: int
) -> None:
    app.pages["/answer"] = f"<Dial {attribute}>{DANIELLE}</Dial>"
    emulator.dial()
    emulator.run(1)
    assert emulator.errors() == [code]


@pytest.mark.parametrize(
    ("noun", "code"),
    [
        ("<Number method='PUT'>{}</Number>", 13221),
        ("<Number sendDigits='9z'>{}</Number>", 13222),
        ("<Number machineDetectionTimeout='61'>{}</Number>", 12200),
        ("<Number statusCallbackEvent='finished'>{}</Number>", 12200),
        ("<Sip method='PUT'>sip:e@example.com</Sip>", 13241),
        ("<Client><Identity>e</Identity><Say>Hi</Say></Client>", 12200),
        ("<Say>Hello</Say><Number>{}</Number>", 13215),
    ],
)
def test_each_wrong_value_of_a_noun_has_twilio_s_own_warning(
    emulator: Emulator, app: App, noun: str, code: int
) -> None:
    app.pages["/answer"] = f"<Dial>{noun.format(DANIELLE)}</Dial>"
    emulator.dial()
    emulator.run(1)
    assert emulator.errors() == [code]


def test_the_action_may_be_asked_by_get(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = f"<Dial action='/after?case=7' method='GET' callerId='{LINE}'>{VICKI}</Dial>"
    emulator.phone(VICKI, busy=True)
    emulator.dial()
    emulator.run(2)
    after = next(one for one in app.seen if one.path.startswith("/after"))
    assert (after.method, after.params["case"], after.params["DialCallStatus"]) == ("GET", "7", "busy")
