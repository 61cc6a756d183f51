"""https://www.twilio.com/docs/voice/twiml/transcription"""

import json

import pytest

from tests.emulator.harness import HANG_UP, VICKI, App, Emulator, Json, listen, pause, say


def started(app: App, attributes: str = "", after: str = "<Pause length='30'/>") -> str:
    url = f'statusCallbackUrl="{app.url}/heard"'
    return f"<Start><Transcription {url} {attributes}/></Start>{after}"


def events(app: App) -> list[str]:
    return [one["TranscriptionEvent"].removeprefix("transcription-") for one in app.to("/heard")]


def content(app: App) -> list[tuple[str, str]]:
    found = [one for one in app.to("/heard") if one["TranscriptionEvent"] == "transcription-content"]
    return [(one["Track"], json.loads(one["TranscriptionData"])["transcript"]) for one in found]


def test_it_begins_tells_what_each_track_says_and_stops_with_the_call(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = started(app, 'name="talk"', "<Say>Good morning</Say><Pause length='9'/>")
    call = emulator.dial(pause(2), say("My suitcase is lost"), HANG_UP)
    emulator.run(10)
    assert events(app) == ["started", "content", "content", "stopped"]
    assert content(app) == [("outbound_track", "Good morning"), ("inbound_track", "My suitcase is lost")]
    heard = app.to("/heard")
    assert [one["SequenceId"] for one in heard] == ["1", "2", "3", "4"]
    assert {one["CallSid"] for one in heard} == {call}
    assert len({one["TranscriptionSid"] for one in heard}) == 1
    assert heard[0]["TranscriptionSid"].startswith("GT")
    assert all(one["Timestamp"].endswith("Z") for one in heard)
    assert "From" not in heard[0]


def test_the_started_event_carries_the_settings(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = started(
        app,
        'name="talk" track="inbound_track" inboundTrackLabel="customer" languageCode="es-MX" hints="maleta"',
    )
    emulator.dial()
    emulator.run(1)
    (begun,) = app.to("/heard")
    assert (begun["Name"], begun["Track"], begun["InboundTrackLabel"]) == (
        "talk",
        "inbound_track",
        "customer",
    )
    assert (begun["LanguageCode"], begun["TranscriptionEngine"], begun["PartialResults"]) == (
        "es-MX", "google", "false",
    )  # fmt: skip
    assert json.loads(begun["ProviderConfiguration"]) == {
        "profanityFilter": "true",
        "speechModel": "telephony",
        "enableAutomaticPunctuation": "true",
        "hints": "maleta",
    }


@pytest.mark.parametrize(
    ("track", "told"),
    [
        ("inbound_track", [("inbound_track", "Hello")]),
        ("outbound_track", [("outbound_track", "Good morning")]),
    ],
)
def test_only_the_track_that_was_asked_for_is_told(
    emulator: Emulator, app: App, track: str, told: list[tuple[str, str]]
) -> None:
    app.pages["/answer"] = started(app, f'track="{track}"', "<Say>Good morning</Say><Pause length='9'/>")
    emulator.dial(pause(2), say("Hello"))
    emulator.run(10)
    assert content(app) == told


def test_without_partial_results_there_is_confidence_and_with_them_stability(
    emulator: Emulator, app: App
) -> None:
    app.pages["/answer"] = started(app)
    emulator.dial({**say("one two three"), "confidence": 0.6})
    emulator.run(5)
    (final,) = (one for one in app.to("/heard") if "Final" in one)
    assert json.loads(final["TranscriptionData"]) == {"transcript": "one two three", "confidence": 0.6}
    assert (final["Final"], "Stability" in final) == ("true", False)
    app.seen.clear()
    app.pages["/answer"] = started(app, 'partialResults="true"')
    emulator.dial(say("one two three"))
    emulator.run(5)
    partials = [one for one in app.to("/heard") if "Final" in one]
    assert [json.loads(one["TranscriptionData"]) for one in partials] == [
        {"transcript": "one"}, {"transcript": "one two"}, {"transcript": "one two three"},
    ]  # fmt: skip
    assert [one["Final"] for one in partials] == ["false", "false", "true"]
    assert all(0 <= float(one["Stability"]) <= 1 for one in partials)


def test_both_parties_of_a_dial_are_heard_each_on_their_track(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = started(app, "", f"<Dial>{VICKI}</Dial>")
    emulator.phone(VICKI, answers=True, after=1, script=[say("Vicki speaking"), pause(5), HANG_UP])
    emulator.dial(pause(4), say("Hello Vicki"))
    emulator.run(15)
    assert content(app) == [("outbound_track", "Vicki speaking"), ("inbound_track", "Hello Vicki")]


def test_stop_names_the_one_that_stops(emulator: Emulator, app: App) -> None:
    stop = '<Stop><Transcription name="talk"/></Stop><Pause length="9"/>'
    app.pages["/answer"] = started(app, 'name="talk"', f"<Pause length='3'/>{stop}")
    call = emulator.dial(say("Before"), pause(4), say("After"))
    emulator.run(10)
    assert events(app) == ["started", "content", "stopped"]
    assert emulator.leg(call)["status"] == "in-progress"
    assert emulator.errors() == []


def test_stopping_what_does_not_run_is_an_error_in_the_log(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = '<Stop><Transcription name="talk"/></Stop><Say>Next</Say>'
    call = emulator.dial()
    emulator.run(3)
    assert emulator.errors() == [14300]
    assert emulator.spoken_texts(call) == ["Next"]


def test_two_of_one_name_are_an_error_and_the_first_goes_on(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = started(app, 'name="talk"', started(app, 'name="talk"'))
    emulator.dial(say("Hello"))
    emulator.run(5)
    assert emulator.errors() == [14300]
    assert events(app) == ["started", "content"]


def test_words_that_the_end_of_the_call_cuts_off_are_told_as_far_as_they_were_said(
    emulator: Emulator, app: App
) -> None:
    app.pages["/answer"] = started(
        app, 'partialResults="true" track="outbound_track"', "<Say>One two three four</Say>"
    )
    emulator.dial(pause(0.9), HANG_UP)
    emulator.run(5)
    assert content(app) == [("outbound_track", one) for one in ("One", "One two", "One two")]
    assert events(app)[-1] == "stopped"


def test_a_provider_that_is_not_there_is_the_error_event(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = started(app, 'transcriptionEngine="nobody"')
    emulator.dial(say("Hello"))
    emulator.run(5)
    (told,) = app.to("/heard")
    assert told["TranscriptionEvent"] == "transcription-error"
    assert (told["TranscriptionErrorCode"], told["TranscriptionError"]) == ("32655", "Provider Unavailable")


def test_a_callback_that_is_no_absolute_address_is_warned_of(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = '<Start><Transcription statusCallbackUrl="/heard"/></Start>'
    emulator.dial()
    emulator.run(1)
    assert emulator.errors() == [17585]
    assert not app.to("/heard")


def test_profane_words_are_starred_unless_it_says_otherwise(emulator: Emulator, app: App) -> None:
    words: Json = say("oh shit")
    app.pages["/answer"] = started(app)
    emulator.dial(words)
    emulator.run(3)
    app.pages["/answer"] = started(app, 'profanityFilter="false"')
    emulator.dial(words)
    emulator.run(3)
    assert [said for _, said in content(app)] == ["oh s***", "oh shit"]


def test_what_a_gather_says_is_told_as_far_as_it_was_heard(emulator: Emulator, app: App) -> None:
    gather = '<Gather input="speech" action="/got"><Say>One two three four five</Say></Gather>'
    app.pages["/answer"] = started(app, "", gather)
    emulator.dial(listen("two"), say("Stop"))
    emulator.run(3)
    assert content(app) == [("outbound_track", "One two three"), ("inbound_track", "Stop")]
