"""<Record>'s attributes: https://www.twilio.com/docs/voice/twiml/record"""

import pytest

from tests.emulator.harness import HANG_UP, App, Emulator, pause, press, say

LONG = "I left a red suitcase on the train from Berlin"  # ten words, 3.7 s


def record(attributes: str) -> str:
    return f'<Record action="/recorded" timeout="3" {attributes}/><Say>Nothing said.</Say>'


def test_a_transcription_is_told_when_it_is_there(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = record('transcribe="true" transcribeCallback="/text"')
    call = emulator.dial(pause(1), say(LONG), press("#"))
    emulator.run(6)
    assert app.to("/recorded")
    assert not app.to("/text")
    emulator.run(10)
    (text,) = app.to("/text")
    assert (text["TranscriptionText"], text["TranscriptionStatus"]) == (LONG, "completed")
    assert text["TranscriptionSid"].startswith("TR")
    assert text["TranscriptionUrl"].endswith(f"/Transcriptions/{text['TranscriptionSid']}")
    assert text["RecordingSid"] == app.to("/recorded")[0]["RecordingSid"]
    assert {"CallSid", "AccountSid", "From", "To", "CallStatus", "ApiVersion", "Direction"} <= set(text)
    assert text["CallSid"] == call


def test_a_transcribe_callback_without_transcribe_is_never_called(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = record('transcribeCallback="/text"')
    emulator.dial(pause(1), say(LONG), press("#"))
    emulator.run(30)
    assert not app.to("/text")


@pytest.mark.parametrize(
    ("attributes", "words", "code"),
    [("", "Please call me", 13617), ('maxLength="121"', LONG, 13615), ('transcribe="yes"', LONG, 13614)],
)
def test_what_cannot_be_transcribed_is_a_warning(
    emulator: Emulator, app: App, attributes: str, words: str, code: int
) -> None:
    given = attributes if "transcribe" in attributes else f'transcribe="true" {attributes}'
    app.pages["/answer"] = record(f'transcribeCallback="/text" playBeep="false" {given}')
    emulator.dial(say(words), press("#"))
    emulator.run(30)
    assert emulator.errors() == [code]
    assert not app.to("/text")


def test_a_transcribed_recording_ends_after_two_minutes(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = record('transcribe="true" playBeep="false"')
    emulator.dial(*[say("one two three four five")] * 100)
    emulator.run(121)
    assert app.to("/recorded")[0]["RecordingDuration"] == "120"


def test_whoever_is_cut_off_is_recorded_up_to_there(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = record('maxLength="2" playBeep="false"')
    emulator.dial(say(LONG))
    emulator.run(5)
    assert app.to("/recorded")[0]["RecordingDuration"] == "2"
    assert emulator.log("recorded")[0]["words"] == "I left a red suitcase"


def test_hanging_up_in_the_middle_of_a_sentence_keeps_what_was_said(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = record('playBeep="false"')
    call = emulator.dial(say(LONG))
    emulator.run(1.5)
    emulator.act(call, "hang_up")
    emulator.run(1)
    assert app.to("/recorded")[0]["Digits"] == "hangup"
    assert emulator.log("recorded")[0]["words"] == "I left a red"


def test_trim_cuts_off_the_silence_at_both_ends(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = record('recordingStatusCallback="/ready"')
    emulator.dial(pause(2), say(LONG))
    emulator.run(20)
    assert app.to("/recorded")[0]["RecordingDuration"] == "8"
    assert app.to("/ready")[0]["RecordingDuration"] == "4"


def test_without_trim_the_silence_stays(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = record('recordingStatusCallback="/ready" trim="do-not-trim"')
    emulator.dial(pause(2), say(LONG))
    emulator.run(20)
    assert app.to("/ready")[0]["RecordingDuration"] == "8"


def test_timeout_zero_lets_silence_go_on(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = '<Record action="/recorded" timeout="0"/>'
    emulator.dial(pause(30), say("At last"), pause(30), HANG_UP)
    emulator.run(59)
    assert not app.to("/recorded")
    emulator.run(3)
    assert app.to("/recorded")[0]["Digits"] == "hangup"


def test_events_are_those_that_were_asked_for(emulator: Emulator, app: App) -> None:
    wanted = 'recordingStatusCallback="/ready" recordingStatusCallbackEvent="in-progress completed absent"'
    app.pages["/answer"] = record(wanted)
    emulator.dial(pause(1), say("Call me"), press("#"))
    emulator.run(10)
    assert [one["RecordingStatus"] for one in app.to("/ready")] == ["in-progress", "completed"]
    assert "RecordingDuration" not in app.to("/ready")[0]
    app.seen.clear()
    emulator.dial()
    emulator.run(10)
    assert [one["RecordingStatus"] for one in app.to("/ready")] == ["in-progress", "absent"]
    assert app.to("/ready")[-1]["ErrorCode"] == "16102"


@pytest.mark.parametrize(
    ("attribute", "code"),
    [
        ('method="PUT"', 13610),
        ('maxLength="0"', 13612),
        ('maxLength="99999999999999999999"', 13612),
        ('finishOnKey="x"', 13613),
        ('playBeep="loud"', 13616),
        ('recordingTrack="mine"', 13622),
        ('trim="true"', 13699),
        ('recordingStatusCallbackEvent="done"', 13621),
    ],
)
def test_each_wrong_value_has_twilio_s_own_code(
    emulator: Emulator, app: App, attribute: str, code: int
) -> None:
    app.pages["/answer"] = f"<Record {attribute} timeout='1'/>"
    emulator.dial()
    emulator.run(5)
    assert emulator.errors() == [code]


def test_only_the_finish_keys_end_it(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = record('finishOnKey="*#"')
    emulator.dial(pause(1), say("Call me"), press("12*"))
    emulator.run(5)
    assert app.to("/recorded")[0]["Digits"] == "*"
