"""Drafts of the flows: begun on what is published, kept while they are typed, thrown away by hand only."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from ivr.domain.errors import CalorError
from ivr.domain.records.flow_draft import Draft
from ivr.flow.loader.library import files_in, is_file
from ivr.services import Services
from ivr.store import keys
from ivr.store.change import Change
from ivr.store.queries import flow_versions
from ivr.usecases.flows import publish

LONGEST = 200_000  # characters of a file
LARGEST = 1_000_000  # of all files
MOST = 200  # files
TRIES = 20  # another file of the same draft may have been kept meanwhile, now and then


class Elsewhere(CalorError):
    """This file of your draft was changed in another window. Nothing was overwritten."""


class NoFile(CalorError):
    """The flows have no such file."""


@dataclass(frozen=True, kw_only=True)
class Typed:
    """`was`: the mark of the text that it was typed over, "" = the file is new; None = whatever is there."""

    name: str
    text: str
    was: str | None


def mark(text: str) -> str:
    """Tells one text from another."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]


def of(s: Services, who: str) -> Draft:
    """Theirs; when they have none, what it would begin with (`rev` 0). Raises publish.NotPublished, NewerFormat."""
    return s.store.get(Draft, who) or _begin(s, who)


def published(s: Services) -> tuple[str, Mapping[str, str]]:
    """The version that stands and its files; "" and the files of the folder while none does."""
    version = publish.standing(s).version
    if not version:
        return "", files_in(s.settings.flows)
    files = flow_versions.files_of(s.store, version)
    if files is None:
        raise publish.NotPublished(f"The record has lost the version {version}.")
    return version, files


def keep(s: Services, who: str, typed: Typed) -> Draft:
    """With this text in this file. Raises Elsewhere when something else is in it than they had before them."""
    if not is_file(typed.name) or len(typed.name) > 80:
        raise NoFile(
            f'"{typed.name}" cannot be a file of the flows; expected one like main.yaml, prompts/en.yaml or policies/bills.md.'
        )
    if len(typed.text) > LONGEST:
        raise CalorError(f"A file may have {LONGEST} characters; these are {len(typed.text)}.")
    return _change(s, who, lambda texts: _typed(texts, typed))


def remove(s: Services, who: str, name: str, was: str) -> Draft:
    """Without this file. Raises Elsewhere, NoFile."""

    def without(texts: dict[str, str]) -> None:
        if name not in texts:
            raise NoFile
        if mark(texts.pop(name)) != was:
            raise Elsewhere

    return _change(s, who, without)


def _typed(texts: dict[str, str], typed: Typed) -> None:
    there = texts.get(typed.name)
    if there == typed.text:
        return
    if typed.was is not None and typed.was != ("" if there is None else mark(there)):
        raise Elsewhere
    texts[typed.name] = typed.text
    if len(texts) > MOST or sum(map(len, texts.values())) > LARGEST:
        raise CalorError("That is more than the flows may have in all.")


def _change(s: Services, who: str, do: Callable[[dict[str, str]], None]) -> Draft:
    for _ in range(TRIES):
        old = s.store.get(Draft, who)
        draft = old or _begin(s, who)
        texts = dict(draft.texts)
        do(texts)
        if texts == draft.texts:
            return draft
        now = s.clock.now()
        change = Change(now=now)
        change.touch(draft.member)
        kept = change.put(
            old, replace(draft, files=json.dumps(texts, ensure_ascii=False, sort_keys=True), changed=now)
        )
        if s.store.commit(change):
            return kept
    raise Elsewhere


def discard(s: Services, draft: Draft) -> bool:
    """Whether it was thrown away: not when it has been changed since it was read."""
    change = Change(now=s.clock.now())
    change.expect(draft)
    change.op("DEL", draft.member)
    change.op("ZREM", keys.everyone(Draft.noun), draft.id)
    change.touch(draft.member)
    return draft.rev > 0 and s.store.commit(change)


def _begin(s: Services, who: str) -> Draft:
    version, files = published(s)
    now = s.clock.now()
    return Draft(
        id=who, base=version, begun=now, changed=now, files=json.dumps(dict(files), ensure_ascii=False)
    )
