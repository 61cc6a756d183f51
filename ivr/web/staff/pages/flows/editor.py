"""The files of a draft: written as text, kept as they are typed, checked a moment later."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, jsonify, render_template, request
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as Answer

from ivr.domain.records.flow_draft import FlowDraft
from ivr.flow.diagram import svg
from ivr.flow.diagram.model import make_diagram
from ivr.flow.loader.library import HOURS_FILE, POLICIES_FOLDER, PROMPTS_FOLDER, QUEUES_FILE
from ivr.flow.model import Flow
from ivr.flow.phrases.new_language import make_language_file
from ivr.flow.yaml_source.entry import FlowFault
from ivr.usecases.flows import drafts
from ivr.usecases.flows import validate as flow_validate
from ivr.usecases.flows.drafts import FileChangedElsewhere, FileEdit
from ivr.usecases.flows.validate import ValidationResult
from ivr.web.request import services
from ivr.web.staff import errors
from ivr.web.staff.pages.flows.common import (
    FOLDER_PREFIX,
    READER_ROLES,
    WRITER_ROLES,
    can_write,
    editor_url,
    fault_file,
    form_field,
    get_own_draft,
    group_files,
    redirect_to,
    routes,
)
from ivr.web.staff.session.access import allow, current_user, is_background

MAX_DRAWN_STEPS = 120  # of a picture that is drawn while somebody types: 0.9 s of a core are 300
NEW_FILE_TEXTS = {  # what a file begins with
    "flow": "flow: {name}\nlines: []\nlanguages: [en]\nperson: support\n\nsteps:\n  support: {{queue: support}}\n",
    POLICIES_FOLDER: "# {name}\n\nWords: {name}\n\n**What we do.** \n\n**What the customer is told.** \n",
}


@dataclass(frozen=True, kw_only=True)
class FaultView:
    """A fault, and whether it is in the file that is open."""

    fault: FlowFault
    url: str
    is_in_open_file: bool


@routes.get("/")
@allow(*READER_ROLES)
def show() -> str:
    s, draft = services(), get_own_draft()
    version, files = drafts.get_published_files(s)
    changed = sorted(n for n in files.keys() | draft.texts.keys() if files.get(n) != draft.texts.get(n))
    return render_template(
        "staff/flows/home.html",
        draft=draft,
        changed=changed,
        groups=group_files(list(draft.texts)),
        version=version,
        behind=draft.base_version != version,
        writes=can_write(),
        done=_CONFIRMATIONS.get(request.args.get("done", "")),
    )


_CONFIRMATIONS = {
    "published": "Published. New calls follow it from now on; calls in progress finish on theirs.",
    "same": "Nothing differs from what is published.",
    "back": "The older version stands again. New calls follow it from now on.",
    "discarded": "Your draft is thrown away.",
}


@routes.get("/edit/<path:name>")
@allow(*READER_ROLES)
def edit(name: str) -> str:
    return _edit_page(get_own_draft(), name)


def _edit_page(draft: FlowDraft, name: str, *, typed: str | None = None, conflict: bool = False) -> str:
    text = draft.texts.get(name)
    if text is None:
        raise NotFound
    return render_template(
        "staff/flows/edit.html",
        draft=draft,
        name=name,
        text=text if typed is None else typed,
        mark=drafts.text_digest(text),
        conflict=conflict,
        form={HOURS_FILE: "flows.show_hours", QUEUES_FILE: "flows.show_queues"}.get(name),
        groups=group_files(list(draft.texts)),
        writes=can_write(),
    )


@routes.post("/save/<path:name>")
@allow(*WRITER_ROLES)
def save(name: str) -> Answer | str | tuple[str, int]:
    """A script is told the new mark; a conflict is a 409, and `over` keeps what was typed all the same."""
    text = request.form.get("text", "").replace("\r\n", "\n").replace("\r", "\n")
    was = None if "over" in request.form else form_field("was", 64)
    try:
        draft = drafts.save_file(
            services(), current_user().account.id, FileEdit(name=name, text=text, base_digest=was)
        )
    except FileChangedElsewhere as e:
        if is_background():
            return errors.render_error(errors.ErrorMessage(status=409, title="Not kept", what=str(e)))
        return _edit_page(get_own_draft(), name, typed=text, conflict=True), 409
    if is_background():
        return jsonify(mark=drafts.text_digest(draft.texts[name]))
    return redirect_to("flows.edit", name=name)


@routes.get("/check/<path:name>")
@allow(*READER_ROLES)
def check(name: str) -> str:
    """What the checks say of the whole draft, and the picture of this file's flow."""
    draft = get_own_draft()
    found = flow_validate.validate_files(services(), draft.texts)
    return render_template(
        "staff/flows/_checked.html",
        shown=[
            FaultView(fault=fault, url=editor_url(fault), is_in_open_file=fault_file(fault) == name)
            for fault in found.faults
        ],
        found=found,
        flow=(flow := _find_flow(found, name)),
        picture=_draw(found, flow) if flow else "",
        most=MAX_DRAWN_STEPS,
    )


def _find_flow(validation: ValidationResult, name: str) -> Flow | None:
    flows = (
        f for f in validation.library.flows.values() if f.location.file == FOLDER_PREFIX + name and f.steps
    )
    return next(flows, None)


def _draw(validation: ValidationResult, flow: Flow) -> str:
    if len(flow.steps) > MAX_DRAWN_STEPS:
        return ""
    report = validation.report_for(flow.name)
    longest = report.longest_path if report and validation.ok else None
    return svg.render_svg(make_diagram(flow, validation.library, validation.faults, longest))


@routes.post("/add")
@allow(*WRITER_ROLES)
def add_file() -> Answer:
    """A flow, the words of a language, or a policy."""
    kind, name = form_field("kind", 20), form_field("name", 90)
    if kind not in (*NEW_FILE_TEXTS, PROMPTS_FOLDER):
        raise NotFound
    path = (
        f"{name}.yaml" if kind == "flow" else f"{kind}/{name}.{'md' if kind == POLICIES_FOLDER else 'yaml'}"
    )
    drafts.save_file(
        services(),
        current_user().account.id,
        FileEdit(name=path, text=_new_file_text(kind, name), base_digest=""),
    )
    return redirect_to("flows.edit", name=path)


def _new_file_text(kind: str, name: str) -> str:
    return (
        make_language_file(name, get_own_draft().texts)
        if kind == PROMPTS_FOLDER
        else NEW_FILE_TEXTS[kind].format(name=name)
    )


@routes.post("/remove/<path:name>")
@allow(*WRITER_ROLES)
def remove_file(name: str) -> Answer:
    drafts.delete_file(services(), current_user().account.id, name, form_field("was", 64))
    return redirect_to("flows.show")


@routes.post("/discard")
@allow(*WRITER_ROLES)
def discard_draft() -> Answer | Response:
    draft = get_own_draft()
    if str(draft.version) != form_field("rev", 20) or not drafts.discard(services(), draft):
        return errors.render_error(
            errors.ErrorMessage(
                status=409,
                title="Not thrown away",
                what="Your draft has been changed since this page was opened. Look at it again first.",
            )
        )
    return redirect_to("flows.show", done="discarded")
