"""https://www.twilio.com/docs/voice/twiml/play"""

import io
import wave

from tests.emulator.harness import App, Emulator, Reply


def wav(seconds: float) -> bytes:
    sound = io.BytesIO()
    with wave.open(sound, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(1000)
        file.writeframes(b"\x00" * int(seconds * 1000))
    return sound.getvalue()


def test_a_sound_lasts_as_long_as_it_lasts_and_is_fetched_once(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = "<Play loop='2'>/hold.wav</Play>"
    app.pages["/hold.wav"] = Reply(wav(3), headers={"Content-Type": "audio/wav"})
    call = emulator.dial()
    emulator.run(10)
    assert emulator.leg(call)["duration"] == 6
    assert [one.method for one in app.seen if one.path == "/hold.wav"] == ["GET"]
    assert len(emulator.log("played", call=call)) == 2


def test_a_sound_that_is_not_there_is_an_error_and_the_next_verb_follows(
    emulator: Emulator, app: App
) -> None:
    app.pages["/answer"] = "<Play>/missing.wav</Play><Say>On</Say>"
    app.pages["/missing.wav"] = Reply("", 404)
    call = emulator.dial()
    emulator.run(2)
    assert emulator.errors() == [11200]
    assert emulator.spoken_texts(call) == ["On"]


def test_what_is_no_sound_is_error_13420(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = "<Play>/page</Play>"
    app.pages["/page"] = Reply("hello", headers={"Content-Type": "text/html"})
    emulator.dial()
    emulator.run(1)
    assert emulator.errors() == [13420]


def test_sounds_elsewhere_are_not_fetched_and_take_five_seconds(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = "<Play>https://music.example.com/a.mp3</Play>"
    call = emulator.dial()
    emulator.run(2)
    assert emulator.leg(call)["hears"]["sound"] == "music"
    emulator.run(4)
    assert emulator.leg(call)["duration"] == 5
    assert not emulator.log("media")


def test_a_document_that_is_a_sound_is_played(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = Reply(wav(2), headers={"Content-Type": "audio/wav"})
    call = emulator.dial()
    emulator.run(10)
    assert emulator.leg(call)["duration"] == 2
