"""The queues of a draft, by a form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import render_template, request
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as Answer

from ivr.domain.errors import CalorError
from ivr.flow.editing.queues import Setting, set_queue
from ivr.flow.loader.library import QUEUES
from ivr.flow.queues import Queue
from ivr.flow.yaml_source.positions import BadChange
from ivr.usecases.flows import drafts, forms
from ivr.usecases.flows import validate as flow_validate
from ivr.web.request import services
from ivr.web.staff.pages.flows.common import LOOKS, WRITES, field, file_of, mine, routes, to, way_to, writes
from ivr.web.staff.session.access import allow, me


@dataclass(frozen=True, kw_only=True)
class Number:
    name: str
    label: str
    unit: str
    about: str


NUMBERS = (
    Number(name="threshold", label="Good service", unit="seconds", about="answered within it counts as good"),
    Number(
        name="hold_max",
        label="Longest hold",
        unit="seconds",
        about="then the caller is spoken to and given a choice; 60 at most",
    ),
    Number(name="wrap_up", label="Writing up", unit="seconds", about="an agent has for notes after a call"),
    Number(
        name="handle_minutes",
        label="A call takes",
        unit="minutes",
        about="until there is a history to know it from",
    ),
    Number(
        name="max_waiting", label="Callers in line", unit="", about="whoever comes then is promised a call"
    ),
    Number(
        name="widen",
        label="Widen after",
        unit="seconds",
        about="of waiting, extra skills are not asked for any more, and another queue helps out; 0 is never",
    ),
)


@routes.get("/queues")
@allow(*LOOKS)
def queues() -> str:
    return _page()


def _page(said: str = "", name: str = "", typed: Mapping[str, str] | None = None) -> str:
    draft = mine()
    library, faults = flow_validate.read(services(), draft.texts)
    return render_template(
        "staff/flows/queues.html",
        draft=draft,
        queues=list(library.queues.values()),
        hours=list(library.hours),
        languages=sorted({lang for flow in library.flows.values() for lang in flow.languages}),
        numbers=NUMBERS,
        faults=[(fault, way_to(fault)) for fault in faults if file_of(fault) == QUEUES],
        mark=drafts.mark(draft.texts.get(QUEUES, "")),
        writes=writes(),
        said=said,
        wrong=name,
        typed=typed or {},
        done=request.args.get("done", "") if not said and request.args.get("done") in library.queues else "",
    )


@routes.post("/queues/<name>")
@allow(*WRITES)
def change_queue(name: str) -> Answer | tuple[str, int]:
    library, _ = flow_validate.read(services(), mine().texts)
    queue = library.queues.get(name)
    if queue is None:
        raise NotFound
    try:
        wanted = {k: v for k, v in _told(queue).items() if v != _now(queue, k)}
        forms.rewrite(
            services(),
            me().account.id,
            QUEUES,
            field("was", 64),
            lambda text: set_queue(text, name, wanted),
        )
    except CalorError as e:
        return _page(str(e), name, request.form), 409
    return to("flows.queues", at=f"queue-{name}", done=name)


def _told(queue: Queue) -> dict[str, Setting]:
    """What the form says; settings that it did not have stay."""
    told: dict[str, Setting] = {
        n.name: _whole(n.label, field(n.name, 9)) for n in NUMBERS if n.name in request.form
    }
    if "skills" in request.form:
        told["skills"] = _words("skills")
    if "attempts" in request.form:
        told["attempts"] = [_whole("Attempts", word) for word in _words("attempts")]
    for name in ("hours", "overflow"):
        if name in request.form:
            told[name] = field(name, 80)
    spoken = {k.removeprefix("spoken-"): field(k, 100) for k in request.form if k.startswith("spoken-")}
    if spoken:
        told["spoken"] = {**queue.spoken, **{k: v for k, v in spoken.items() if v}}
    return told


def _now(queue: Queue, name: str) -> Setting:
    value = getattr(queue, name)
    if isinstance(value, Mapping):
        return dict(value)
    return list(value) if isinstance(value, Sequence) and not isinstance(value, str) else value


def _words(name: str) -> list[str]:
    return [word.strip() for word in field(name, 200).split(",") if word.strip()]


def _whole(label: str, text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise BadChange(f'{label}: "{text}" should be a whole number.')
    return int(text)
