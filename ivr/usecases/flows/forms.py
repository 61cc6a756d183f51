"""The hours and the queues of a draft, changed by forms: the same text as in the editor, with everything else in it kept."""

from __future__ import annotations

from collections.abc import Callable

from ivr.domain.records.flow_draft import Draft
from ivr.services import Services
from ivr.usecases.flows import drafts
from ivr.usecases.flows.drafts import Elsewhere, NoFile, Typed


def rewrite(s: Services, who: str, name: str, was: str, edit: Callable[[str], str]) -> Draft:
    """`edit`: of `ivr.flow.editing.hours` or `edit_queues`. `was`: the mark of the text that the form was made of.

    Raises BadChange for what the file may not hold, Elsewhere when it was changed meanwhile, NoFile.
    """
    text = drafts.of(s, who).texts.get(name)
    if text is None:
        raise NoFile
    if drafts.mark(text) != was:
        raise Elsewhere
    return drafts.keep(s, who, Typed(name=name, text=edit(text), was=was))
