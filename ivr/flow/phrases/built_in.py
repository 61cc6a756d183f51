"""The line's own words, complete in every language the package ships, and how prompts are laid over them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from ivr.domain.rules.brief.sentences import BriefPhrases
from ivr.domain.speech import spoken_text
from ivr.flow.model import PROMPT_FIELDS, Library
from ivr.flow.phrases import ssml
from ivr.flow.phrases.phrasebook import (
    InvalidPhrase,
    Phrasebook,
    Template,
    Voice,
    make_recording,
    parse_template,
)
from ivr.flow.yaml_source.entry import FlowFault, SourceLocation, YamlEntry, comma_separated, did_you_mean
from ivr.flow.yaml_source.fields import Field, field_names, get_field
from ivr.flow.yaml_source.load import YamlMapping

_LOCALE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})+")
_VOICE = re.compile(r"man|woman|(Polly|Google)\.\S+")  # https://www.twilio.com/docs/voice/twiml/say#voice
PHRASES_FOLDER = Path(__file__).parent
COMPANY_KEY = "company"
HEARD_GROUP, CHECKS_GROUP = "heard", "checks"  # what is listened for; what `ivr flows check` looks for
WORD_LIST_GROUPS = (HEARD_GROUP, CHECKS_GROUP)
AUDIO_KEY = "audio"
RECORDING_FIELDS = (
    Field(name=AUDIO_KEY, kind="text", description="The address of the recording", required=True),
    Field(name="seconds", kind="number", description="How long it is", default=0, maximum=600),
    Field(
        name="text",
        kind="text",
        description="Its words, for when it cannot be fetched and for who asks again",
    ),
)
PLAYABLE_PHRASES = frozenset({"ask.reason"})  # the line's own words that a step plays as a prompt
VOICE_KEY, LOCALE_KEY = "voice", "locale"  # who says it
REFERENCE_LANGUAGE = "en"  # the language whose keys and fields every other one has


def get_phrasebook(library: Library, language: str) -> Phrasebook:
    """The book to speak from: `get_phrasebook(library, "es").phrase("wait.position", position=3, minutes="unos cuatro minutos")`."""
    return library.get_phrasebook(language)


def brief_wording(phrasebook: Phrasebook) -> BriefPhrases:
    """The sentences of a brief, for `ivr.domain.rules.brief.sentences`."""

    def say(name: str, /, **fields: str) -> str:
        return phrasebook.text_fragment(f"brief.{name}", **fields)

    return say


@dataclass(frozen=True, kw_only=True)
class BuiltInPhrases:
    templates: Mapping[str, Template]
    word_lists: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@cache
def list_built_in_languages() -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in PHRASES_FOLDER.glob("*.yaml")))


@cache
def load_built_in_phrases(language: str) -> BuiltInPhrases:
    """Raises InvalidPhrase when the package's own words are broken."""
    data = YAML(typ="safe").load((PHRASES_FOLDER / f"{language}.yaml").read_text("utf-8"))
    lists = {
        f"{group}.{name}": tuple(found)
        for group in WORD_LIST_GROUPS
        for name, found in data.pop(group, {}).items()
    }
    return BuiltInPhrases(
        templates={key: parse_template(text) for key, text in _flatten(data).items()}, word_lists=lists
    )


