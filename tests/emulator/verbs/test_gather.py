"""https://www.twilio.com/docs/voice/twiml/gather"""

from tests.emulator.harness import App, Emulator, listen, pause, press, say


def gather(attributes: str = "", inside: str = "<Say>Press a key please now</Say>") -> str:
    return f'<Gather action="/got" {attributes}>{inside}</Gather><Say>Nothing came.</Say>'


def test_a_key_interrupts_what_gather_says(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = gather(
        'numDigits="1"', "<Say>One two three four five six seven eight nine ten</Say>"
    )
    call = emulator.dial(pause(1), press("4"))
    emulator.run(2)
    assert app.to("/got")[0]["Digits"] == "4"
    (said,) = emulator.log("said", call=call)
    assert said["complete"] is False
    assert said["heard"] == "One two"


def test_finish_on_key_ends_the_digits_and_is_not_one_of_them(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = gather()
    emulator.dial(press("1234#"))
    emulator.run(2)
    assert app.to("/got")[0]["Digits"] == "1234"
    assert app.to("/got")[0]["FinishedOnKey"] == "#"


def test_an_empty_finish_on_key_makes_the_hash_a_digit(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = gather('finishOnKey="" timeout="3"')
    emulator.dial(press("12#"))
    emulator.run(2)
    assert not app.to("/got")
    emulator.run(2)
    assert app.to("/got")[0]["Digits"] == "12#"


def test_digits_are_submitted_when_the_timeout_passes_after_the_last(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = gather('timeout="5"', "")
    emulator.dial(press("1"), pause(4), press("2"))
    emulator.run(8.9)
    assert not app.to("/got")
    emulator.run(0.2)
    assert app.to("/got")[0]["Digits"] == "12"


def test_the_timeout_is_five_seconds_unless_it_says_otherwise(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = gather("", "")
    call = emulator.dial()
    emulator.run(4.9)
    assert emulator.leg(call)["hears"]["sound"] == "silence"
    emulator.run(0.2)
    assert emulator.leg(call)["hears"] == {
        **emulator.leg(call)["hears"],
        "sound": "speech",
        "detail": "Nothing came.",
    }


def test_no_input_falls_through_to_the_next_verb(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = gather('timeout="3"')
    call = emulator.dial()
    emulator.run(10)
    assert not app.to("/got")
    assert emulator.spoken_texts(call) == ["Press a key please now", "Nothing came."]


def test_the_finish_key_before_any_digit_is_no_input(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = gather("", "")
    call = emulator.dial(press("#"))
    emulator.run(3)
    assert emulator.spoken_texts(call) == ["Nothing came."]


def test_action_on_empty_result_requests_the_action_without_input(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = gather('timeout="2" actionOnEmptyResult="true"', "")
    emulator.dial()
    emulator.run(3)
    assert app.to("/got")[0]["Digits"] == ""


def test_without_an_action_the_current_document_is_requested_again(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = '<Gather numDigits="1"/>'
    emulator.dial(press("1"))
    emulator.run(1)
    assert app.paths()[:2] == ["/answer", "/answer"]
    assert app.to("/answer")[1]["Digits"] == "1"


def test_speech_gives_a_result_with_confidence_after_the_silence_of_speech_timeout(
    emulator: Emulator, app: App
) -> None:
    app.pages["/answer"] = gather('input="speech" speechTimeout="2"')
    call = emulator.dial(listen("press a"), say("I lost my suitcase"))
    emulator.run(4)
    assert not app.to("/got")
    emulator.run(1)
    assert app.to("/got")[0]["SpeechResult"] == "I lost my suitcase"
    assert 0 < float(app.to("/got")[0]["Confidence"]) <= 1
    assert emulator.log("said", call=call)[0]["complete"] is False


def test_of_keys_and_speech_the_first_wins(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = gather('input="dtmf speech" speechTimeout="auto" numDigits="1"')
    emulator.dial(say("a person"), press("1"))
    emulator.run(4)
    assert app.to("/got")[0]["SpeechResult"] == "a person"
    assert "Digits" not in app.to("/got")[0]


def test_speech_does_not_count_when_only_keys_are_asked_for(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = gather('timeout="2"', "")
    call = emulator.dial(say("hello"))
    emulator.run(10)
    assert emulator.spoken_texts(call) == ["Nothing came."]


def test_barge_in_false_lets_the_words_end_and_keeps_the_key(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = gather('bargeIn="false" numDigits="1"')
    call = emulator.dial(press("7"))
    emulator.run(5)
    assert emulator.log("said", call=call)[0]["complete"] is True
    assert app.to("/got")[0]["Digits"] == "7"


def test_only_say_play_and_pause_may_stand_inside(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = gather('timeout="1"', "<Dial>+15550199999</Dial>")
    emulator.dial()
    emulator.run(5)
    assert emulator.errors() == [13320]
    assert not emulator.log("ringing", call=None)[1:]
