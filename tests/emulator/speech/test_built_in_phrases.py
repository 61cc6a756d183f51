"""Every word of every language that the package has, as TwiML of ours, through the emulator's <Say>: Twilio would warn of none."""

import pytest

from ivr.flow.phrases.built_in import own_fields, parse_book, shipped_languages
from ivr.flow.turn import Words
from ivr.telephony.reply import Again, HangUp, Reply, render
from tests.emulator.harness import App, Emulator

A_PAGE = 100
VALUE = "2 0 2 & <Anne>"


@pytest.mark.parametrize("language", shipped_languages())
def test_every_word_is_said_without_a_warning(emulator: Emulator, app: App, language: str) -> None:
    book, _ = parse_book(language, None)
    said = [book.say(key, **dict.fromkeys(fields, VALUE)) for key, fields in own_fields().items()]
    says = [Words(text=text, language=language) for text in said]
    for first in range(0, len(says), A_PAGE):  # Twilio reads 64 kB at once
        more = Again(url=f"/page{first + A_PAGE}") if first + A_PAGE < len(says) else HangUp()
        twiml = render(Reply(says=says[first : first + A_PAGE], then=more))
        inside = twiml.partition("<Response>")[2].removesuffix("</Response>")
        app.pages[f"/page{first}" if first else "/answer"] = inside
    call = emulator.dial()
    emulator.run(3600)
    assert emulator.errors() == []
    assert len(emulator.said(call)) == len(said) > 250
