"""https://www.twilio.com/docs/voice/twiml/recording and /stream: what runs beside the verbs"""

from tests.emulator.harness import HANG_UP, VICKI, App, Emulator, pause, say

EVENTS = 'recordingStatusCallbackEvent="in-progress completed absent"'


def started(attributes: str = "", after: str = "<Pause length='30'/>") -> str:
    return f'<Start><Recording recordingStatusCallback="/tape" {attributes}/></Start>{after}'


def test_a_started_recording_has_both_sides_until_the_end_of_the_call(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = started(EVENTS, "<Say>Good morning</Say><Pause length='9'/>")
    call = emulator.dial(pause(2), say("Hello there"), HANG_UP)
    emulator.run(10)
    assert [one["RecordingStatus"] for one in app.to("/tape")] == ["in-progress", "completed"]
    (recorded,) = emulator.log("recorded", call=call)
    assert recorded["words"] == "Good morning Hello there"
    ready = app.to("/tape")[-1]
    assert (ready["RecordingChannels"], ready["RecordingTrack"], ready["RecordingDuration"]) == (
        "2",
        "both",
        "3",
    )
    (listed,) = emulator.api.recordings.list(call_sid=call)
    assert (listed.sid, listed.channels) == (ready["RecordingSid"], 2)


def test_only_completed_is_told_unless_events_are_named(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = started()
    emulator.dial(pause(2), HANG_UP)
    emulator.run(10)
    assert [one["RecordingStatus"] for one in app.to("/tape")] == ["completed"]


def test_it_goes_on_through_a_dial(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = started('channels="mono"', f"<Dial>{VICKI}</Dial>")
    emulator.phone(VICKI, answers=True, after=1, script=[say("Vicki speaking"), pause(4), HANG_UP])
    emulator.dial(pause(3), say("Good morning"))
    emulator.run(15)
    assert emulator.log("recorded")[0]["words"] == "Vicki speaking Good morning"
    assert app.to("/tape")[0]["RecordingChannels"] == "1"


def test_one_track_is_a_recording_of_one_channel(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = started('track="inbound"', "<Say>Good morning</Say><Pause length='9'/>")
    emulator.dial(pause(2), say("Hello there"), HANG_UP)
    emulator.run(10)
    assert emulator.log("recorded")[0]["words"] == "Hello there"
    (ready,) = app.to("/tape")
    assert (ready["RecordingChannels"], ready["RecordingTrack"]) == ("1", "inbound")


def test_stop_ends_the_recording_of_that_name(emulator: Emulator, app: App) -> None:
    stop = '<Stop><Recording name="mine"/></Stop><Pause length="9"/>'
    app.pages["/answer"] = started('name="mine"', f"<Pause length='3'/>{stop}")
    emulator.dial(say("Before"), pause(4), say("After"))
    emulator.run(7)
    assert app.to("/tape")[0]["RecordingDuration"] == "3"
    assert emulator.log("recorded")[0]["words"] == "Before"


def test_a_stream_tells_that_it_started_and_stopped(emulator: Emulator, app: App) -> None:
    stream = "<Stream name='ear' url='wss://example.com/ear' statusCallback='/stream' track='both_tracks'>"
    app.pages["/answer"] = (
        f"<Start>{stream}<Parameter name='a' value='b'/></Stream></Start><Pause length='2'/>"
        "<Stop><Stream name='ear'/></Stop><Pause length='5'/>"
    )
    call = emulator.dial()
    emulator.run(1)
    (begun,) = app.to("/stream")
    assert (begun["StreamEvent"], begun["StreamName"], begun["CallSid"]) == ("stream-started", "ear", call)
    assert begun["StreamSid"].startswith("MZ")
    emulator.run(2)
    assert [one["StreamEvent"] for one in app.to("/stream")] == ["stream-started", "stream-stopped"]
    assert emulator.errors() == []


def test_a_stream_stops_with_its_call(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = (
        "<Start><Stream url='wss://example.com' statusCallback='/stream'/></Start><Pause length='9'/>"
    )
    emulator.dial(pause(1), HANG_UP)
    emulator.run(3)
    started, stopped = app.to("/stream")
    assert stopped["StreamEvent"] == "stream-stopped"
    assert started["StreamName"] == started["StreamSid"]


def test_siprec_tells_in_its_own_words(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = "<Start><Siprec name='s' connectorName='c' statusCallback='/s'/></Start><Pause/>"
    emulator.dial()
    emulator.run(3)
    assert [one["SiprecEvent"] for one in app.to("/s")] == ["siprec-started", "siprec-stopped"]


def test_start_with_nothing_or_with_a_verb_inside_is_an_error(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = "<Start/><Start><Say>No</Say></Start><Say>Next</Say>"
    call = emulator.dial()
    emulator.run(3)
    assert emulator.errors() == [14300, 14300, 14300]
    assert emulator.spoken_texts(call) == ["Next"]