def _flatten(data: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in data.items():
        found |= (
            _flatten(value, f"{prefix}{name}.")
            if isinstance(value, Mapping)
            else {f"{prefix}{name}": str(value)}
        )
    return found


@cache
def built_in_fields() -> Mapping[str, frozenset[str]]:
    """By key, the fields that code gives."""
    return {
        key: made.fields - {COMPANY_KEY}
        for key, made in load_built_in_phrases(REFERENCE_LANGUAGE).templates.items()
    }


def parse_phrasebook(language: str, file: YamlEntry | None) -> tuple[Phrasebook, dict[str, SourceLocation]]:
    """The shipped words with a prompts file over them, and where each of its prompts stands."""
    short = spoken_text.get_base_language(language)
    base = (
        load_built_in_phrases(short) if short in list_built_in_languages() else BuiltInPhrases(templates={})
    )
    templates = dict(base.templates)
    lists = dict(base.word_lists)
    places: dict[str, SourceLocation] = {}
    voice = _parse_voice(language, file)
    if file:
        for key, made, place in _parse_prompts(file):
            for mark in ssml.list_unsupported_elements(made.source, voice.name):
                file.add_fault(f'prompt "{key}": the voice "{voice.name}" does not speak <{mark}>', place)
            templates[key], places[key] = made, place
        lists |= _parse_word_lists(file)
    _check_patterns(lists, file)
    fields = {key: built_in_fields().get(key, made.fields - {COMPANY_KEY}) for key, made in templates.items()}
    company = templates[COMPANY_KEY].source if COMPANY_KEY in templates else ""
    book = Phrasebook(
        language=language,
        templates=templates,
        fields=fields,
        word_lists=lists,
        common_fields={COMPANY_KEY: company},
        voice=voice,
        locations=places,
    )
    return book, places


def _parse_word_lists(file: YamlEntry) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for group in WORD_LIST_GROUPS:
        written = file.get_entry(group)
        written.allow_only(
            key.removeprefix(f"{group}.")
            for key in load_built_in_phrases(REFERENCE_LANGUAGE).word_lists
            if key.startswith(f"{group}.")
        )
        found |= {f"{group}.{name}": written.get_texts(name) for name in written.field_names()}
    return found


def _parse_voice(language: str, file: YamlEntry | None) -> Voice:
    if file is None:
        return Voice(locale=spoken_text.get_voice_locale(language))
    locale, name = file.get_text(LOCALE_KEY, ""), file.get_text(VOICE_KEY, "")
    if locale and not _LOCALE.fullmatch(locale):
        file.add_fault(
            f'"{locale}" should be a language with its country, like "fr-CA"', file.value_location(LOCALE_KEY)
        )
    if name and not _VOICE.fullmatch(name):
        file.add_fault(
            f'"{name}" should be a voice as Twilio names it, like "Polly.Lea-Neural"',
            file.value_location(VOICE_KEY),
        )
    return Voice(locale=locale or spoken_text.get_voice_locale(language), name=name)


def _check_patterns(word_lists: Mapping[str, tuple[str, ...]], file: YamlEntry | None) -> None:
    for key, patterns in word_lists.items():
        for pattern in patterns if key.startswith(f"{CHECKS_GROUP}.") else ():
            try:
                re.compile(pattern)
            except re.error as error:
                if file is None:
                    raise InvalidPhrase(f"{key}: {error}") from error
                file.get_entry(CHECKS_GROUP).add_fault(f'"{pattern}" cannot be looked for: {error}')


def list_missing_phrases(phrasebook: Phrasebook) -> tuple[str, ...]:
    """The line's own words, and the lists of what it listens for, that a book does not have. The checks are not among them."""
    whole = load_built_in_phrases(REFERENCE_LANGUAGE)
    unsaid = [key for key in whole.templates if key not in phrasebook]
    unheard = [
        key
        for key in whole.word_lists
        if key.startswith(f"{HEARD_GROUP}.") and not phrasebook.get_word_list(key)
    ]
    return (*unheard, *unsaid)


def _parse_prompts(entry: YamlEntry, prefix: str = "") -> list[tuple[str, Template, SourceLocation]]:
    found: list[tuple[str, Template, SourceLocation]] = []
    for name in entry.field_names():
        key, written, place = f"{prefix}{name}", entry.get_raw(name), entry.value_location(name)
        if prefix == "" and name in {*WORD_LIST_GROUPS, VOICE_KEY, LOCALE_KEY}:
            continue
        if written is None:  # not written yet
            continue
        if isinstance(written, YamlMapping) and AUDIO_KEY not in written.entries:
            found += _parse_prompts(entry.get_entry(name), f"{key}.")
        elif made := _check_template(key, partial(_parse_prompt, entry, name), place, entry.faults):
            found.append((key, made, place))
    return found


def _parse_prompt(entry: YamlEntry, name: str) -> Template:
    """Raises InvalidPhrase. A text, the address of a recording, or {audio: address, seconds: 7, text: its words}."""
    if not isinstance(entry.get_raw(name), YamlMapping):
        return parse_template(entry.get_text(name))
    told = entry.get_entry(name, f'recording "{name}"')
    told.allow_only(field_names(RECORDING_FIELDS))
    seconds = told.get_number(get_field(RECORDING_FIELDS, "seconds")) or None
    return make_recording(told.get_text(AUDIO_KEY), seconds, told.get_text("text", ""))


def _check_template(
    key: str, read: Callable[[], Template], location: SourceLocation, faults: list[FlowFault]
) -> Template | None:
    try:
        made = read()
    except InvalidPhrase as error:
        faults.append(FlowFault(location=location, message=f'prompt "{key}": {error}'))
        return None
    if made.is_audio and made.fallback is None and key in built_in_fields() and key not in PLAYABLE_PHRASES:
        message = f'prompt "{key}" is said in places where nothing can be played; give its words too: {{audio: "https://...", text: "..."}}'
        faults.append(FlowFault(location=location, message=message))
    allowed = {COMPANY_KEY, *built_in_fields().get(key, PROMPT_FIELDS)}
    for name in sorted(made.fields - allowed):
        message = f'prompt "{key}" has the field {{{name}}}; it may have: {comma_separated(allowed)}.{did_you_mean(name, allowed)}'
        faults += [FlowFault(location=location, message=message)]
    return made if made.fields <= allowed else None
