"""https://www.twilio.com/docs/voice/api/recording: recordings of live calls and conferences, and what their callbacks say."""

import pytest

from tests.emulator.harness import LINE, VICKI, App, Emulator, pause, say

ROOM = '<Dial><Conference record="record-from-start" recordingStatusCallback="/taped">R</Conference></Dial>'


@pytest.fixture
def call(emulator: Emulator, app: App) -> str:
    """The sid of a call in progress; its person says something every three seconds."""
    app.pages["/answer"] = "<Pause length='600'/>"
    emulator.phone(
        VICKI,
        answers=True,
        after=0,
        script=[pause(3), say("one"), pause(3), say("two"), pause(3), say("three")],
    )
    made = emulator.api.calls.create(to=VICKI, from_=LINE, url=f"{app.url}/answer")
    emulator.run(1)
    return str(made.sid)


@pytest.mark.parametrize(("behavior", "duration"), [("skip", "8"), ("silence", "12")])
def test_a_pause_is_silence_or_nothing_and_its_words_are_on_no_tape(
    emulator: Emulator, call: str, behavior: str, duration: str
) -> None:
    made = emulator.api.calls(call).recordings.create()
    emulator.run(5)
    paused = made.update(status="paused", pause_behavior=behavior)
    emulator.run(4)
    assert (paused.status, made.update(status="in-progress").status) == ("paused", "in-progress")
    emulator.run(3)
    assert made.update(status="stopped").status == "stopped"
    emulator.run(2)
    assert emulator.api.recordings(made.sid).fetch().duration == duration
    assert [one["words"] for one in emulator.log("recorded", call=call)] == ["one three"]


def test_the_callback_tells_of_the_beginning_and_the_end_to_who_asked_for_both(
    emulator: Emulator, app: App, call: str
) -> None:
    emulator.api.calls(call).recordings.create(
        recording_status_callback=f"{app.url}/taped",
        recording_status_callback_event=["in-progress", "completed"],
        recording_channels="dual",
        recording_track="inbound",
    )
    emulator.run(5)
    emulator.api.calls(call).update(status="completed")
    emulator.run(2)
    begun, ended = app.to("/taped")
    assert (begun["RecordingStatus"], ended["RecordingStatus"]) == ("in-progress", "completed")
    assert "RecordingDuration" not in begun
    assert (ended["RecordingDuration"], ended["RecordingChannels"], ended["RecordingTrack"]) == (
        "5",
        "2",
        "inbound",
    )
    assert ended["RecordingSource"] == "StartCallRecordingAPI"


def test_a_recording_too_short_to_be_one_is_absent(emulator: Emulator, app: App, call: str) -> None:
    made = emulator.api.calls(call).recordings.create(
        recording_status_callback=f"{app.url}/taped", recording_status_callback_event=["absent"]
    )
    made.update(status="stopped")
    emulator.run(2)
    (told,) = app.to("/taped")
    assert (told["RecordingStatus"], told["ErrorCode"]) == ("absent", "16101")
    fetched = emulator.api.calls(call).recordings(made.sid).fetch()
    assert (fetched.status, fetched.error_code) == ("absent", 16101)


def test_a_conference_recording_is_paused_stopped_listed_and_deleted(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = ROOM
    emulator.dial()
    emulator.run(1)
    emulator.dial(from_=VICKI)
    emulator.run(5)
    (room,) = emulator.api.conferences.list()
    recordings = emulator.api.conferences(room.sid).recordings
    (running,) = recordings.stream()
    assert (running.status, running.source, running.conference_sid) == ("in-progress", "Conference", room.sid)
    assert recordings("Twilio.CURRENT").update(status="paused", pause_behavior="skip").status == "paused"
    emulator.run(5)
    assert recordings(running.sid).update(status="stopped").status == "stopped"
    emulator.run(2)
    assert recordings(running.sid).fetch().duration == "5"
    assert [one["RecordingStatus"] for one in app.to("/taped")] == ["completed"]
    assert recordings(running.sid).delete()
    assert recordings.list() == []
    emulator.api.conferences(room.sid).update(status="completed")
    emulator.run(2)
    assert recordings.list() == []
