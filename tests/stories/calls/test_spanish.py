"""A caller who prefers Spanish is spoken to in Spanish from that key on, to the last text."""

from __future__ import annotations

from ivr.cli.demo.stage import Stage
from ivr.domain.records.contact import Outcome
from tests.stories.people import (
    BRIDGED,
    DIANE,
    HANG_UP,
    LORI,
    TAKES_IT,
    all_ended,
    contacts,
    heard_by,
    listen,
    pause,
    press,
    promises,
    speak,
    texts_to,
    wraps_up,
)


def test_a_caller_who_presses_nine_waits_is_promised_and_texted_in_spanish(stage: Stage) -> None:
    stage.call_line(
        LORI,
        [
            listen("español"),
            press("9"),
            listen("de qué se trata"),
            speak("Mi maleta no llegó a Albany"),
            listen("Oprima 1 y le llamamos"),
            press("1"),
            listen("adiós|Adiós|nada más"),
            HANG_UP,
        ],
    )
    assert stage.play(180, until=lambda: all_ended(stage))
    (promise,) = promises(stage)
    assert promise.language == "es"
    assert promise.reason == "Mi maleta no llegó a Albany"
    (text,) = texts_to(stage, LORI)
    assert "Le llamaremos" in text or "llamaremos" in text
    after_the_key = heard_by(stage, LORI)[3:]
    assert after_the_key
    assert not any(" we " in f" {w.lower()} " for w in after_the_key), after_the_key


def test_the_agent_of_a_spanish_caller_speaks_spanish_and_is_briefed_in_their_own_language(
    stage: Stage,
) -> None:
    stage.add_agent("Diane", DIANE, [*TAKES_IT, *wraps_up()], languages=("en", "es"))
    stage.call_line(LORI, [listen("español"), press("9"), BRIDGED, pause(10), HANG_UP])
    assert stage.play(180, until=lambda: all_ended(stage))
    (contact,) = contacts(stage)
    assert contact.caller.language == "es"
    assert contact.outcome is Outcome.HELPED
    assert any("Press 1 to hear it" in words for words in heard_by(stage, DIANE))


def test_an_agent_without_spanish_is_asked_only_when_nobody_else_came_for_long(stage: Stage) -> None:
    stage.add_agent("Diane", DIANE, [*TAKES_IT, *wraps_up()], languages=("en",))
    stage.call_line(
        LORI, [listen("español"), press("9"), {"do": "bridged", "within": 900}, pause(10), HANG_UP]
    )
    assert not stage.play(240, until=lambda: contacts(stage)[0].talked if contacts(stage) else False)
    assert stage.play(240, until=lambda: contacts(stage)[0].talked)
