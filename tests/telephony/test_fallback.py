"""What callers hear when the line is broken (I9)."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from ivr.flow.phrases.built_in import list_built_in_languages, parse_phrasebook
from ivr.telephony import fallback
from ivr.telephony.urls import OVERRIDES

BASE = "https://line.example.com"
NUMBERS = ("+12025550171", "+12025550172")


def parse(twiml: str) -> ET.Element:
    return ET.fromstring(twiml)  # noqa: S314 - our own


def verbs(twiml: str) -> list[str]:
    return [verb.tag for verb in parse(twiml)]


def one(twiml: str, path: str) -> ET.Element:
    found = parse(twiml).find(path)
    assert found is not None
    return found


def walk(turns: int, numbers: tuple[str, ...] = NUMBERS) -> list[str]:
    """What a caller gets who stays while nobody picks up."""
    return [fallback.dial_next_twiml(numbers=numbers, base_url=BASE, turn=turn) for turn in range(turns)]


def test_the_numbers_ring_in_turn_and_then_a_message_is_taken() -> None:
    first, second, message = walk(3)
    assert one(first, "Dial/Number").text == NUMBERS[0]
    assert one(second, "Dial/Number").text == NUMBERS[1]
    assert (
        one(message, "Record").get("recordingStatusCallback") == f"{BASE}/voice/fallback/recorded{OVERRIDES}"
    )


def test_each_step_leads_to_the_next() -> None:
    first, second, message = walk(3)
    assert one(first, "Dial").get("action") == f"{BASE}/voice/fallback/next?turn=1{OVERRIDES}"
    assert one(second, "Dial").get("action") == f"{BASE}/voice/fallback/next?turn=2{OVERRIDES}"
    assert one(message, "Redirect").text == f"{BASE}/voice/fallback/next?turn=3{OVERRIDES}"


def test_a_caller_who_says_nothing_and_stays_is_rung_through_again() -> None:
    assert one(walk(4)[3], "Dial/Number").text == NUMBERS[0]


def test_a_leg_that_never_ends_does_not_ring_people_for_hours() -> None:
    last = fallback.dial_next_twiml(numbers=NUMBERS, base_url=BASE, turn=fallback.MAX_ROUNDS * 3)
    assert verbs(last) == [*["Say"] * len(list_built_in_languages()), "Hangup"]
    assert "will call you back" in last


def test_whoever_picks_up_must_press_one_because_voicemail_cannot() -> None:
    assert one(walk(1)[0], "Dial/Number").get("url") == f"{BASE}/voice/fallback/confirm{OVERRIDES}"
    assert verbs(fallback.confirm_twiml(base_url=BASE)) == ["Gather", "Hangup"]
    assert verbs(fallback.confirmed_twiml(digits="1")) == []
    assert verbs(fallback.confirmed_twiml(digits="")) == ["Hangup"]
    assert verbs(fallback.confirmed_twiml(digits="2")) == ["Hangup"]


def test_a_whisper_uses_only_the_verbs_that_twilio_allows_there() -> None:
    """`<Number url>`: Play, Say, Gather, Hangup (and Pause, Redirect) alone."""
    allowed = {"Response", "Play", "Say", "Gather", "Hangup"}
    for twiml in (
        fallback.confirm_twiml(base_url=BASE),
        fallback.confirmed_twiml(digits="1"),
        fallback.confirmed_twiml(digits=""),
    ):
        assert {element.tag for element in parse(twiml).iter()} <= allowed


def test_the_call_ends_with_thanks_after_a_talk() -> None:
    assert verbs(fallback.goodbye_twiml())[-1] == "Hangup"


def test_a_caller_without_a_number_is_dialled_for_with_one_of_ours() -> None:
    """13214: Twilio refuses to dial with a caller id that is no number."""
    shown = fallback.dial_next_twiml(numbers=NUMBERS, base_url=BASE)
    hidden = fallback.dial_next_twiml(numbers=NUMBERS, base_url=BASE, caller_id="+12025550100")
    assert one(shown, "Dial").get("callerId") is None
    assert one(hidden, "Dial").get("callerId") == "+12025550100"


def test_the_apology_is_said_once_in_each_language_or_in_those_of_the_line() -> None:
    first, second, _ = walk(3)
    assert [say.get("language") for say in parse(first).iter("Say")] == ["en-US", "es-US", "fr-FR"]
    assert verbs(second) == ["Dial"]
    mine = fallback.dial_next_twiml(
        numbers=NUMBERS, base_url=BASE, phrasebooks=[parse_phrasebook("es", None)[0]]
    )
    assert "Lo siento: nuestro sistema tiene una falla. No cuelgue" in mine
    assert "sorry" not in mine


def test_nobody_is_announced_when_there_is_no_number_to_ring() -> None:
    twiml = walk(1, ())[0]
    assert "calling a person" not in twiml
    assert "pick up" not in twiml
    assert verbs(twiml)[-2:] == ["Record", "Redirect"]


def test_the_static_one_needs_no_address_of_ours() -> None:
    twiml = fallback.static_twiml(numbers=NUMBERS)
    assert "http" not in twiml.partition("?>")[2]
    assert [dial.text for dial in parse(twiml).iter("Dial")] == list(NUMBERS)
    assert verbs(twiml)[-1] == "Record"


@pytest.mark.parametrize("words", ["call again", "call back later", "vuelva a llamar", "llame más tarde"])
def test_nobody_is_told_to_call_again(words: str) -> None:
    everything = [*walk(20), fallback.static_twiml(numbers=()), fallback.thanks_twiml(), *walk(6, ())]
    assert not any(words in twiml for twiml in everything)
