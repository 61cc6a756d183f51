"""What authors may mark in a prompt, and recordings: what is wrong with them is told before a caller hears it."""

from __future__ import annotations

import pytest

from ivr.flow.checker.check import list_notes
from ivr.flow.checker.speaking_time import speaking_seconds
from ivr.flow.loader.library import parse_flows
from ivr.flow.phrases import ssml
from ivr.flow.turn import AudioPrompt, SpokenPrompt
from ivr.flow.yaml_source.entry import InvalidFlows
from tests.flow.caller import Talk, files, library

MENU = "  m: {menu: what, options: {1: {next: q}}}\n  q: {queue: support}\n"
URL = "https://x.test/a.mp3"


@pytest.mark.parametrize(
    "source",
    [
        'One <break time="500ms"/> two <break strength="strong"/>',
        '<s>On the <say-as interpret-as="date" format="mdy">10/21</say-as>.</s> <p>Now</p>',
        '<prosody rate="90%" volume="soft"><emphasis level="strong">dear</emphasis></prosody>',
        '<lang xml:lang="fr-FR">bonjour</lang> <phoneme alphabet="ipa" ph="pɪˈkɑːn">pecan</phoneme>',
        "<sub alias='World Wide Web'>W3C</sub> <w role='amazon:VB'>read</w>",
    ],
)
def test_what_voices_know_may_be_marked(source: str) -> None:
    assert list(ssml.list_markup_faults(source)) == []


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ("<brake time='1s'/>", 'Did you mean "break"?'),
        ("<Break/>", "only for markup"),
        ('<break time="soon"/>', 'should be like "500ms" or "2s"'),
        ('<break time="99s"/>', "10 s at most"),
        ('<break strenght="weak"/>', 'Did you mean "strength"?'),
        ("<break>a</break>", "holds no words"),
        ('<emphasis level="stong">a</emphasis>', 'Did you mean "strong"?'),
        ('<say-as interpret-as="telefone">1</say-as>', 'Did you mean "telephone"?'),
        ("<say-as>1</say-as>", 'needs interpret-as="..."'),
        ('<sub alias="a"><emphasis>b</emphasis></sub>', "<emphasis> may not stand inside <sub>"),
        ("<s><p>a</p></s>", "<p> may not stand inside <s>"),
        ("<p>a", "<p> is never closed"),
        ("<p><s>a</p></s>", "</p> closes what is not open"),
    ],
)
def test_what_no_voice_takes_is_told_with_the_nearest_name(source: str, fault: str) -> None:
    assert fault in next(ssml.list_markup_faults(source))


def faults(words: str, **others: str) -> list[str]:
    with pytest.raises(InvalidFlows) as caught:
        parse_flows(files(MENU, prompts_en_yaml=words, **others))
    return [str(fault) for fault in caught.value.faults]


def test_a_fault_names_its_line_and_a_voice_what_it_does_not_speak() -> None:
    told = faults('welcome: "a"\nwhat: "<brake/> one?"\n')
    assert any(one.startswith('flows/prompts/en.yaml:2:7  prompt "what": <brake> is no mark') for one in told)
    words = 'voice: Polly.Joanna{}\nwhat: "<emphasis>one</emphasis>?"\n'
    assert "does not speak <emphasis>" in faults(words.format("-Neural"))[0]
    assert library(MENU, prompts_en_yaml=words.format("")).get_voice("en").name == "Polly.Joanna"


def test_a_recording_lasts_as_long_as_its_author_says_and_is_in_the_language_spoken() -> None:
    made = library(MENU, prompts_en_yaml=f'what: {{audio: "{URL}", seconds: 7, text: "One?"}}\n')
    (said,) = Talk(library=made).turn.prompts
    assert said == AudioPrompt(url=URL, language="en", seconds=7)
    assert speaking_seconds([said]) == 7
    assert list_notes(made) == ()


def test_whom_a_recording_did_not_reach_is_asked_again_in_words() -> None:
    """11200: Twilio goes on to the next verb, so the caller heard nothing, and says nothing."""
    made = library(MENU, prompts_en_yaml=f'what: {{audio: "{URL}", text: "One & two?"}}\n')
    again = Talk(library=made).nothing()
    assert SpokenPrompt(text="One &amp; two?", language="en") in again.turn.prompts
    assert not any(isinstance(said, AudioPrompt) for said in again.turn.prompts)


def test_what_is_not_known_of_a_recording_is_a_note() -> None:
    made = library(MENU, prompts_en_yaml="what: http://x.test/a.mp3\n")
    assert [note.partition(": ")[2][:30] for note in list_notes(made)] == [
        "this recording is fetched with",
        "nobody has said how long this ",
        "a caller hears nothing when th",
    ]
    assert speaking_seconds(Talk(library=made).turn.prompts) == 10


def test_the_lines_own_words_are_no_recording_unless_their_words_are_there() -> None:
    (fault,) = faults(f'what: "?"\nwait: {{thanks: "{URL}"}}\n')
    assert (
        'flows/prompts/en.yaml:2:16  prompt "wait.thanks" is said in places where nothing can be played'
        in fault
    )
    spoken = library(
        MENU, prompts_en_yaml=f'what: "?"\nwait: {{thanks: {{audio: "{URL}", text: "Thanks."}}}}\n'
    )
    assert spoken.get_phrasebook("en").phrase("wait.thanks") == "Thanks."


def test_a_recording_written_wrong_is_a_fault_with_its_line() -> None:
    told = faults(f'what: {{audio: "{URL}", secs: 7}}\nwelcome: {{audio: a.mp3}}\n')
    assert any("en.yaml:1:" in one and 'Did you mean "seconds"?' in one for one in told)
    assert any('"a.mp3" should be the address of a recording' in one for one in told)
