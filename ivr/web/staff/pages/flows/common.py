"""What the pages of the flows have in common: the draft of whoever is signed in, and how to speak of its files."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from flask import Blueprint, request, url_for
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as Answer

from ivr.domain.records.account import Role, is_allowed
from ivr.domain.records.flow_draft import FlowDraft
from ivr.flow.loader.library import HOURS_FILE, POLICIES_FOLDER, PROMPTS_FOLDER, QUEUES_FILE
from ivr.flow.yaml_source.entry import FlowFault
from ivr.usecases.flows import drafts
from ivr.web.request import services
from ivr.web.staff.session.access import current_user

routes = Blueprint("flows", __name__, url_prefix="/flows")

WRITER_ROLES = (Role.OPS,)
READER_ROLES = (Role.OPS, Role.SUPERVISOR)
FOLDER_PREFIX = "flows/"  # as faults name files


def can_write() -> bool:
    return is_allowed(current_user().account.role, frozenset(WRITER_ROLES))


def get_own_draft() -> FlowDraft:
    """Theirs; of whoever may only look, what is published."""
    return drafts.get_draft(services(), current_user().account.id)


def form_field(name: str, max_length: int = 500) -> str:
    """Of a form; one character more than it may have is cut off, so that a use case can tell."""
    return request.form.get(name, "")[: max_length + 1].strip()


def redirect_to(endpoint: str, *, anchor: str = "", **values: Any) -> Answer:
    """`anchor`: the part of the page that was worked in."""
    return redirect(url_for(endpoint, _anchor=anchor or None, **values), code=303)


def group_files(names: list[str]) -> list[tuple[str, list[str]]]:
    """Files by what they are, for a list."""
    kinds = {"Flow files": [], "Opening hours and queues": [], "Words": [], "Policies": []}  # type: dict[str, list[str]]
    for name in sorted(names):
        kinds[_file_group(name)].append(name)
    return [(kind, found) for kind, found in kinds.items() if found]


def _file_group(name: str) -> str:
    if name.startswith(f"{PROMPTS_FOLDER}/"):
        return "Words"
    if name.startswith(f"{POLICIES_FOLDER}/"):
        return "Policies"
    return "Opening hours and queues" if name in (HOURS_FILE, QUEUES_FILE) else "Flow files"


def fault_file(fault: FlowFault) -> str:
    """The path within the folder."""
    return fault.file.removeprefix(FOLDER_PREFIX)


def editor_url(fault: FlowFault) -> str:
    """The place in the editor."""
    name = fault_file(fault)
    if not name or name == FOLDER_PREFIX.rstrip("/"):
        return url_for("flows.show")
    return f"{url_for('flows.edit', name=name)}?line={fault.line}&column={fault.column}#{quote('text')}"
