"""A version of the flows as it is published: all files, whole, with the format that they need.

The format is stated so that a release knows before it reads whether it can. It counts up when the language learns something
that an older release would not understand, and a version states the lowest that has all it uses: flows that ask for nothing
new are read and run by the release before this one too.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from ivr.domain.errors import CalorError
from ivr.domain.speech.spoken_text import locale
from ivr.flow.model import Library, Step
from ivr.flow.phrases.phrasebook import Book
from ivr.flow.steps.menu import ANY, Menu

# By step kind: the format that brought it; all others belong to the first.
SINCE = {"lookup": 2, "survey": 2, "transfer": 2}
BY_LANGUAGE = 2  # words of a menu by language
RECORDED = 2  # voices, and recordings of known length
FORMAT = 2


class NewerFormat(CalorError):
    """These flows were published by a newer release, in a format that this one does not know."""


@dataclass(frozen=True, kw_only=True)
class Edition:
    """`files`: texts by their path within the folder."""

    files: Mapping[str, str]
    format: int


def needs(library: Library) -> int:
    """The lowest format that has everything these flows use."""
    steps = [step for flow in library.flows.values() for step in flow.steps.values()]
    return max((*map(_needs, steps), *map(_speaks, library.books.values())), default=1)


def _needs(step: Step) -> int:
    by_language = isinstance(step, Menu) and any(set(option.words) - {ANY} for option in step.options)
    return max(SINCE.get(step.keyword, 1), BY_LANGUAGE if by_language else 1)


def _speaks(book: Book) -> int:
    """A voice of its own, and recordings with their length or words."""
    told = book.voice.name or book.voice.locale != locale(book.language)
    recorded = any(t.seconds is not None or t.instead is not None for t in book.templates.values())
    return RECORDED if told or recorded else 1


def pack(edition: Edition) -> str:
    return json.dumps({"format": edition.format, "files": dict(edition.files)}, ensure_ascii=False)


def unpack(text: str, known: int = FORMAT) -> Edition:
    """Raises NewerFormat before anything else is looked at."""
    told = json.loads(text)
    if told["format"] > known:
        raise NewerFormat(
            f"These flows are in format {told['format']}; this release reads formats up to {known}. Update it, or publish flows that need nothing newer."
        )
    return Edition(files=told["files"], format=told["format"])


def differences(
    old: Mapping[str, str], new: Mapping[str, str], old_name: str, new_name: str, *, around: int = 3
) -> list[str]:
    """Lines of a unified diff over all files, in order of their names; none when they are the same."""
    lines: list[str] = []
    for name in sorted(old.keys() | new.keys()):
        before, after = old.get(name, ""), new.get(name, "")
        if before != after:
            found = difflib.unified_diff(
                before.splitlines(keepends=True),
                after.splitlines(keepends=True),
                f"{old_name}/{name}",
                f"{new_name}/{name}",
                n=around,
            )
            lines += [line if line.endswith("\n") else f"{line}\n" for line in found]
    return lines
