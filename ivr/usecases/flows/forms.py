"""The hours and the queues of a draft, changed by forms: the same text as in the editor, with everything else in it kept."""

from __future__ import annotations

from collections.abc import Callable

from ivr.domain.records.flow_draft import FlowDraft
from ivr.services import Services
from ivr.usecases.flows import drafts
from ivr.usecases.flows.drafts import FileChangedElsewhere, FileEdit, NoSuchFlowFile


def edit_file(
    services: Services, account_id: str, name: str, base_digest: str, edit: Callable[[str], str]
) -> FlowDraft:
    """`edit`: of `ivr.flow.editing.hours` or `edit_queues`. `base_digest`: the mark of the text that the form was made of.

    Raises InvalidFileChange for what the file may not hold, FileChangedElsewhere when it was changed meanwhile, NoSuchFlowFile.
    """
    text = drafts.get_draft(services, account_id).texts.get(name)
    if text is None:
        raise NoSuchFlowFile
    if drafts.text_digest(text) != base_digest:
        raise FileChangedElsewhere
    return drafts.save_file(
        services, account_id, FileEdit(name=name, text=edit(text), base_digest=base_digest)
    )
