"""The queues of a draft, by a form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import render_template, request
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as Answer

from ivr.domain.errors import CalorError
from ivr.flow.editing.queues import Setting, set_queue
from ivr.flow.loader.library import QUEUES_FILE
from ivr.flow.queues import QueueSettings
from ivr.flow.yaml_source.positions import InvalidFileChange
from ivr.usecases.flows import drafts
from ivr.usecases.flows import validate as flow_validate
from ivr.web.request import services
from ivr.web.staff.pages.flows.common import (
    READER_ROLES,
    WRITER_ROLES,
    can_write,
    editor_url,
    fault_file,
    form_field,
    get_own_draft,
    redirect_to,
    routes,
)
from ivr.web.staff.session.access import allow, current_user


@dataclass(frozen=True, kw_only=True)
class NumberSetting:
    name: str
    label: str
    unit: str
    about: str


NUMBER_SETTINGS = (
    NumberSetting(
        name="threshold", label="Good service", unit="seconds", about="answered within it counts as good"
    ),
    NumberSetting(
        name="hold_max",
        label="Longest hold",
        unit="seconds",
        about="then the caller is spoken to and given a choice; 60 at most",
    ),
    NumberSetting(
        name="wrap_up", label="Writing up", unit="seconds", about="an agent has for notes after a call"
    ),
    NumberSetting(
        name="handle_minutes",
        label="A call takes",
        unit="minutes",
        about="until there is a history to know it from",
    ),
    NumberSetting(
        name="max_waiting", label="Callers in line", unit="", about="whoever comes then is promised a call"
    ),
    NumberSetting(
        name="widen",
        label="Widen after",
        unit="seconds",
        about="of waiting, extra skills are not asked for any more, and another queue helps out; 0 is never",
    ),
)


@routes.get("/queues")
@allow(*READER_ROLES)
def show_queues() -> str:
    return _queues_page()


def _queues_page(error: str = "", invalid_queue: str = "", typed: Mapping[str, str] | None = None) -> str:
    draft = get_own_draft()
    library, faults = flow_validate.parse_files(services(), draft.texts)
    return render_template(
        "staff/flows/queues.html",
        draft=draft,
        queues=list(library.queues.values()),
        hours=list(library.hours),
        languages=sorted({lang for flow in library.flows.values() for lang in flow.languages}),
        numbers=NUMBER_SETTINGS,
        faults=[(fault, editor_url(fault)) for fault in faults if fault_file(fault) == QUEUES_FILE],
        mark=drafts.text_digest(draft.texts.get(QUEUES_FILE, "")),
        writes=can_write(),
        error=error,
        wrong=invalid_queue,
        typed=typed or {},
        done=request.args.get("done", "") if not error and request.args.get("done") in library.queues else "",
    )


@routes.post("/queues/<name>")
@allow(*WRITER_ROLES)
def change_queue(name: str) -> Answer | tuple[str, int]:
    library, _ = flow_validate.parse_files(services(), get_own_draft().texts)
    queue = library.queues.get(name)
    if queue is None:
        raise NotFound
    try:
        wanted = {k: v for k, v in _parse_form(queue).items() if v != _get_setting(queue, k)}
        drafts.edit_file(
            services(),
            current_user().account.id,
            QUEUES_FILE,
            form_field("was", 64),
            lambda text: set_queue(text, name, wanted),
        )
    except CalorError as e:
        return _queues_page(str(e), name, request.form), 409
    return redirect_to("flows.show_queues", anchor=f"queue-{name}", done=name)


def _parse_form(queue: QueueSettings) -> dict[str, Setting]:
    """What the form says; settings that it did not have stay."""
    told: dict[str, Setting] = {
        n.name: _parse_whole_number(n.label, form_field(n.name, 9))
        for n in NUMBER_SETTINGS
        if n.name in request.form
    }
    if "skills" in request.form:
        told["skills"] = _list_field("skills")
    if "attempts" in request.form:
        told["attempts"] = [_parse_whole_number("Attempts", word) for word in _list_field("attempts")]
    for name in ("hours", "overflow"):
        if name in request.form:
            told[name] = form_field(name, 80)
    spoken = {k.removeprefix("spoken-"): form_field(k, 100) for k in request.form if k.startswith("spoken-")}
    if spoken:
        told["spoken"] = {**queue.spoken, **{k: v for k, v in spoken.items() if v}}
    return told


def _get_setting(queue: QueueSettings, name: str) -> Setting:
    value = getattr(queue, name)
    if isinstance(value, Mapping):
        return dict(value)
    return list(value) if isinstance(value, Sequence) and not isinstance(value, str) else value


def _list_field(name: str) -> list[str]:
    return [word.strip() for word in form_field(name, 200).split(",") if word.strip()]


def _parse_whole_number(label: str, text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise InvalidFileChange(f'{label}: "{text}" should be a whole number.')
    return int(text)
