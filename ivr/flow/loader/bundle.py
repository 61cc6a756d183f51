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
from ivr.domain.speech.spoken_text import get_voice_locale
from ivr.flow.model import Library, Step
from ivr.flow.phrases.phrasebook import Phrasebook
from ivr.flow.steps import step_kinds
from ivr.flow.steps.menu import ANY_LANGUAGE, MenuStep

WORDS_BY_LANGUAGE_FORMAT = 2  # words of a menu by language
RECORDINGS_FORMAT = 2  # voices, and recordings of known length


class NewerFormat(CalorError):
    """These flows were published by a newer release, in a format that this one does not know."""


@dataclass(frozen=True, kw_only=True)
class FlowBundle:
    """`files`: texts by their path within the folder."""

    files: Mapping[str, str]
    format: int


def required_format(library: Library) -> int:
    """The lowest format that has everything these flows use."""
    steps = [step for flow in library.flows.values() for step in flow.steps.values()]
    return max((*map(_step_format, steps), *map(_phrasebook_format, library.phrasebooks.values())), default=1)


def _step_format(step: Step) -> int:
    by_language = isinstance(step, MenuStep) and any(
        set(option.words) - {ANY_LANGUAGE} for option in step.options
    )
    return max(step.format, WORDS_BY_LANGUAGE_FORMAT if by_language else 1)


def _phrasebook_format(phrasebook: Phrasebook) -> int:
    """A voice of its own, and recordings with their length or words."""
    told = phrasebook.voice.name or phrasebook.voice.locale != get_voice_locale(phrasebook.language)
    recorded = any(t.seconds is not None or t.fallback is not None for t in phrasebook.templates.values())
    return RECORDINGS_FORMAT if told or recorded else 1


def pack(bundle: FlowBundle) -> str:
    return json.dumps({"format": bundle.format, "files": dict(bundle.files)}, ensure_ascii=False)


def newest_format() -> int:
    """The newest that this release knows."""
    steps = (kind.format for kind in step_kinds().values())
    return max(WORDS_BY_LANGUAGE_FORMAT, RECORDINGS_FORMAT, *steps)


def unpack(text: str, newest_known: int | None = None) -> FlowBundle:
    """Raises NewerFormat before anything else is looked at."""
    told = json.loads(text)
    newest_known = newest_known or newest_format()
    if told["format"] > newest_known:
        raise NewerFormat(
            f"These flows are in format {told['format']}; this release reads formats up to {newest_known}. Update it, or publish flows that need nothing newer."
        )
    return FlowBundle(files=told["files"], format=told["format"])


def diff_files(
    old_files: Mapping[str, str],
    new_files: Mapping[str, str],
    old_name: str,
    new_name: str,
    *,
    context_lines: int = 3,
) -> list[str]:
    """Lines of a unified diff over all files, in order of their names; none when they are the same."""
    lines: list[str] = []
    for name in sorted(old_files.keys() | new_files.keys()):
        before, after = old_files.get(name, ""), new_files.get(name, "")
        if before != after:
            found = difflib.unified_diff(
                before.splitlines(keepends=True),
                after.splitlines(keepends=True),
                f"{old_name}/{name}",
                f"{new_name}/{name}",
                n=context_lines,
            )
            lines += [line if line.endswith("\n") else f"{line}\n" for line in found]
    return lines
