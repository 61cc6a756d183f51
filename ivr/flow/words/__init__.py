"""The line's own words, complete in every language the package ships, and how prompts are laid over them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from ivr.flow.book import BadWords, Book, Template, template
from ivr.flow.model import PROMPT_FIELDS, Library
from ivr.flow.source import Entry, Fault, Place, nearest, one_of

HERE = Path(__file__).parent
COMPANY = "company"
LISTS = "heard"


def words(library: Library, language: str) -> Book:
    """The book to speak from: `words(library, "es").say("wait.position", position=3, minutes="unos cuatro minutos")`."""
    return library.book(language)


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
    lists = {f"{LISTS}.{name}": tuple(found) for name, found in data.pop(LISTS, {}).items()}
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
    """By key, the fields that code gives; English decides."""
    return {key: made.fields - {COMPANY} for key, made in shipped("en").templates.items()}


def parse_book(language: str, file: Entry | None) -> tuple[Book, dict[str, Place]]:
    """The shipped words with a prompts file over them, and where each of its prompts stands."""
    short = language.split("-", maxsplit=1)[0]
    base = shipped(short) if short in shipped_languages() else Shipped(templates={})
    templates = dict(base.templates)
    lists = dict(base.lists)
    places: dict[str, Place] = {}
    for key, text, place in _prompts(file) if file else ():
        made = _template(key, text, place, file.faults if file else [])
        if made:
            templates[key], places[key] = made, place
    if file and LISTS in file:
        heard = file.entry(LISTS)
        lists |= {f"{LISTS}.{name}": heard.texts(name) for name in heard.names()}
    fields = {key: own_fields().get(key, made.fields - {COMPANY}) for key, made in templates.items()}
    company = templates[COMPANY].source if COMPANY in templates else ""
    book = Book(
        language=language, templates=templates, fields=fields, lists=lists, everywhere={COMPANY: company}
    )
    return book, places


def _prompts(entry: Entry, before: str = "") -> list[tuple[str, str, Place]]:
    found: list[tuple[str, str, Place]] = []
    for name in entry.names():
        if before == "" and name == LISTS:
            continue
        if isinstance(entry.raw(name), Mapping):
            found += _prompts(entry.entry(name), f"{before}{name}.")
        else:
            found.append((f"{before}{name}", entry.text(name), entry.value_place(name)))
    return found


def _template(key: str, text: str, place: Place, faults: list[Fault]) -> Template | None:
    try:
        made = template(text)
    except BadWords as error:
        faults.append(Fault(place=place, message=f'prompt "{key}": {error}'))
        return None
    allowed = {COMPANY, *own_fields().get(key, PROMPT_FIELDS)}
    for name in sorted(made.fields - allowed):
        message = f'prompt "{key}" has the field {{{name}}}; it may have: {one_of(allowed)}.{nearest(name, allowed)}'
        faults += [Fault(place=place, message=message)]
    return made if made.fields <= allowed else None
