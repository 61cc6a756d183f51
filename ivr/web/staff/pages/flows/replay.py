"""Real calls of the last days through the draft, beside what is published: some with each request, so that none takes long."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import render_template, request
from werkzeug.exceptions import BadRequest

from ivr.flow.replay import Pair
from ivr.usecases.flows import replay_calls
from ivr.usecases.flows import validate as flow_validate
from ivr.usecases.flows.replay_calls import Part, Tally
from ivr.web.request import services
from ivr.web.staff.pages.flows.common import WRITES, field, mine, routes, way_to
from ivr.web.staff.session.access import allow

SPANS = {"yesterday": "yesterday and today", "week": "the last 7 days"}
DAY = 86400.0
_FIELDS = [(f.name, (int, float) if f.type == "float" else int) for f in fields(Tally) if f.name != "ends"]


@dataclass(frozen=True, kw_only=True)
class Row:
    """A call that goes otherwise."""

    pair: Pair
    at: str
    differs: str


@routes.get("/replay")
@allow(*WRITES)
def rehearsal() -> str:
    _, faults = flow_validate.read(services(), mine().texts)
    return render_template(
        "staff/flows/rehearse.html",
        draft=mine(),
        spans=SPANS,
        faults=[(fault, way_to(fault)) for fault in faults],
        so_far=None,
    )


@routes.post("/replay")
@allow(*WRITES)
def rehearse_some() -> str:
    """The next calls. What it has come to goes with the form from part to part: nothing of it is kept here."""
    s, draft = services(), mine()
    library, faults = flow_validate.read(s, draft.texts)
    if faults:
        return rehearsal()
    span, skip, tally = _span(), _whole("skip"), _tally(request.form.get("tally", ""))
    part = replay_calls.some(s, library, span, tally, skip=skip)
    return render_template(
        "staff/flows/rehearse.html",
        draft=draft,
        spans=SPANS,
        faults=[],
        chosen=field("span", 20),
        so_far=part,
        tally=tally,
        same=tally.calls - tally.differ,
        ends=sorted(((n, a, b) for (a, b), n in tally.ends.items() if a != b), reverse=True),
        rows=[_row(pair) for pair in part.pairs if replay_calls.differs(pair)],
        more=_more(span, part, tally),
    )


def _span() -> tuple[float, float]:
    """Since when and until when. The end stays what it was with the first part: calls go on coming."""
    s = services()
    if field("span", 20) not in SPANS:
        raise BadRequest
    until = float(_whole("until") or s.clock.now())
    today = datetime.fromtimestamp(until, ZoneInfo(s.settings.default_zone)).replace(
        hour=0, minute=0, second=0, microsecond=0
    )
    return (today.timestamp() - DAY if field("span", 20) == "yesterday" else until - 7 * DAY), until


def _more(span: tuple[float, float], part: Part, tally: Tally) -> dict[str, object] | None:
    if part.looked >= part.of:
        return None
    told = {**asdict(tally), "ends": [[a, b, n] for (a, b), n in tally.ends.items()]}
    return {"skip": part.looked, "until": int(span[1]) + 1, "tally": json.dumps(told)}


def _tally(text: str) -> Tally:
    """Raises BadRequest for what is none."""
    if not text:
        return Tally()
    try:
        told = json.loads(text[:20_000])
        ends = {(str(a)[:80], str(b)[:80]): int(n) for a, b, n in told.pop("ends")}
        whole = {name: told[name] for name, kind in _FIELDS if isinstance(told[name], kind)}
        return Tally(**whole, ends=ends)
    except (ValueError, TypeError, AttributeError, KeyError) as e:
        raise BadRequest from e


def _whole(name: str) -> int:
    text = field(name, 12) or "0"
    if not (text.isascii() and text.isdigit()):
        raise BadRequest
    return int(text)


def _row(pair: Pair) -> Row:
    live, draft = pair.live, pair.draft
    told = []
    if pair.elsewhere:
        told.append("ends elsewhere")
    if abs(pair.sooner) >= replay_calls.NOTICEABLE:
        told.append(f"{abs(pair.sooner):.0f} s {'sooner' if pair.sooner > 0 else 'later'}")
    if live.keys != draft.keys:
        n = abs(live.keys - draft.keys)
        told.append(f"{n} {'key' if n == 1 else 'keys'} {'fewer' if live.keys > draft.keys else 'more'}")
    if guessed := set(draft.guessed) - set(live.guessed):
        told.append(f"never met {', '.join(sorted(guessed))}: says nothing there")
    at = pair.call.situation.now.astimezone(ZoneInfo(services().settings.default_zone))
    return Row(pair=pair, at=f"{at:%a %-d %b %H:%M}", differs="; ".join(told))
