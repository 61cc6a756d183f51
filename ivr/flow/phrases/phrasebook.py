"""The words of one language: templates with a closed list of fields.

    We will call you at this number[, ending {ending}], {when}.

A part in square brackets is spoken only when all of its fields have something to say, so that "Hello[, {name}]." is right
for a caller whose name is unknown.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from html import unescape
from xml.sax.saxutils import escape

from ivr.domain.errors import CalorError
from ivr.flow.phrases import ssml
from ivr.flow.yaml_source.entry import Place

_TOKEN = re.compile(r"\{([a-z_.]+)\}|(\[)|(\])")
_TAG = re.compile(r"<[^>]*>")
_BARE_AMPERSAND = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#\d+|#x[0-9a-fA-F]+);)")


class BadWords(CalorError):
    """These words cannot be spoken."""


class Ssml(str):
    """A field that is markup already (`<say-as>`); everything else is escaped."""

    __slots__ = ()


@dataclass(frozen=True, kw_only=True)
class Part:
    """A run of text and fields, spoken as a whole or, when optional, not at all."""

    pieces: tuple[tuple[bool, str], ...]  # (is it a field, text or the field's name)
    optional: bool = False

    def say(self, fields: Mapping[str, str | int]) -> str:
        if self.optional and not all(str(fields[name]) for is_field, name in self.pieces if is_field):
            return ""
        return "".join(_shown(fields[text]) if is_field else text for is_field, text in self.pieces)


def _shown(value: str | int) -> str:
    return str(value) if isinstance(value, Ssml) else escape(str(value))


@dataclass(frozen=True, kw_only=True)
class Template:
    source: str
    parts: tuple[Part, ...]
    seconds: float | None = None  # of a recording; None: nobody has said it
    instead: Template | None = None  # the words of a recording, for when it cannot be fetched

    @cached_property
    def fields(self) -> frozenset[str]:
        own = frozenset(name for part in self.parts for is_field, name in part.pieces if is_field)
        return own | (self.instead.fields if self.instead else frozenset())

    @property
    def audio(self) -> bool:
        return self.source.startswith(("https://", "http://"))

    def phrase(self, fields: Mapping[str, str | int]) -> str:
        """As a part of a sentence: it begins as it is written."""
        if self._plain is not None:
            return self._plain
        return "".join(part.say(fields) for part in self._said).strip()

    @cached_property
    def _said(self) -> tuple[Part, ...]:
        return self.instead.parts if self.instead else self.parts

    @cached_property
    def _plain(self) -> str | None:
        """What is said whatever the fields are; None when they matter."""
        if any(is_field for part in self._said for is_field, _ in part.pieces):
            return None
        return "".join(part.say({}) for part in self._said).strip()

    def say(self, fields: Mapping[str, str | int]) -> str:
        said = self.phrase(fields)
        # A field at the beginning begins a sentence: "between two and three: press 1".
        return said[:1].upper() + said[1:]


def template(source: str) -> Template:
    """Raises BadWords for brackets that do not close and for fields that are not fields."""
    source = source.strip()
    if source.startswith(("https://", "http://")):
        return Template(source=source, parts=(Part(pieces=((False, source),)),))
    _well_formed(source)
    parts: list[Part] = []
    pieces: list[tuple[bool, str]] = []
    inside, end = False, 0
    clean = _BARE_AMPERSAND.sub("&amp;", source)
    for token in _TOKEN.finditer(clean):
        pieces.append((False, _literal(clean[end : token.start()])))
        end = token.end()
        if token[1]:
            pieces.append((True, token[1]))
            continue
        if bool(token[2]) == inside:
            raise BadWords('square brackets should open and close, "[", "]", and not lie in one another')
        parts.append(Part(pieces=tuple(pieces), optional=inside))
        pieces, inside = [], not inside
    if inside:
        raise BadWords('"[" is never closed')
    pieces.append((False, _literal(clean[end:])))
    parts.append(Part(pieces=tuple(pieces)))
    return Template(source=source, parts=tuple(parts))


def recording(url: str, seconds: float | None, text: str) -> Template:
    """Raises BadWords for an address that is none, and for words as `template` does."""
    if not url.startswith(("https://", "http://")):
        raise BadWords(f'"{url}" should be the address of a recording, https://...')
    return replace(template(url), seconds=seconds, instead=template(text) if text else None)


def _well_formed(source: str) -> None:
    """Markup that a voice would refuse costs the whole call its words."""
    if wrong := next(ssml.faults(source), ""):
        raise BadWords(wrong)


def _literal(text: str) -> str:
    if "{" in text or "}" in text:
        raise BadWords('fields are written like {caller.name}: small letters, "_" and "."')
    return text


@dataclass(frozen=True, kw_only=True)
class Voice:
    locale: str  # BCP 47, for who speaks and who listens: "fr-FR"
    name: str = ""  # as Twilio has it: "Polly.Lea-Neural"; "" = the account's own of that locale


def _plain(said: str) -> str:
    return unescape(_TAG.sub("", said))


@dataclass(frozen=True, kw_only=True)
class Book:
    language: str
    templates: Mapping[str, Template]
    fields: Mapping[
        str, frozenset[str]
    ]  # by key: the fields it is given, whether or not this language uses them
    lists: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # words to listen for
    everywhere: Mapping[str, str] = field(default_factory=dict)  # fields that every key may use: company
    voice: Voice = field(default_factory=lambda: Voice(locale="en-US"))
    places: Mapping[str, Place] = field(default_factory=dict)  # by key: where a prompt is written

    def __contains__(self, key: str) -> bool:
        return key in self.templates

    def say(self, key: str, /, **fields: str | int) -> str:
        """For the ear: SSML-safe, fields escaped. Raises BadWords for an unknown key and for fields missing or unknown."""
        return self._template(key, fields).say({**self.everywhere, **fields})

    def text(self, key: str, /, **fields: str | int) -> str:
        """For the eye (text messages): no markup, nothing escaped."""
        return _plain(self.say(key, **fields))

    def phrase(self, key: str, /, **fields: str | int) -> str:
        """As `text`, for what becomes a part of a sentence."""
        return _plain(self._template(key, fields).phrase({**self.everywhere, **fields}))

    def listed(self, key: str) -> tuple[str, ...]:
        return self.lists.get(key, ())

    def _template(self, key: str, fields: Mapping[str, object]) -> Template:
        found = self.templates.get(key)
        if found is None:
            raise BadWords(f'no words "{key}" in {self.language}')
        if fields.keys() != self.fields[key]:
            raise BadWords(f'"{key}" takes {sorted(self.fields[key])}, was given {sorted(fields)}')
        return found
