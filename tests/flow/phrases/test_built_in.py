from __future__ import annotations

import pytest

from ivr.flow.engine import start_flow
from ivr.flow.phrases.built_in import (
    built_in_fields,
    get_phrasebook,
    list_built_in_languages,
    load_built_in_phrases,
)
from ivr.flow.phrases.phrasebook import InvalidPhrase, Ssml, parse_template
from ivr.flow.turn import CallerContext
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
        assert {f"{group}.{name}" if name else group for name in names} <= set(built_in_fields())
    for language in list_built_in_languages():
        made = load_built_in_phrases(language)
        assert set(made.templates) == set(load_built_in_phrases("en").templates)
        assert set(made.word_lists) == set(load_built_in_phrases("en").word_lists)
        for key, one in made.templates.items():
            assert one.fields - {"company"} <= built_in_fields()[key], (language, key)


def test_every_word_can_be_spoken_with_and_without_its_optional_parts() -> None:
    made = shipped_library()
    for language in list_built_in_languages():
        for key in built_in_fields():
            for value in ("", "x"):
                said = get_phrasebook(made, language).phrase(
                    key, **dict.fromkeys(built_in_fields()[key], value)
                )
                assert said
                assert not set("[]{}") & set(said)


def test_what_people_typed_is_escaped_for_the_ear_and_not_for_the_eye() -> None:
    book = get_phrasebook(shipped_library(), "en")
    assert "&lt;Speak&gt; &amp; co" in book.phrase("agent.note_readback", note="<Speak> & co")
    assert "<Speak> & co" in book.text("text.summary", name="", understood="<Speak> & co", steps="")


def test_markup_passes_when_it_is_ours() -> None:
    assert "<say-as>5</say-as>" in get_phrasebook(shipped_library(), "en").phrase(
        "agent.note_readback", note=Ssml("<say-as>5</say-as>")
    )


@pytest.mark.parametrize("fields", [{}, {"name": "D", "more": "x"}])
def test_fields_missing_or_unknown_are_refused(fields: dict[str, str]) -> None:
    with pytest.raises(InvalidPhrase, match="takes \\['name'\\]"):
        get_phrasebook(shipped_library(), "en").phrase("agent.ringing", **fields)


def test_a_part_in_brackets_is_said_only_when_its_fields_have_something_to_say() -> None:
    hello = parse_template("hello[, {name}]. {more}")
    assert hello.render({"name": "Lori", "more": ""}) == "Hello, Lori."
    assert hello.render({"name": "", "more": "x"}) == "Hello. x"


@pytest.mark.parametrize(
    "source", ["a ] b", "a [ b", "[a [b] c]", "{Name}", "a } b", "a < b", "<b>a", "a</b>", "<b><i>a</b></i>"]
)
def test_broken_templates_are_refused(source: str) -> None:
    with pytest.raises(InvalidPhrase):
        parse_template(source)


def test_markup_may_stand_in_a_prompt() -> None:
    source = 'One<break time="500ms"/> <lang xml:lang="es-US">dos</lang> & three &nbsp; &lt;'
    assert parse_template(source).render({}) == source.replace("& ", "&amp; ").replace("&nbsp", "&amp;nbsp")


def test_a_language_of_a_country_has_the_words_of_its_language() -> None:
    header = MAIN.replace("[en]", "[es-MX]")
    made = library("  q: {queue: support}\n", header=header)
    assert get_phrasebook(made, "es-MX").phrase("one_moment") == "Un momento."
    assert (
        start_flow(made.flows["main"], made, CallerContext(now=MONDAY_NOON), "es-MX").position.language
        == "es-MX"
    )


def test_a_prompts_file_says_the_lines_own_words_its_own_way() -> None:
    prompts = 'company: "Tooty Air"\npromise: {thanks: "Thanks from {company}."}\n'
    book = get_phrasebook(library("  q: {queue: support}\n", prompts_en_yaml=prompts), "en")
    assert book.phrase("promise.thanks") == "Thanks from Tooty Air."
    assert book.phrase("wait.thanks") == "Thank you for waiting."
