"""Drafts of the flows: begun on what is published, kept while they are typed, thrown away by hand only."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from ivr.domain.errors import CalorError
from ivr.domain.records.flow_draft import FlowDraft
from ivr.flow.loader.library import is_flow_file, read_flow_files
from ivr.services import Services
from ivr.store.queries import flow_versions, records
from ivr.usecases.flows import publish

MAX_FILE_LENGTH = 200_000  # characters of a file
MAX_TOTAL_LENGTH = 1_000_000  # of all files
MAX_FILES = 200  # files


class FileChangedElsewhere(CalorError):
    """This file of your draft was changed in another window. Nothing was overwritten."""


class NoSuchFlowFile(CalorError):
    """The flows have no such file."""


@dataclass(frozen=True, kw_only=True)
class FileEdit:
    """`base_digest`: the mark of the text that it was typed over, "" = the file is new; None = whatever is there."""

    name: str
    text: str
    base_digest: str | None


def text_digest(text: str) -> str:
    """Tells one text from another."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]


def get_draft(services: Services, account_id: str) -> FlowDraft:
    """Theirs; when they have none, what it would begin with (`version` 0). Raises publish.NoSuchVersion, NewerFormat."""
    return services.store.get(FlowDraft, account_id) or _new_draft(services, account_id)


def get_published_files(services: Services) -> tuple[str, Mapping[str, str]]:
    """The version that stands and its files; "" and the files of the folder while none does."""
    version = publish.get_line_status(services).flow_version
    if not version:
        return "", read_flow_files(services.settings.flows)
    files = services.store.read(flow_versions.get_files(version))
    if files is None:
        raise publish.NoSuchVersion(f"The record has lost the version {version}.")
    return version, files


def save_file(services: Services, account_id: str, edit: FileEdit) -> FlowDraft:
    """With this text in this file. Raises FileChangedElsewhere when something else is in it than they had before them."""
    if not is_flow_file(edit.name) or len(edit.name) > 80:
        raise NoSuchFlowFile(
            f'"{edit.name}" cannot be a file of the flows; expected one like main.yaml, prompts/en.yaml or policies/bills.md.'
        )
    if len(edit.text) > MAX_FILE_LENGTH:
        raise CalorError(f"A file may have {MAX_FILE_LENGTH} characters; these are {len(edit.text)}.")
    return _update(services, account_id, lambda texts: _apply_edit(texts, edit))


def delete_file(services: Services, account_id: str, name: str, base_digest: str) -> FlowDraft:
    """Without this file. Raises FileChangedElsewhere, NoSuchFlowFile."""

    def without(texts: dict[str, str]) -> None:
        if name not in texts:
            raise NoSuchFlowFile
        if text_digest(texts.pop(name)) != base_digest:
            raise FileChangedElsewhere

    return _update(services, account_id, without)


def _apply_edit(texts: dict[str, str], edit: FileEdit) -> None:
    there = texts.get(edit.name)
    if there == edit.text:
        return
    if edit.base_digest is not None and edit.base_digest != ("" if there is None else text_digest(there)):
        raise FileChangedElsewhere
    texts[edit.name] = edit.text
    if len(texts) > MAX_FILES or sum(map(len, texts.values())) > MAX_TOTAL_LENGTH:
        raise CalorError("That is more than the flows may have in all.")


def _update(services: Services, account_id: str, modify: Callable[[dict[str, str]], None]) -> FlowDraft:
    for change in services.store.transact():
        old = services.store.get(FlowDraft, account_id)
        draft = old or _new_draft(services, account_id)
        texts = dict(draft.texts)
        modify(texts)
        if texts == draft.texts:
            return draft
        change.touch_topic(draft.key)
        kept = change.put(
            old,
            replace(
                draft,
                stored_files=json.dumps(texts, ensure_ascii=False, sort_keys=True),
                changed_at=change.now,
            ),
        )
    return kept


def discard(services: Services, draft: FlowDraft) -> bool:
    """Whether it was thrown away: not when it has been changed since it was read."""
    change = services.store.begin()
    change.expect(draft)
    records.delete(draft, change)
    change.touch_topic(draft.key)
    return draft.version > 0 and services.store.commit(change)


def _new_draft(services: Services, account_id: str) -> FlowDraft:
    version, files = get_published_files(services)
    now = services.clock.now()
    return FlowDraft(
        id=account_id,
        base_version=version,
        started_at=now,
        changed_at=now,
        stored_files=json.dumps(dict(files), ensure_ascii=False),
    )


def edit_file(
    services: Services, account_id: str, name: str, base_digest: str, edit: Callable[[str], str]
) -> FlowDraft:
    """Change a file by a form; everything else in it is kept. `edit`: of `ivr.flow.editing.hours` or `edit_queues`. `base_digest`: the mark of the text that the form was made of.

    Raises InvalidFileChange for what the file may not hold, FileChangedElsewhere when it was changed meanwhile, NoSuchFlowFile.
    """
    text = get_draft(services, account_id).texts.get(name)
    if text is None:
        raise NoSuchFlowFile
    if text_digest(text) != base_digest:
        raise FileChangedElsewhere
    return save_file(services, account_id, FileEdit(name=name, text=edit(text), base_digest=base_digest))
