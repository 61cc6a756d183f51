"""Real calls of the last days through the draft, beside what is published: some with each request, so that none takes long."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import render_template, request
from werkzeug.exceptions import BadRequest

from ivr.flow.replay import ReplayComparison
from ivr.usecases.flows import replay_calls
from ivr.usecases.flows import validate as flow_validate
from ivr.usecases.flows.replay_calls import ReplayPage, ReplayTally
from ivr.web.request import services
from ivr.web.staff.pages.flows.common import WRITER_ROLES, editor_url, form_field, get_own_draft, routes
from ivr.web.staff.session.access import allow

PERIODS = {"yesterday": "yesterday and today", "week": "the last 7 days"}
DAY_SECONDS = 86400.0
_TALLY_FIELDS = [
    (f.name, (int, float) if f.type == "float" else int) for f in fields(ReplayTally) if f.name != "ends"
]


@dataclass(frozen=True, kw_only=True)
class ReplayDifference:
    """A call that goes otherwise."""

    comparison: ReplayComparison
    at: str
    differences: str


@routes.get("/replay")
@allow(*WRITER_ROLES)
def show_replay() -> str:
    _, faults = flow_validate.parse_files(services(), get_own_draft().texts)
    return render_template(
        "staff/flows/rehearse.html",
        draft=get_own_draft(),
        spans=PERIODS,
        faults=[(fault, editor_url(fault)) for fault in faults],
        chosen="",
        so_far=None,
    )


@routes.post("/replay")
@allow(*WRITER_ROLES)
def replay_next_calls() -> str:
    """The next calls. What it has come to goes with the form from part to part: nothing of it is kept here."""
    s, draft = services(), get_own_draft()
    library, faults = flow_validate.parse_files(s, draft.texts)
    if faults:
        return show_replay()
    span, skip, tally = _parse_period(), _int_field("skip"), _parse_tally(request.form.get("tally", ""))
    part = replay_calls.replay_page(s, library, span, tally, skip=skip)
    return render_template(
        "staff/flows/rehearse.html",
        draft=draft,
        spans=PERIODS,
        faults=[],
        chosen=form_field("span", 20),
        so_far=part,
        tally=tally,
        same=tally.calls - tally.different,
        ends=sorted(((n, a, b) for (a, b), n in tally.ends.items() if a != b), reverse=True),
        rows=[_describe_difference(pair) for pair in part.pairs if replay_calls.is_different(pair)],
        more=_continuation_fields(span, part, tally),
    )


def _parse_period() -> tuple[float, float]:
    """Since when and until when. The end stays what it was with the first part: calls go on coming."""
    s = services()
    if form_field("span", 20) not in PERIODS:
        raise BadRequest
    until = float(_int_field("until") or s.clock.now())
    today = datetime.fromtimestamp(until, ZoneInfo(s.settings.default_time_zone)).replace(
        hour=0, minute=0, second=0, microsecond=0
    )
    return (
        today.timestamp() - DAY_SECONDS if form_field("span", 20) == "yesterday" else until - 7 * DAY_SECONDS
    ), until


def _continuation_fields(
    period: tuple[float, float], page: ReplayPage, tally: ReplayTally
) -> dict[str, object] | None:
    if page.replayed >= page.total:
        return None
    told = {**asdict(tally), "ends": [[a, b, n] for (a, b), n in tally.ends.items()]}
    return {"skip": page.replayed, "until": int(period[1]) + 1, "tally": json.dumps(told)}


def _parse_tally(text: str) -> ReplayTally:
    """Raises BadRequest for what is none."""
    if not text:
        return ReplayTally()
    try:
        told = json.loads(text[:20_000])
        ends = {(str(a)[:80], str(b)[:80]): int(n) for a, b, n in told.pop("ends")}
        whole = {name: told[name] for name, kind in _TALLY_FIELDS if isinstance(told[name], kind)}
        return ReplayTally(**whole, ends=ends)
    except (ValueError, TypeError, AttributeError, KeyError) as e:
        raise BadRequest from e


def _int_field(name: str) -> int:
    text = form_field(name, 12) or "0"
    if not (text.isascii() and text.isdigit()):
        raise BadRequest
    return int(text)


def _describe_difference(comparison: ReplayComparison) -> ReplayDifference:
    live, draft = comparison.published, comparison.draft
    told = []
    if comparison.has_other_destination:
        told.append("ends elsewhere")
    if abs(comparison.seconds_saved) >= replay_calls.NOTICEABLE_SECONDS:
        told.append(
            f"{abs(comparison.seconds_saved):.0f} s {'sooner' if comparison.seconds_saved > 0 else 'later'}"
        )
    if live.keys != draft.keys:
        n = abs(live.keys - draft.keys)
        told.append(f"{n} {'key' if n == 1 else 'keys'} {'fewer' if live.keys > draft.keys else 'more'}")
    if guessed := set(draft.guessed_steps) - set(live.guessed_steps):
        told.append(f"never met {', '.join(sorted(guessed))}: says nothing there")
    at = comparison.call.caller.now.astimezone(ZoneInfo(services().settings.default_time_zone))
    return ReplayDifference(comparison=comparison, at=f"{at:%a %-d %b %H:%M}", differences="; ".join(told))
