"""The files of a draft: written as text, kept as they are typed, checked a moment later."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, jsonify, render_template, request
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as Answer

from ivr.domain.records.flow_draft import Draft
from ivr.flow.diagram import svg
from ivr.flow.diagram.model import sketch
from ivr.flow.loader.library import HOURS, POLICIES, PROMPTS, QUEUES
from ivr.flow.model import Flow
from ivr.flow.phrases.new_language import begun
from ivr.flow.yaml_source.entry import Fault
from ivr.usecases.flows import drafts
from ivr.usecases.flows import validate as flow_validate
from ivr.usecases.flows.drafts import Elsewhere, Typed
from ivr.usecases.flows.validate import Examined
from ivr.web.request import services
from ivr.web.staff import errors
from ivr.web.staff.pages.flows.common import (
    FOLDER,
    LOOKS,
    WRITES,
    field,
    file_of,
    groups,
    mine,
    routes,
    to,
    way_to,
    writes,
)
from ivr.web.staff.session.access import allow, background, me

MOST_STEPS = 120  # of a picture that is drawn while somebody types: 0.9 s of a core are 300
NEW = {  # what a file begins with
    "flow": "flow: {name}\nlines: []\nlanguages: [en]\nperson: support\n\nsteps:\n  support: {{queue: support}}\n",
    POLICIES: "# {name}\n\nWords: {name}\n\n**What we do.** \n\n**What the customer is told.** \n",
}


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A fault, and whether it is in the file that is open."""

    fault: Fault
    url: str
    here: bool


@routes.get("/")
@allow(*LOOKS)
def show() -> str:
    s, draft = services(), mine()
    version, files = drafts.published(s)
    changed = sorted(n for n in files.keys() | draft.texts.keys() if files.get(n) != draft.texts.get(n))
    return render_template(
        "staff/flows/home.html",
        draft=draft,
        changed=changed,
        groups=groups(list(draft.texts)),
        version=version,
        behind=draft.base != version,
        writes=writes(),
        done=_DONE.get(request.args.get("done", "")),
    )


_DONE = {
    "published": "Published. New calls follow it from now on; calls in progress finish on theirs.",
    "same": "Nothing differs from what is published.",
    "back": "The older version stands again. New calls follow it from now on.",
    "discarded": "Your draft is thrown away.",
}


@routes.get("/edit/<path:name>")
@allow(*LOOKS)
def edit(name: str) -> str:
    return _page(mine(), name)


def _page(draft: Draft, name: str, *, typed: str | None = None, conflict: bool = False) -> str:
    text = draft.texts.get(name)
    if text is None:
        raise NotFound
    return render_template(
        "staff/flows/edit.html",
        draft=draft,
        name=name,
        text=text if typed is None else typed,
        mark=drafts.mark(text),
        conflict=conflict,
        form={HOURS: "flows.hours", QUEUES: "flows.queues"}.get(name),
        groups=groups(list(draft.texts)),
        writes=writes(),
    )


@routes.post("/save/<path:name>")
@allow(*WRITES)
def keep(name: str) -> Answer | str | tuple[str, int]:
    """A script is told the new mark; a conflict is a 409, and `over` keeps what was typed all the same."""
    text = request.form.get("text", "").replace("\r\n", "\n").replace("\r", "\n")
    was = None if "over" in request.form else field("was", 64)
    try:
        draft = drafts.keep(services(), me().account.id, Typed(name=name, text=text, was=was))
    except Elsewhere as e:
        if background():
            return errors.page(errors.Said(status=409, title="Not kept", what=str(e)))
        return _page(mine(), name, typed=text, conflict=True), 409
    if background():
        return jsonify(mark=drafts.mark(draft.texts[name]))
    return to("flows.edit", name=name)


@routes.get("/check/<path:name>")
@allow(*LOOKS)
def checked(name: str) -> str:
    """What the checks say of the whole draft, and the picture of this file's flow."""
    draft = mine()
    found = flow_validate.examine(services(), draft.texts)
    return render_template(
        "staff/flows/_checked.html",
        shown=[Shown(fault=fault, url=way_to(fault), here=file_of(fault) == name) for fault in found.faults],
        found=found,
        flow=(flow := _flow(found, name)),
        picture=_draw(found, flow) if flow else "",
        most=MOST_STEPS,
    )


def _flow(found: Examined, name: str) -> Flow | None:
    flows = (f for f in found.library.flows.values() if f.place.file == FOLDER + name and f.steps)
    return next(flows, None)


def _draw(found: Examined, flow: Flow) -> str:
    if len(flow.steps) > MOST_STEPS:
        return ""
    report = found.report(flow.name)
    longest = report.longest if report and found.ok else None
    return svg.draw(sketch(flow, found.library, found.faults, longest))


@routes.post("/add")
@allow(*WRITES)
def add() -> Answer:
    """A flow, the words of a language, or a policy."""
    kind, name = field("kind", 20), field("name", 90)
    if kind not in (*NEW, PROMPTS):
        raise NotFound
    path = f"{name}.yaml" if kind == "flow" else f"{kind}/{name}.{'md' if kind == POLICIES else 'yaml'}"
    drafts.keep(services(), me().account.id, Typed(name=path, text=_begun(kind, name), was=""))
    return to("flows.edit", name=path)


def _begun(kind: str, name: str) -> str:
    return begun(name, mine().texts) if kind == PROMPTS else NEW[kind].format(name=name)


@routes.post("/remove/<path:name>")
@allow(*WRITES)
def remove(name: str) -> Answer:
    drafts.remove(services(), me().account.id, name, field("was", 64))
    return to("flows.show")


@routes.post("/discard")
@allow(*WRITES)
def discard() -> Answer | Response:
    draft = mine()
    if str(draft.rev) != field("rev", 20) or not drafts.discard(services(), draft):
        return errors.page(
            errors.Said(
                status=409,
                title="Not thrown away",
                what="Your draft has been changed since this page was opened. Look at it again first.",
            )
        )
    return to("flows.show", done="discarded")
