"""A file to begin a language from: every word it does not say yet, with the English one as a comment."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from ivr.flow.phrases.built_in import (
    CHECKS_GROUP,
    REFERENCE_LANGUAGE,
    list_missing_phrases,
    load_built_in_phrases,
    parse_phrasebook,
)
from ivr.flow.phrases.phrasebook import Phrasebook
from ivr.flow.yaml_source.entry import FlowFault, YamlEntry, read_yaml

HEADER_COMMENT = """# What the line says in "{code}": to be put into {file}, below what is there already.
# Write the words after each name, in quotation marks, and keep the {{fields}}. A part in [ ] is said only when its field has something to say.
# Nothing is missing any more when `ivr flows check` is content; then add {code} to "languages" of a flow.
# Who speaks, where it is not to be the account's own voice:
# voice: Polly.Lea-Neural
# locale: fr-CA
"""


def prompts_file(code: str) -> str:
    return f"prompts/{code}.yaml"


def make_language_file(code: str, files: Mapping[str, str]) -> str:
    """YAML; "" when nothing is missing. `files`: as `ivr.flow.loader.library.read_flow_files` has them."""
    faults: list[FlowFault] = []
    book, _ = parse_phrasebook(code, _read_prompts(code, files, faults))
    english, places = parse_phrasebook(REFERENCE_LANGUAGE, _read_prompts(REFERENCE_LANGUAGE, files, faults))
    unsaid = dict.fromkeys([*(key for key in places if key not in book), *list_missing_phrases(book)])
    if not unsaid:
        return ""
    unseen = [
        key
        for key in load_built_in_phrases(REFERENCE_LANGUAGE).word_lists
        if key.startswith(f"{CHECKS_GROUP}.") and not book.get_word_list(key)
    ]
    lines = [HEADER_COMMENT.format(code=code, file=prompts_file(code))]
    return "".join([*lines, *_format_keys([*unsaid, *unseen], lambda key: _english_source(key, english))])


def _read_prompts(code: str, files: Mapping[str, str], faults: list[FlowFault]) -> YamlEntry | None:
    text = files.get(prompts_file(code))
    return read_yaml(text, prompts_file(code), faults) if text is not None else None


def _english_source(key: str, english: Phrasebook) -> str:
    return json.dumps(english.get_word_list(key) or english.templates[key].source, ensure_ascii=False)


def _format_keys(keys: Iterable[str], comment_for: Callable[[str], str]) -> Iterator[str]:
    """The keys as a tree, in the order in which they come."""
    tree: dict[str, Any] = {}
    for key in keys:
        *groups, name = key.split(".")
        here = tree
        for group in groups:
            here = here.setdefault(group, {})
        here[name] = key
    yield from _format_tree(tree, comment_for, "")


def _format_tree(tree: Mapping[str, Any], comment_for: Callable[[str], str], indent: str) -> Iterator[str]:
    for name, value in tree.items():
        shown = json.dumps(name) if name in {"yes", "no"} else name
        if isinstance(value, str):
            yield f"{indent}{shown}: # {comment_for(value)}\n"
        else:
            yield f"\n{shown}:\n" if not indent else f"{indent}{shown}:\n"
            yield from _format_tree(value, comment_for, f"{indent}  ")
