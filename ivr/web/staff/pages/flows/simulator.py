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
from ivr.flow.simulator import CALLERS, Given, Line, Talk, Who, talk
from ivr.usecases.flows import validate as flow_validate
from ivr.web.request import services
from ivr.web.staff.pages.flows.common import WRITES, field, mine, routes, way_to
from ivr.web.staff.session.access import allow, background

MOST = 100  # things done in one call
WORDS = 200  # characters of each
KEYS = "123456789*0#"
_TAG = re.compile(r"<[^>]*>")
CALLER = {
    "new": "Nobody we know",
    "known": "Lori, who called yesterday",
    "owed": "Lori, whom we owe a call",
    "hidden": "A hidden number",
}


@routes.get("/simulate")
@allow(*WRITES)
def talk_page() -> str:
    return _page(Given(), None, [])


@routes.post("/simulate")
@allow(*WRITES)
def talk_on() -> str:
    """`did`: JSON, what was done so far; `say`: what is done now."""
    given, did = _given(), _did()
    if "say" in request.form:
        did.append(field("say", WORDS))
    library, faults = flow_validate.read(services(), mine().texts)
    if faults:
        return _page(given, None, did)
    try:
        made = _talk(library, given, did)
    except CalorError as e:
        return _page(given, None, [], said=str(e))
    if background():
        return render_template("staff/flows/_talk.html", **_shown(given, made, did))
    return _page(given, made, did)


def _talk(library: Library, given: Given, did: list[str]) -> Talk:
    flow = library.flows.get(field("flow", 80))
    if flow is None:
        raise CalorError("There is no such flow any more. Choose another.")
    if given.language and given.language not in flow.languages:
        raise CalorError(f"{flow.name} speaks {', '.join(flow.languages)}.")
    return talk(library, flow, given, datetime.fromtimestamp(services().clock.now(), UTC), did)


def _given() -> Given:
    free = field("free", 3) or "0"
    if not (free.isascii() and free.isdigit()) or field("caller", 10) not in CALLERS:
        raise BadRequest
    return Given(
        at=field("at", 40),
        caller=field("caller", 10),
        language=field("language", 20),
        free=int(free),
        full="full" in request.form,
        found=field("found", 80),
    )


def _did() -> list[str]:
    try:
        did = json.loads(request.form.get("did") or "[]")
    except ValueError as e:
        raise BadRequest from e
    if not isinstance(did, list) or len(did) > MOST or not all(isinstance(one, str) for one in did):
        raise BadRequest
    return [one[:WORDS] for one in did]


def _page(given: Given, made: Talk | None, did: list[str], said: str = "") -> str:
    library, faults = flow_validate.read(services(), mine().texts)
    return render_template(
        "staff/flows/talk.html",
        flows=[flow.name for flow in library.flows.values()],
        languages=sorted({lang for flow in library.flows.values() for lang in flow.languages}),
        chosen=field("flow", 80),
        callers=CALLER,
        faults=[(fault, way_to(fault)) for fault in faults],
        said=said,
        **_shown(given, made, did),
    )


def _shown(given: Given, made: Talk | None, did: list[str]) -> dict[str, object]:
    return {
        "given": given,
        "talk": made,
        "lines": [(one.who, _plain(one)) for one in made.lines] if made else [],
        "did": json.dumps(did),
        "keys": KEYS,
        "full": len(did) >= MOST,
        "words": WORDS,
    }


def _plain(one: Line) -> str:
    """What the line says is marked up for a voice."""
    return " ".join(unescape(_TAG.sub(" ", one.text)).split()) if one.who is Who.LINE else one.text
