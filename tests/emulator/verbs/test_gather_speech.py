"""Speech in <Gather>: https://www.twilio.com/docs/voice/twiml/gather"""

from typing import Any

import pytest

from tests.emulator.harness import App, Emulator, Json, listen, pause, say

QUIET = '<Gather input="speech" action="/got" speechTimeout="2" {}/><Say>Nothing came.</Say>'


def spoken(words: str, **how: Any) -> Json:
    return {**say(words), **how}


def heard(
    emulator: Emulator, app: App, attributes: str, *script: Json, seconds: float = 15
) -> dict[str, str]:
    app.pages["/answer"] = QUIET.format(attributes)
    emulator.dial(*script)
    emulator.run(seconds)
    return app.to("/got")[0]


def test_partial_results_come_word_by_word_while_the_person_speaks(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = QUIET.format('partialResultCallback="/partial"')
    emulator.dial(say("I lost my suitcase"))
    emulator.run(0.8)
    assert [one["UnstableSpeechResult"] for one in app.to("/partial")] == ["I", "I lost"]
    emulator.run(5)
    partials = app.to("/partial")
    assert [one["UnstableSpeechResult"] for one in partials] == ["I", "I lost", "I lost my", ""]
    assert [one["StableSpeechResult"] for one in partials] == ["", "", "", "I lost my suitcase"]
    assert [one["SequenceNumber"] for one in partials] == ["0", "1", "2", "3"]
    assert {one["Language"] for one in partials} == {"en-US"}
    assert {"CallSid", "From", "To", "CallStatus", "Direction", "Stability"} <= set(partials[0])
    assert app.to("/got")[0]["SpeechResult"] == "I lost my suitcase"


def test_partial_results_go_on_after_a_pause_in_the_speech(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = QUIET.format('partialResultCallback="/partial" partialResultCallbackMethod="GET"')
    emulator.dial(say("My suitcase"), pause(1), say("was red"))
    emulator.run(8)
    told = [(one["StableSpeechResult"], one["UnstableSpeechResult"]) for one in app.to("/partial")]
    assert told == [("", "My"), ("My suitcase", ""), ("My suitcase", "was"), ("My suitcase was red", "")]
    assert {one.method for one in app.seen if one.path.startswith("/partial")} == {"GET"}
    assert app.to("/got")[0]["SpeechResult"] == "My suitcase was red"


def test_the_answer_to_a_partial_result_does_not_change_the_call(emulator: Emulator, app: App) -> None:
    app.pages["/partial"] = "<Say>Not this.</Say>"
    heard(emulator, app, 'partialResultCallback="/partial"', say("One two"))
    assert emulator.spoken_texts() == []


def test_confidence_is_what_the_person_s_script_says(emulator: Emulator, app: App) -> None:
    assert heard(emulator, app, "", spoken("one moment", confidence=0.4))["Confidence"] == "0.4"


def test_what_the_script_says_counts_in_another_language_too(emulator: Emulator, app: App) -> None:
    assert heard(emulator, app, "", spoken("hola", confidence=0.8, language="es-MX"))["Confidence"] == "0.8"


def test_without_it_confidence_is_high(emulator: Emulator, app: App) -> None:
    assert heard(emulator, app, "", say("one moment"))["Confidence"] == "0.92"


@pytest.mark.parametrize("said", ["I want Baggage claim!", "baggage  claim"])
def test_a_hint_that_was_said_raises_the_confidence(emulator: Emulator, app: App, said: str) -> None:
    result = heard(emulator, app, 'hints="refund, baggage claim"', spoken(said, confidence=0.5))
    assert result["Confidence"] == "0.75"


def test_a_hint_within_another_word_does_not_count(emulator: Emulator, app: App) -> None:
    result = heard(emulator, app, 'hints="sale"', spoken("sales please", confidence=0.5))
    assert result["Confidence"] == "0.5"


@pytest.mark.parametrize(
    ("listened", "language", "sure"),
    [("en-US", "es-MX", 0.35), ("es-ES", "es-MX", 0.92), ("en-US", "en-GB", 0.92), ("multi", "es-MX", 0.92)],
)
def test_another_language_than_the_gather_s_gives_low_confidence(
    emulator: Emulator, app: App, listened: str, language: str, sure: float
) -> None:
    result = heard(emulator, app, f'language="{listened}"', spoken("hola", language=language))
    assert (float(result["Confidence"]), result["Language"]) == (sure, listened)


@pytest.mark.parametrize(
    ("attributes", "result"),
    [("", "this s*** again, Shitake"), ('profanityFilter="false"', "this shit again, Shitake")],
)
def test_profane_words_keep_their_first_letter_unless_the_filter_is_off(
    emulator: Emulator, app: App, attributes: str, result: str
) -> None:
    assert heard(emulator, app, attributes, say("this shit again, Shitake"))["SpeechResult"] == result


def test_max_speech_time_ends_it_with_what_was_said_so_far(emulator: Emulator, app: App) -> None:
    result = heard(emulator, app, 'maxSpeechTime="2"', say("one two three four five six seven eight"))
    assert result["SpeechResult"] == "one two three four five"


def test_sixty_seconds_end_it_at_the_latest(emulator: Emulator, app: App) -> None:
    words = " ".join(["word"] * 200)
    result = heard(emulator, app, 'maxSpeechTime="999"', say(words), seconds=61)
    assert len(result["SpeechResult"].split()) == 162


def test_timeout_is_for_the_first_word_and_speech_timeout_for_the_pause_after(
    emulator: Emulator, app: App
) -> None:
    app.pages["/answer"] = '<Gather input="speech" action="/got" timeout="4" speechTimeout="1"/>'
    emulator.dial(pause(3.5), say("one"), pause(0.5), say("two"))
    emulator.run(5.6)
    assert not app.to("/got")
    emulator.run(1)
    assert app.to("/got")[0]["SpeechResult"] == "one two"


def test_speech_timeout_is_the_timeout_unless_it_is_said(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = '<Gather input="speech" action="/got" timeout="3"/>'
    emulator.dial(say("one"), pause(2.5), say("two"))
    emulator.run(6)
    assert not app.to("/got")
    emulator.run(1)
    assert app.to("/got")[0]["SpeechResult"] == "one two"


def test_auto_with_a_speech_model_is_warned_of(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = (
        '<Gather input="speech" speechTimeout="auto" speechModel="phone_call" timeout="1"/>'
    )
    emulator.dial()
    emulator.run(3)
    assert emulator.errors() == [13335]


@pytest.mark.parametrize(
    ("attribute", "code"),
    [
        ('language="en US"', 13331),
        ('speechModel="best"', 13334),
        ('maxSpeechTime="0"', 13328),
        ('speechTimeout="-1"', 13327),
        ('partialResultCallbackMethod="PUT"', 13329),
        (f'hints="{"h" * 101}"', 13330),
        ('bargeIn="maybe"', 13332),
        ('profanityFilter="1"', 13333),
        ('actionOnEmptyResult="yes"', 13338),
        ('finishOnKey="12"', 13310),
        ('numDigits="0"', 13314),
        ('method="PUT"', 13312),
        ('Timeout="3"', 12200),
    ],
)
def test_each_wrong_value_has_twilio_s_own_warning(
    emulator: Emulator, app: App, attribute: str, code: int
) -> None:
    app.pages["/answer"] = f'<Gather timeout="1" {attribute}/>'
    emulator.dial()
    emulator.run(3)
    assert emulator.errors() == [code]


def test_speech_interrupts_the_words_of_the_gather(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = '<Gather input="speech" action="/got"><Say>One two three four five</Say></Gather>'
    call = emulator.dial(listen("two"), say("stop"))
    emulator.run(10)
    assert emulator.log("said", call=call)[0]["complete"] is False


def test_a_person_moved_by_hand_may_be_heard_badly(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = "<Gather input='speech' action='/heard' speechTimeout='1'/>"
    call = emulator.dial()
    emulator.run(1)
    emulator.act(call, "say", words="a person please", confidence=0.2)
    emulator.run(5)
    assert app.to("/heard")[0]["Confidence"] == "0.2"
