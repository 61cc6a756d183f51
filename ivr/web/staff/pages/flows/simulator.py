"""To be a caller of the draft: keys, words, silence. What was done goes with the form; nothing of it is kept here."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from html import unescape

from flask import render_template, request
from werkzeug.exceptions import BadRequest

from ivr.domain.errors import CalorError
from ivr.flow.model import Library
from ivr.flow.simulator import (
    CALLER_CHOICES,
    SimulatedCall,
    SimulationOptions,
    Speaker,
    TranscriptLine,
    simulate_call,
)
from ivr.usecases.flows import validate as flow_validate
from ivr.web.request import services
from ivr.web.staff.pages.flows.common import WRITER_ROLES, editor_url, form_field, get_own_draft, routes
from ivr.web.staff.session.access import allow, is_background

MAX_INPUTS = 100  # things done in one call
MAX_INPUT_LENGTH = 200  # characters of each
KEYS = "123456789*0#"
_TAG = re.compile(r"<[^>]*>")
CALLER_LABELS = {
    "new": "Nobody we know",
    "known": "Lori, who called yesterday",
    "owed": "Lori, whom we owe a call",
    "hidden": "A hidden number",
}


@routes.get("/simulate")
@allow(*WRITER_ROLES)
def show_simulator() -> str:
    return _simulator_page(SimulationOptions(), None, [])


@routes.post("/simulate")
@allow(*WRITER_ROLES)
def continue_simulation() -> str:
    """`did`: JSON, what was done so far; `say`: what is done now."""
    given, did = _parse_options(), _parse_inputs()
    if "say" in request.form:
        did.append(form_field("say", MAX_INPUT_LENGTH))
    library, faults = flow_validate.parse_files(services(), get_own_draft().texts)
    if faults:
        return _simulator_page(given, None, did)
    try:
        made = _simulate(library, given, did)
    except CalorError as e:
        return _simulator_page(given, None, [], error=str(e))
    if is_background():
        return render_template("staff/flows/_talk.html", **_call_context(given, made, did))
    return _simulator_page(given, made, did)


def _simulate(library: Library, options: SimulationOptions, inputs: list[str]) -> SimulatedCall:
    flow = library.flows.get(form_field("flow", 80))
    if flow is None:
        raise CalorError("There is no such flow any more. Choose another.")
    if options.language and options.language not in flow.languages:
        raise CalorError(f"{flow.name} speaks {', '.join(flow.languages)}.")
    return simulate_call(library, flow, options, datetime.fromtimestamp(services().clock.now(), UTC), inputs)


def _parse_options() -> SimulationOptions:
    free = form_field("free", 3) or "0"
    if not (free.isascii() and free.isdigit()) or form_field("caller", 10) not in CALLER_CHOICES:
        raise BadRequest
    return SimulationOptions(
        at=form_field("at", 40),
        caller=form_field("caller", 10),
        language=form_field("language", 20),
        free=int(free),
        full="full" in request.form,
        found=form_field("found", 80),
    )


def _parse_inputs() -> list[str]:
    try:
        did = json.loads(request.form.get("did") or "[]")
    except ValueError as e:
        raise BadRequest from e
    if not isinstance(did, list) or len(did) > MAX_INPUTS or not all(isinstance(one, str) for one in did):
        raise BadRequest
    return [one[:MAX_INPUT_LENGTH] for one in did]


def _simulator_page(
    options: SimulationOptions, call: SimulatedCall | None, inputs: list[str], error: str = ""
) -> str:
    library, faults = flow_validate.parse_files(services(), get_own_draft().texts)
    return render_template(
        "staff/flows/talk.html",
        flows=[flow.name for flow in library.flows.values()],
        languages=sorted({lang for flow in library.flows.values() for lang in flow.languages}),
        chosen=form_field("flow", 80),
        callers=CALLER_LABELS,
        faults=[(fault, editor_url(fault)) for fault in faults],
        error=error,
        **_call_context(options, call, inputs),
    )


def _call_context(
    options: SimulationOptions, call: SimulatedCall | None, inputs: list[str]
) -> dict[str, object]:
    return {
        "given": options,
        "talk": call,
        "lines": [(one.speaker, _plain_text(one)) for one in call.transcript] if call else [],
        "did": json.dumps(inputs),
        "keys": KEYS,
        "full": len(inputs) >= MAX_INPUTS,
        "words": MAX_INPUT_LENGTH,
    }


def _plain_text(line: TranscriptLine) -> str:
    """What the line says is marked up for a voice."""
    return " ".join(unescape(_TAG.sub(" ", line.text)).split()) if line.speaker is Speaker.LINE else line.text
