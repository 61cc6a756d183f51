"""A company brings a language of its own: one file of words, and nothing else."""

from __future__ import annotations

import re

import pytest

from ivr.flow.checker.check import check_flows, list_unchecked
from ivr.flow.engine import start_flow
from ivr.flow.loader.library import parse_flows
from ivr.flow.phrases.built_in import brief_wording, list_missing_phrases, parse_phrasebook
from ivr.flow.phrases.new_language import make_language_file
from ivr.flow.turn import CallerContext, Listen
from ivr.flow.yaml_source.entry import InvalidFlows
from tests.flow.caller import MAIN, MONDAY_NIGHT, NUMBER, Talk, files

GERMAN = MAIN.replace("[en]", "[de]")
STEPS = """  ask:
    menu: what
    options:
      1: {words: {en: [suitcase], de: [Koffer], fr: [valise]}, next: q}
      2: {words: [Tooty Card], next: b}
  q: {queue: support}
  b: {queue: bookings}
"""
QUEUES = """
support: {hours: support, spoken: {en: support}}
bookings: {hours: support, spoken: {de: Buchungen, en: bookings}}
"""


def faults(made: dict[str, str]) -> list[str]:
    with pytest.raises(InvalidFlows) as caught:
        parse_flows(made)
    return [str(fault) for fault in caught.value.faults]


def filled(code: str = "de") -> dict[str, str]:
    """As if somebody had written the English words after each name."""
    made = files(STEPS, header=GERMAN, queues_yaml=QUEUES)
    told = make_language_file(code, made)
    return made | {
        f"prompts/{code}.yaml": re.sub(r"^( *\S+:) # (?=[\"\[])", r"\1 ", told, flags=re.MULTILINE)
    }


def test_what_is_missing_is_named_and_how_to_begin_is_told() -> None:
    (fault,) = [one for one in faults(files(STEPS, header=GERMAN)) if "does not say everything yet" in one]
    assert fault.startswith("flows/prompts/de.yaml  ")
    assert "missing: heard.person, heard.somebody" in fault
    assert re.search(r" and \d+ more\. `ivr flows new-language de` prints them all", fault)


def test_a_file_begun_says_nothing_by_itself() -> None:
    made = files(STEPS, header=GERMAN)
    book, _ = parse_phrasebook("de", None)
    begun_only = {**made, "prompts/de.yaml": make_language_file("de", made)}
    assert make_language_file("de", begun_only) == make_language_file("de", made)
    assert len(list_missing_phrases(book)) > 200


def test_the_file_filled_in_is_a_language_that_passes_the_check_and_nothing_is_left_to_say() -> None:
    made = filled()
    library = parse_flows(made)
    assert make_language_file("de", made) == ""
    assert all(report.is_sound for report in check_flows(library))
    assert list_unchecked(library) == ()
    talk = Talk(library=library, language="de", situation=CallerContext(now=MONDAY_NIGHT, number=NUMBER))
    assert "Dienstag 08:00" in talk.at("@closed", queue="support").heard
    brief = brief_wording(library.get_phrasebook("de"))
    assert brief("owed", by="15:40") == "We owe them a call 15:40"
    assert library.get_voice("de").locale == "de-DE"


def test_a_language_that_does_not_say_what_to_look_for_is_noted_and_not_silently_unchecked() -> None:
    made = filled()
    words = made["prompts/de.yaml"].partition("\nchecks:")[0]
    library = parse_flows({**made, "prompts/de.yaml": words})
    assert all(report.is_sound for report in check_flows(library))
    assert [note.partition(":")[0] for note in list_unchecked(library)] == [
        'flows/prompts/de.yaml has no "press" under "checks"',
        'flows/prompts/de.yaml has no "call_again" under "checks"',
    ]


def test_a_pattern_that_cannot_be_read_and_a_voice_that_is_none_are_faults_with_their_line() -> None:
    wrong = "voice: Marlene\nlocale: german\nchecks: {press: ['(']}\nheard: {yess: [ja]}\n"
    told = faults(files(STEPS) | {"prompts/de.yaml": wrong})
    assert any('de.yaml:1:8  "Marlene" should be a voice as Twilio names it' in one for one in told)
    assert any('de.yaml:2:9  "german" should be a language with its country' in one for one in told)
    assert any('"(" cannot be looked for' in one for one in told)
    assert any('Did you mean "yes"?' in one for one in told)


def test_a_recogniser_expects_the_words_of_the_language_that_is_spoken_and_its_queues_and_persons() -> None:
    library = parse_flows(filled())
    turn = start_flow(library.flows["main"], library, CallerContext(now=MONDAY_NIGHT), "de")
    assert isinstance(turn.action, Listen)
    assert turn.action.hints[:3] == ("Koffer", "Tooty Card", "Buchungen")
    assert set(turn.action.hints[3:]) == set(library.get_phrasebook("de").get_word_list("heard.person"))
    talk = Talk(library=library, language="de")
    assert talk.says("Buchungen bitte").step == "b"
    assert Talk(library=library, language="de").says("ma valise").step == "q"


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        (f"[{'a' * 101}]", "has 101 characters"),
        (f"[{', '.join(f'w{n}' for n in range(501))}]", "501 words; a recogniser takes 500"),
        ('["a, b"]', "has a comma"),
    ],
)
def test_what_no_recogniser_takes_is_a_fault(words: str, fault: str) -> None:
    steps = f"  m: {{menu: what, options: {{1: {{words: {words}, next: q}}}}}}\n  q: {{queue: support}}\n"
    assert fault in faults(files(steps))[0]
