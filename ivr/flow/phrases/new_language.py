"""A file to begin a language from: every word it does not say yet, with the English one as a comment."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from ivr.flow.phrases.built_in import CHECKS, DECIDES, missing, parse_book, shipped
from ivr.flow.phrases.phrasebook import Book
from ivr.flow.yaml_source.entry import Entry, Fault, read

HEAD = """# What the line says in "{code}": to be put into {file}, below what is there already.
# Write the words after each name, in quotation marks, and keep the {{fields}}. A part in [ ] is said only when its field has something to say.
# Nothing is missing any more when `ivr flows check` is content; then add {code} to "languages" of a flow.
# Who speaks, where it is not to be the account's own voice:
# voice: Polly.Lea-Neural
# locale: fr-CA
"""


def file_of(code: str) -> str:
    return f"prompts/{code}.yaml"


def begun(code: str, files: Mapping[str, str]) -> str:
    """YAML; "" when nothing is missing. `files`: as `ivr.flow.loader.library.files_in` has them."""
    faults: list[Fault] = []
    book, _ = parse_book(code, _entry(code, files, faults))
    english, places = parse_book(DECIDES, _entry(DECIDES, files, faults))
    unsaid = dict.fromkeys([*(key for key in places if key not in book), *missing(book)])
    if not unsaid:
        return ""
    unseen = [key for key in shipped(DECIDES).lists if key.startswith(f"{CHECKS}.") and not book.listed(key)]
    lines = [HEAD.format(code=code, file=file_of(code))]
    return "".join([*lines, *_lines([*unsaid, *unseen], lambda key: _english(key, english))])


def _entry(code: str, files: Mapping[str, str], faults: list[Fault]) -> Entry | None:
    text = files.get(file_of(code))
    return read(text, file_of(code), faults) if text is not None else None


def _english(key: str, english: Book) -> str:
    return json.dumps(english.listed(key) or english.templates[key].source, ensure_ascii=False)


def _lines(keys: Iterable[str], told: Callable[[str], str]) -> Iterator[str]:
    """The keys as a tree, in the order in which they come."""
    tree: dict[str, Any] = {}
    for key in keys:
        *groups, name = key.split(".")
        here = tree
        for group in groups:
            here = here.setdefault(group, {})
        here[name] = key
    yield from _branch(tree, told, "")


def _branch(tree: Mapping[str, Any], told: Callable[[str], str], margin: str) -> Iterator[str]:
    for name, value in tree.items():
        shown = json.dumps(name) if name in {"yes", "no"} else name
        if isinstance(value, str):
            yield f"{margin}{shown}: # {told(value)}\n"
        else:
            yield f"\n{shown}:\n" if not margin else f"{margin}{shown}:\n"
            yield from _branch(value, told, f"{margin}  ")
