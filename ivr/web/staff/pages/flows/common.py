"""What the pages of the flows have in common: the draft of whoever is signed in, and how to speak of its files."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from flask import Blueprint, request, url_for
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as Answer

from ivr.domain.records.account import Role, may
from ivr.domain.records.flow_draft import Draft
from ivr.flow.loader.library import HOURS, POLICIES, PROMPTS, QUEUES
from ivr.flow.yaml_source.entry import Fault
from ivr.usecases.flows import drafts
from ivr.web.request import services
from ivr.web.staff.session.access import me

routes = Blueprint("flows", __name__, url_prefix="/flows")

WRITES = (Role.OPS,)
LOOKS = (Role.OPS, Role.SUPERVISOR)
FOLDER = "flows/"  # as faults name files


def writes() -> bool:
    return may(me().account.role, frozenset(WRITES))


def mine() -> Draft:
    """Theirs; of whoever may only look, what is published."""
    return drafts.of(services(), me().account.id)


def field(name: str, longest: int = 500) -> str:
    """Of a form; one character more than it may have is cut off, so that a use case can tell."""
    return request.form.get(name, "")[: longest + 1].strip()


def to(endpoint: str, *, at: str = "", **values: Any) -> Answer:
    """`at`: the part of the page that was worked in."""
    return redirect(url_for(endpoint, _anchor=at or None, **values), code=303)


def groups(names: list[str]) -> list[tuple[str, list[str]]]:
    """Files by what they are, for a list."""
    kinds = {"Flow files": [], "Opening hours and queues": [], "Words": [], "Policies": []}  # type: dict[str, list[str]]
    for name in sorted(names):
        kinds[_kind(name)].append(name)
    return [(kind, found) for kind, found in kinds.items() if found]


def _kind(name: str) -> str:
    if name.startswith(f"{PROMPTS}/"):
        return "Words"
    if name.startswith(f"{POLICIES}/"):
        return "Policies"
    return "Opening hours and queues" if name in (HOURS, QUEUES) else "Flow files"


def file_of(fault: Fault) -> str:
    """The path within the folder."""
    return fault.file.removeprefix(FOLDER)


def way_to(fault: Fault) -> str:
    """The place in the editor."""
    name = file_of(fault)
    if not name or name == FOLDER.rstrip("/"):
        return url_for("flows.show")
    return f"{url_for('flows.edit', name=name)}?line={fault.line}&column={fault.column}#{quote('text')}"
