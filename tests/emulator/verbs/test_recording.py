"""https://www.twilio.com/docs/voice/twiml/record and /voice/api/recording"""

import urllib.parse
from datetime import date

from tests.emulator.harness import HANG_UP, LINE, VICKI, App, Emulator, pause, press, say

RECORD = '<Record action="/recorded" timeout="3" recordingStatusCallback="/ready"/><Say>Nothing said.</Say>'


def test_words_until_a_key_are_recorded_and_the_action_is_told(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = RECORD
    call = emulator.dial(pause(1), say("Please call me about my suitcase"), press("#"))
    emulator.run(10)
    (recorded,) = app.to("/recorded")
    assert (recorded["RecordingDuration"], recorded["Digits"]) == ("3", "#")
    (entry,) = emulator.log("recorded", call=call)
    assert entry["words"] == "Please call me about my suitcase"
    (ready,) = app.to("/ready")
    assert (ready["RecordingStatus"], ready["RecordingSource"]) == ("completed", "RecordVerb")
    assert ready["RecordingSid"] == recorded["RecordingSid"]


def test_silence_ends_the_recording(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = RECORD
    emulator.dial(pause(1), say("Call me"))
    emulator.run(5)
    assert app.to("/recorded")[0]["Digits"] == ""
    assert not app.to("/ready")
    emulator.run(1)
    assert app.to("/ready")


def test_nothing_said_falls_through_to_the_next_verb(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = RECORD
    call = emulator.dial()
    emulator.run(6)
    assert not app.to("/recorded")
    assert emulator.spoken_texts(call) == ["Nothing said."]


def test_hanging_up_submits_what_was_said_with_digits_hangup(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = RECORD
    emulator.dial(pause(1), say("Call me"), HANG_UP)
    emulator.run(6)
    assert app.to("/recorded")[0]["Digits"] == "hangup"


def test_the_longest_time_ends_it(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = '<Record action="/recorded" maxLength="4" playBeep="false"/>'
    emulator.dial(
        say("one two three"), say("four five six"), say("seven eight nine"), say("ten eleven twelve")
    )
    emulator.run(4.1)
    assert app.to("/recorded")[0]["RecordingDuration"] == "4"


def test_recordings_are_listed_and_can_be_listened_to(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = RECORD.replace("<Record", '<Record trim="do-not-trim"')
    call = emulator.dial(pause(1), say("Please call me"), press("#"))
    emulator.run(5)
    (recording,) = emulator.api.recordings.list(call_sid=call)
    assert (recording.duration, recording.source, recording.status) == ("2", "RecordVerb", "completed")
    assert emulator.api.recordings.list(date_created=date(2020, 1, 1)) == []
    url = urllib.parse.urlsplit(app.to("/recorded")[0]["RecordingUrl"])
    answer = emulator.api.request("GET", f"{emulator.url}{url.path}")
    assert answer.status_code == 200
    assert len(answer.text) >= 2 * 8000  # a byte for each of 8000 samples a second
    assert emulator.api.recordings(recording.sid).delete()
    assert emulator.api.recordings.list() == []


def test_a_dial_that_records_says_so_in_its_action(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = f"<Dial action='/after' record='record-from-answer'>{VICKI}</Dial>"
    emulator.phone(VICKI, answers=True, after=1, script=[say("Vicki here"), pause(3), HANG_UP])
    emulator.dial()
    emulator.run(10)
    assert app.to("/after")[0]["RecordingDuration"] == "4"
    assert emulator.api.recordings.list()[0].source == "DialVerb"


def test_a_recorded_call_is_ready_after_its_end(emulator: Emulator, app: App) -> None:
    app.pages["/out"] = "<Pause length='60'/>"
    emulator.phone(VICKI, answers=True, after=1, script=[pause(5), HANG_UP])
    emulator.api.calls.create(
        to=VICKI, from_=LINE, url=f"{app.url}/out", record=True, recording_status_callback=f"{app.url}/ready"
    )
    emulator.run(9)
    assert app.to("/ready")[0]["RecordingSource"] == "OutboundAPI"


def test_a_recorded_conference_runs_from_its_start_to_its_end(emulator: Emulator, app: App) -> None:
    room = (
        '<Dial><Conference record="record-from-start" recordingStatusCallback="/ready">R</Conference></Dial>'
    )
    app.pages["/answer"] = room
    emulator.dial(pause(20), HANG_UP)
    emulator.run(10)
    emulator.dial(pause(5), say("Good morning"), pause(5), HANG_UP, from_=VICKI)
    emulator.run(30)
    (ready,) = app.to("/ready")
    assert ready["RecordingDuration"] == "11"
    assert ready["ConferenceSid"].startswith("CF")
