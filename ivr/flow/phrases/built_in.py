"""The line's own words, complete in every language the package ships, and how prompts are laid over them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from ivr.domain.rules.brief import Wording
from ivr.domain.speech import spoken_text
from ivr.flow.model import PROMPT_FIELDS, Library
from ivr.flow.phrases import ssml
from ivr.flow.phrases.phrasebook import BadWords, Book, Template, Voice, recording, template
from ivr.flow.yaml_source.entry import Entry, Fault, Place, nearest, one_of
from ivr.flow.yaml_source.fields import Field, named, names
from ivr.flow.yaml_source.load import Group

_LOCALE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})+")
_VOICE = re.compile(r"man|woman|(Polly|Google)\.\S+")  # https://www.twilio.com/docs/voice/twiml/say#voice
HERE = Path(__file__).parent
COMPANY = "company"
HEARD, CHECKS = "heard", "checks"  # what is listened for; what `ivr flows check` looks for
LISTS = (HEARD, CHECKS)
AUDIO = "audio"
RECORDING = (
    Field(name=AUDIO, kind="text", about="The address of the recording", needed=True),
    Field(name="seconds", kind="number", about="How long it is", default=0, most=600),
    Field(name="text", kind="text", about="Its words, for when it cannot be fetched and for who asks again"),
)
ASKED = frozenset({"ask.reason"})  # the line's own words that a step plays as a prompt
VOICE, LOCALE = "voice", "locale"  # who says it
DECIDES = "en"  # the language whose keys and fields every other one has


def words(library: Library, language: str) -> Book:
    """The book to speak from: `words(library, "es").say("wait.position", position=3, minutes="unos cuatro minutos")`."""
    return library.book(language)


def wording(book: Book) -> Wording:
    """The sentences of a brief, for `ivr.domain.rules.brief`."""

    def say(name: str, /, **fields: str) -> str:
        return book.phrase(f"brief.{name}", **fields)

    return say


@dataclass(frozen=True, kw_only=True)
class Shipped:
    templates: Mapping[str, Template]
    lists: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@cache
def shipped_languages() -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in HERE.glob("*.yaml")))


@cache
def shipped(language: str) -> Shipped:
    """Raises BadWords when the package's own words are broken."""
    data = YAML(typ="safe").load((HERE / f"{language}.yaml").read_text("utf-8"))
    lists = {
        f"{group}.{name}": tuple(found) for group in LISTS for name, found in data.pop(group, {}).items()
    }
    return Shipped(templates={key: template(text) for key, text in _flat(data).items()}, lists=lists)


def _flat(data: Mapping[str, Any], before: str = "") -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in data.items():
        found |= (
            _flat(value, f"{before}{name}.")
            if isinstance(value, Mapping)
            else {f"{before}{name}": str(value)}
        )
    return found


@cache
def own_fields() -> Mapping[str, frozenset[str]]:
    """By key, the fields that code gives."""
    return {key: made.fields - {COMPANY} for key, made in shipped(DECIDES).templates.items()}


def parse_book(language: str, file: Entry | None) -> tuple[Book, dict[str, Place]]:
    """The shipped words with a prompts file over them, and where each of its prompts stands."""
    short = spoken_text.short(language)
    base = shipped(short) if short in shipped_languages() else Shipped(templates={})
    templates = dict(base.templates)
    lists = dict(base.lists)
    places: dict[str, Place] = {}
    voice = _voice(language, file)
    if file:
        for key, made, place in _prompts(file):
            for mark in ssml.unspoken(made.source, voice.name):
                file.fault(f'prompt "{key}": the voice "{voice.name}" does not speak <{mark}>', place)
            templates[key], places[key] = made, place
        lists |= _lists(file)
    _readable(lists, file)
    fields = {key: own_fields().get(key, made.fields - {COMPANY}) for key, made in templates.items()}
    company = templates[COMPANY].source if COMPANY in templates else ""
    book = Book(
        language=language,
        templates=templates,
        fields=fields,
        lists=lists,
        everywhere={COMPANY: company},
        voice=voice,
        places=places,
    )
    return book, places


