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
from ivr.flow.yaml_source.entry import SourceLocation

_TOKEN = re.compile(r"\{([a-z_.]+)\}|(\[)|(\])")
_TAG = re.compile(r"<[^>]*>")
_BARE_AMPERSAND = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#\d+|#x[0-9a-fA-F]+);)")


class InvalidPhrase(CalorError):
    """These words cannot be spoken."""


class Ssml(str):
    """A field that is markup already (`<say-as>`); everything else is escaped."""

    __slots__ = ()


@dataclass(frozen=True, kw_only=True)
class TemplatePart:
    """A run of text and fields, spoken as a whole or, when optional, not at all."""

    pieces: tuple[tuple[bool, str], ...]  # (is it a field, text or the field's name)
    optional: bool = False

    def render(self, fields: Mapping[str, str | int]) -> str:
        if self.optional and not all(str(fields[name]) for is_field, name in self.pieces if is_field):
            return ""
        return "".join(_escape_value(fields[text]) if is_field else text for is_field, text in self.pieces)


def _escape_value(value: str | int) -> str:
    return str(value) if isinstance(value, Ssml) else escape(str(value))


@dataclass(frozen=True, kw_only=True)
class Template:
    source: str
    parts: tuple[TemplatePart, ...]
    seconds: float | None = None  # of a recording; None: nobody has said it
    fallback: Template | None = None  # the words of a recording, for when it cannot be fetched

    @cached_property
    def fields(self) -> frozenset[str]:
        own = frozenset(name for part in self.parts for is_field, name in part.pieces if is_field)
        return own | (self.fallback.fields if self.fallback else frozenset())

    @property
    def is_audio(self) -> bool:
        return self.source.startswith(("https://", "http://"))

    def render_fragment(self, fields: Mapping[str, str | int]) -> str:
        """As a part of a sentence: it begins as it is written."""
        if self._constant_text is not None:
            return self._constant_text
        return "".join(part.render(fields) for part in self._spoken_parts).strip()

    @cached_property
    def _spoken_parts(self) -> tuple[TemplatePart, ...]:
        return self.fallback.parts if self.fallback else self.parts

    @cached_property
    def _constant_text(self) -> str | None:
        """What is said whatever the fields are; None when they matter."""
        if any(is_field for part in self._spoken_parts for is_field, _ in part.pieces):
            return None
        return "".join(part.render({}) for part in self._spoken_parts).strip()

    def render(self, fields: Mapping[str, str | int]) -> str:
        said = self.render_fragment(fields)
        # A field at the beginning begins a sentence: "between two and three: press 1".
        return said[:1].upper() + said[1:]


def parse_template(source: str) -> Template:
    """Raises InvalidPhrase for brackets that do not close and for fields that are not fields."""
    source = source.strip()
    if source.startswith(("https://", "http://")):
        return Template(source=source, parts=(TemplatePart(pieces=((False, source),)),))
    _refuse_bad_markup(source)
    parts: list[TemplatePart] = []
    pieces: list[tuple[bool, str]] = []
    inside, end = False, 0
    clean = _BARE_AMPERSAND.sub("&amp;", source)
    for token in _TOKEN.finditer(clean):
        pieces.append((False, _check_literal(clean[end : token.start()])))
        end = token.end()
        if token[1]:
            pieces.append((True, token[1]))
            continue
        if bool(token[2]) == inside:
            raise InvalidPhrase('square brackets should open and close, "[", "]", and not lie in one another')
        parts.append(TemplatePart(pieces=tuple(pieces), optional=inside))
        pieces, inside = [], not inside
    if inside:
        raise InvalidPhrase('"[" is never closed')
    pieces.append((False, _check_literal(clean[end:])))
    parts.append(TemplatePart(pieces=tuple(pieces)))
    return Template(source=source, parts=tuple(parts))


def make_recording(url: str, seconds: float | None, text: str) -> Template:
    """Raises InvalidPhrase for an address that is none, and for words as `parse_template` does."""
    if not url.startswith(("https://", "http://")):
        raise InvalidPhrase(f'"{url}" should be the address of a recording, https://...')
    return replace(parse_template(url), seconds=seconds, fallback=parse_template(text) if text else None)


def _refuse_bad_markup(source: str) -> None:
    """Markup that a voice would refuse costs the whole call its words."""
    if wrong := next(ssml.list_markup_faults(source), ""):
        raise InvalidPhrase(wrong)


def _check_literal(text: str) -> str:
    if "{" in text or "}" in text:
        raise InvalidPhrase('fields are written like {caller.name}: small letters, "_" and "."')
    return text


@dataclass(frozen=True, kw_only=True)
class Voice:
    locale: str  # BCP 47, for who speaks and who listens: "fr-FR"
    name: str = ""  # as Twilio has it: "Polly.Lea-Neural"; "" = the account's own of that locale


def _strip_markup(markup: str) -> str:
    return unescape(_TAG.sub("", markup))


@dataclass(frozen=True, kw_only=True)
class Phrasebook:
    language: str
    templates: Mapping[str, Template]
    fields: Mapping[
        str, frozenset[str]
    ]  # by key: the fields it is given, whether or not this language uses them
    word_lists: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # words to listen for
    common_fields: Mapping[str, str] = field(default_factory=dict)  # fields that every key may use: company
    voice: Voice = field(default_factory=lambda: Voice(locale="en-US"))
    locations: Mapping[str, SourceLocation] = field(default_factory=dict)  # by key: where a prompt is written

    def __contains__(self, key: str) -> bool:
        return key in self.templates

    def phrase(self, key: str, /, **fields: str | int) -> str:
        """For the ear: SSML-safe, fields escaped. Raises InvalidPhrase for an unknown key and for fields missing or unknown."""
        return self._get_template(key, fields).render({**self.common_fields, **fields})

    def text(self, key: str, /, **fields: str | int) -> str:
        """For the eye (text messages): no markup, nothing escaped."""
        return _strip_markup(self.phrase(key, **fields))

    def text_fragment(self, key: str, /, **fields: str | int) -> str:
        """As `text`, for what becomes a part of a sentence."""
        return _strip_markup(
            self._get_template(key, fields).render_fragment({**self.common_fields, **fields})
        )

    def get_word_list(self, key: str) -> tuple[str, ...]:
        return self.word_lists.get(key, ())

    def _get_template(self, key: str, fields: Mapping[str, object]) -> Template:
        found = self.templates.get(key)
        if found is None:
            raise InvalidPhrase(f'no words "{key}" in {self.language}')
        if fields.keys() != self.fields[key]:
            raise InvalidPhrase(f'"{key}" takes {sorted(self.fields[key])}, was given {sorted(fields)}')
        return found
