"""https://www.twilio.com/docs/voice/twiml/say and its SSML"""

import pytest

from tests.emulator.harness import HANG_UP, App, Emulator, listen, pause, press

WORD = 1 / 2.7  # seconds


def lasted(emulator: Emulator, call: str) -> float:
    """Seconds from the answer to the end of the call."""
    (answered,), (ended,) = emulator.log("answered", call=call), emulator.log("ended", call=call)
    return float(ended["epoch"] - answered["epoch"])


@pytest.mark.parametrize(
    ("marked", "heard", "seconds"),
    [
        ("One two", "One two", 2 * WORD),
        ('One<break time="1500ms"/>two', "One two", 2 * WORD + 1.5),
        ('One <break time="2s"/> two', "One two", 2 * WORD + 2),
        ('One <break time="99s"/> two', "One two", 2 * WORD + 10),
        ("One <break/> two", "One two", 2 * WORD + 0.3),
        ('One <break strength="x-strong"/> two', "One two", 2 * WORD + 1),
        ('One <break strength="none"/> two', "One two", 2 * WORD),
        ('<prosody rate="50%">One two</prosody> three', "One two three", 5 * WORD),
        ('<prosody rate="x-slow"><prosody rate="fast">One</prosody></prosody>', "One", WORD / 0.625),
        ('The <sub alias="World Wide Web Consortium">W3C</sub>.', "The World Wide Web Consortium.", 5 * WORD),
        ('Press <say-as interpret-as="digits">407</say-as>', "Press 4 0 7", 4 * WORD),
        ('<say-as interpret-as="spell-out">ab-c</say-as>', "a b - c", 4 * WORD),
        ('<say-as interpret-as="expletive">darn</say-as>', "beep", WORD),
        ('<say-as interpret-as="date" format="mdy">10/21</say-as>', "10/21", WORD),
        (
            '<lang xml:lang="es-MX">Buenos <emphasis level="strong">días</emphasis></lang>!',
            "Buenos días!",
            2 * WORD,
        ),
        ("<p>One.</p><p>Two.</p>", "One. Two.", 2 * WORD + 2),
        ("<s>One.</s>Two.", "One. Two.", 2 * WORD + 0.6),
        (
            '<phoneme alphabet="ipa" ph="pɪˈkɑːn">pecan</phoneme> <w role="amazon:VB">read</w>',
            "pecan read",
            2 * WORD,
        ),
    ],
)
def test_ssml_is_heard_and_takes_its_time(
    emulator: Emulator, app: App, marked: str, heard: str, seconds: float
) -> None:
    app.pages["/answer"] = f"<Say>{marked}</Say>"
    call = emulator.dial()
    emulator.run(30)
    assert emulator.spoken_texts(call) == [heard]
    assert lasted(emulator, call) == pytest.approx(seconds, abs=0.01)
    assert emulator.errors() == []


@pytest.mark.parametrize(
    ("marked", "code", "heard"),
    [
        ('<prosody rate="quickly">One two</prosody>', 13513, "One two"),
        ('One <break time="soon"/> two', 12200, "One two"),
        ('One <break strength="huge"/> two', 12200, "One two"),
        ("<shout>One</shout> two", 12200, "One two"),
        ("<sub><emphasis>One</emphasis></sub> two", 12200, "One two"),
        ('<emphasis size="big">One</emphasis> two', 12200, "One two"),
        ("<Pause/>One two", 12200, "One two"),
    ],
)
def test_wrong_ssml_is_a_warning_and_its_words_are_said(
    emulator: Emulator, app: App, marked: str, code: int, heard: str
) -> None:
    app.pages["/answer"] = f"<Say>{marked}</Say>"
    call = emulator.dial()
    emulator.run(30)
    assert emulator.errors() == [code]
    assert emulator.spoken_texts(call) == [heard]


def test_an_interruption_stops_at_the_word_that_was_being_said(emulator: Emulator, app: App) -> None:
    marked = '<Say>For sales press one <break time="5s"/> for support press two</Say>'
    app.pages["/answer"] = f'<Gather numDigits="1" action="/got">{marked}</Gather>'
    call = emulator.dial(listen("press one"), press("1"))
    emulator.run(10)
    (said,) = emulator.log("said", call=call)
    assert (said["heard"], said["complete"]) == ("For sales press one", False)
    assert app.to("/got")[0]["Digits"] == "1"


def test_what_comes_after_a_break_is_heard_after_it(emulator: Emulator, app: App) -> None:
    marked = '<Say>Please wait <break time="5s"/> press two now</Say>'
    app.pages["/answer"] = f'<Gather numDigits="1" action="/got">{marked}</Gather>'
    emulator.dial(listen("press two"), press("2"))
    emulator.run(5.5)
    assert not app.to("/got")
    emulator.run(2)
    assert app.to("/got")[0]["Digits"] == "2"


def test_loop_zero_repeats_until_the_caller_hangs_up(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = '<Say loop="0">One two three</Say>'
    call = emulator.dial(pause(9.5), HANG_UP)
    emulator.run(20)
    assert [one["complete"] for one in emulator.log("said", call=call)] == [True] * 8 + [False]


def test_loop_zero_ends_after_a_thousand_times(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = '<Say loop="0">One</Say><Say>At last</Say>'
    call = emulator.dial()
    emulator.run(380)
    assert emulator.spoken_texts(call).count("One") == 1000
    assert emulator.spoken_texts(call)[-1] == "At last"


def test_empty_words_are_a_warning_and_nothing_is_said(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = "<Say> </Say><Say>Next</Say>"
    call = emulator.dial()
    emulator.run(5)
    assert emulator.errors() == [13520]
    assert emulator.spoken_texts(call) == ["Next"]


@pytest.mark.parametrize(
    ("attributes", "code"),
    [
        ('voice="robot"', 13511),
        ('language="English, please"', 13512),
        ('loop="often"', 13510),
        ('loop="²"', 13510),
    ],
)
def test_each_attribute_has_a_warning_of_its_own(
    emulator: Emulator, app: App, attributes: str, code: int
) -> None:
    app.pages["/answer"] = f"<Say {attributes}>Hello</Say>"
    call = emulator.dial()
    emulator.run(5)
    assert emulator.errors() == [code]
    assert emulator.spoken_texts(call) == ["Hello"]


def test_inside_a_gather_the_warnings_are_those_of_gather(emulator: Emulator, app: App) -> None:
    inside = '<Say loop="x" voice="robot">One</Say><Play digits="1">/tone.wav</Play>'
    app.pages["/answer"] = f'<Gather timeout="1">{inside}</Gather>'
    app.pages["/tone.wav"] = "not a sound"
    emulator.dial()
    emulator.run(5)
    assert sorted(emulator.errors()) == [12200, 13321, 13322, 13325]
