"""Every word of every language that the package has, as TwiML of ours, through the emulator's <Say>: Twilio would warn of none."""

import pytest

from ivr.flow.phrases.built_in import built_in_fields, list_built_in_languages, parse_phrasebook
from ivr.flow.turn import SpokenPrompt
from ivr.telephony.reply import HangUp, Redirect, Reply, render_twiml
from tests.emulator.harness import App, Emulator

A_PAGE = 100
VALUE = "2 0 2 & <Anne>"


@pytest.mark.parametrize("language", list_built_in_languages())
def test_every_word_is_said_without_a_warning(emulator: Emulator, app: App, language: str) -> None:
    book, _ = parse_phrasebook(language, None)
    said = [book.phrase(key, **dict.fromkeys(fields, VALUE)) for key, fields in built_in_fields().items()]
    says = [SpokenPrompt(text=text, language=language) for text in said]
    for first in range(0, len(says), A_PAGE):  # Twilio reads 64 kB at once
        more = Redirect(url=f"/page{first + A_PAGE}") if first + A_PAGE < len(says) else HangUp()
        twiml = render_twiml(Reply(prompts=says[first : first + A_PAGE], verb=more))
        inside = twiml.partition("<Response>")[2].removesuffix("</Response>")
        app.pages[f"/page{first}" if first else "/answer"] = inside
    call = emulator.dial()
    emulator.run(3600)
    assert emulator.errors() == []
    assert len(emulator.spoken_texts(call)) == len(said) > 250