def _lists(file: Entry) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for group in LISTS:
        written = file.entry(group)
        written.only(
            key.removeprefix(f"{group}.") for key in shipped(DECIDES).lists if key.startswith(f"{group}.")
        )
        found |= {f"{group}.{name}": written.texts(name) for name in written.names()}
    return found


def _voice(language: str, file: Entry | None) -> Voice:
    if file is None:
        return Voice(locale=spoken_text.locale(language))
    locale, name = file.text(LOCALE, ""), file.text(VOICE, "")
    if locale and not _LOCALE.fullmatch(locale):
        file.fault(
            f'"{locale}" should be a language with its country, like "fr-CA"', file.value_place(LOCALE)
        )
    if name and not _VOICE.fullmatch(name):
        file.fault(
            f'"{name}" should be a voice as Twilio names it, like "Polly.Lea-Neural"', file.value_place(VOICE)
        )
    return Voice(locale=locale or spoken_text.locale(language), name=name)


def _readable(lists: Mapping[str, tuple[str, ...]], file: Entry | None) -> None:
    for key, patterns in lists.items():
        for pattern in patterns if key.startswith(f"{CHECKS}.") else ():
            try:
                re.compile(pattern)
            except re.error as error:
                if file is None:
                    raise BadWords(f"{key}: {error}") from error
                file.entry(CHECKS).fault(f'"{pattern}" cannot be looked for: {error}')


def missing(book: Book) -> tuple[str, ...]:
    """The line's own words, and the lists of what it listens for, that a book does not have. The checks are not among them."""
    whole = shipped(DECIDES)
    unsaid = [key for key in whole.templates if key not in book]
    unheard = [key for key in whole.lists if key.startswith(f"{HEARD}.") and not book.listed(key)]
    return (*unheard, *unsaid)


def _prompts(entry: Entry, before: str = "") -> list[tuple[str, Template, Place]]:
    found: list[tuple[str, Template, Place]] = []
    for name in entry.names():
        key, written, place = f"{before}{name}", entry.raw(name), entry.value_place(name)
        if before == "" and name in {*LISTS, VOICE, LOCALE}:
            continue
        if written is None:  # not written yet
            continue
        if isinstance(written, Group) and AUDIO not in written.slots:
            found += _prompts(entry.entry(name), f"{key}.")
        elif made := _template(key, partial(_read, entry, name), place, entry.faults):
            found.append((key, made, place))
    return found


def _read(entry: Entry, name: str) -> Template:
    """Raises BadWords. A text, the address of a recording, or {audio: address, seconds: 7, text: its words}."""
    if not isinstance(entry.raw(name), Group):
        return template(entry.text(name))
    told = entry.entry(name, f'recording "{name}"')
    told.only(names(RECORDING))
    seconds = told.number(named(RECORDING, "seconds")) or None
    return recording(told.text(AUDIO), seconds, told.text("text", ""))


def _template(key: str, read: Callable[[], Template], place: Place, faults: list[Fault]) -> Template | None:
    try:
        made = read()
    except BadWords as error:
        faults.append(Fault(place=place, message=f'prompt "{key}": {error}'))
        return None
    if made.audio and made.instead is None and key in own_fields() and key not in ASKED:
        message = f'prompt "{key}" is said in places where nothing can be played; give its words too: {{audio: "https://...", text: "..."}}'
        faults.append(Fault(place=place, message=message))
    allowed = {COMPANY, *own_fields().get(key, PROMPT_FIELDS)}
    for name in sorted(made.fields - allowed):
        message = f'prompt "{key}" has the field {{{name}}}; it may have: {one_of(allowed)}.{nearest(name, allowed)}'
        faults += [Fault(place=place, message=message)]
    return made if made.fields <= allowed else None
