from __future__ import annotations

import pytest

from ivr.flow.engine import begin
from ivr.flow.phrases.built_in import own_fields, shipped, shipped_languages, words
from ivr.flow.phrases.phrasebook import BadWords, Ssml, template
from ivr.flow.turn import Situation
from tests.flow.caller import MAIN, MONDAY_NOON, library
from tests.flow.caller import shipped as shipped_library

ASKED_FOR = {
    "wait": ["position", "estimate_unknown", "choices", "still", "no_estimate", "thanks"],
    "agent": [
        "knock",
        "choices",
        "gone",
        "taken",
        "declined",
        "joining",
        "menu",
        "consult_menu",
        "extension",
        "ringing",
        "target_declined",
        "held_warning",
        "next_steps",
        "owe_call",
        "disposition",
        "note",
        "note_readback",
        "saved",
        "name",
    ],
    "hold": ["start", "still", "choice"],
    "after": ["lost_agent", "anything_else", "next_steps", "promised", "rate", "comment", "sorry", "goodbye"],
    "one_moment": [""],
    "callback": ["hello", "machine", "no_answer"],
    "text": ["promised", "cancelled", "summary", "how_was_it", "at_risk", "kept_waiting"],
    "emergency": [""],
}


def test_every_language_has_all_the_words_and_uses_no_field_that_english_is_not_given() -> None:
    for group, names in ASKED_FOR.items():
        assert {f"{group}.{name}" if name else group for name in names} <= set(own_fields())
    for language in shipped_languages():
        made = shipped(language)
        assert set(made.templates) == set(shipped("en").templates)
        assert set(made.lists) == set(shipped("en").lists)
        for key, one in made.templates.items():
            assert one.fields - {"company"} <= own_fields()[key], (language, key)


def test_every_word_can_be_spoken_with_and_without_its_optional_parts() -> None:
    made = shipped_library()
    for language in shipped_languages():
        for key in own_fields():
            for value in ("", "x"):
                said = words(made, language).say(key, **dict.fromkeys(own_fields()[key], value))
                assert said
                assert not set("[]{}") & set(said)


def test_what_people_typed_is_escaped_for_the_ear_and_not_for_the_eye() -> None:
    book = words(shipped_library(), "en")
    assert "&lt;Speak&gt; &amp; co" in book.say("agent.note_readback", note="<Speak> & co")
    assert "<Speak> & co" in book.text("text.summary", name="", understood="<Speak> & co", steps="")


def test_markup_passes_when_it_is_ours() -> None:
    assert "<say-as>5</say-as>" in words(shipped_library(), "en").say(
        "agent.note_readback", note=Ssml("<say-as>5</say-as>")
    )


@pytest.mark.parametrize("fields", [{}, {"name": "D", "more": "x"}])
def test_fields_missing_or_unknown_are_refused(fields: dict[str, str]) -> None:
    with pytest.raises(BadWords, match="takes \\['name'\\]"):
        words(shipped_library(), "en").say("agent.ringing", **fields)


def test_a_part_in_brackets_is_said_only_when_its_fields_have_something_to_say() -> None:
    hello = template("hello[, {name}]. {more}")
    assert hello.say({"name": "Lori", "more": ""}) == "Hello, Lori."
    assert hello.say({"name": "", "more": "x"}) == "Hello. x"


@pytest.mark.parametrize(
    "source", ["a ] b", "a [ b", "[a [b] c]", "{Name}", "a } b", "a < b", "<b>a", "a</b>", "<b><i>a</b></i>"]
)
def test_broken_templates_are_refused(source: str) -> None:
    with pytest.raises(BadWords):
        template(source)


def test_markup_may_stand_in_a_prompt() -> None:
    source = 'One<break time="500ms"/> <lang xml:lang="es-US">dos</lang> & three &nbsp; &lt;'
    assert template(source).say({}) == source.replace("& ", "&amp; ").replace("&nbsp", "&amp;nbsp")


def test_a_language_of_a_country_has_the_words_of_its_language() -> None:
    header = MAIN.replace("[en]", "[es-MX]")
    made = library("  q: {queue: support}\n", header=header)
    assert words(made, "es-MX").say("one_moment") == "Un momento."
    assert begin(made.flows["main"], made, Situation(now=MONDAY_NOON), "es-MX").position.language == "es-MX"


def test_a_prompts_file_says_the_lines_own_words_its_own_way() -> None:
    prompts = 'company: "Tooty Air"\npromise: {thanks: "Thanks from {company}."}\n'
    book = words(library("  q: {queue: support}\n", prompts_en_yaml=prompts), "en")
    assert book.say("promise.thanks") == "Thanks from Tooty Air."
    assert book.say("wait.thanks") == "Thank you for waiting."
