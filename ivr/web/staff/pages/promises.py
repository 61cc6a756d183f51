"""What is owed: how it is kept, what is late or soon will be, and what can be done about each.

Everybody sees all of it. Agents and supervisors move a promise, call it now or call it off whosever it is: a customer speaks to
whoever answers, and usecases/callbacks/reschedule.py refuses what would loosen a promise. Only a supervisor takes one out of the line, as from then
on a person alone keeps it. Ops look. A number is whole for supervisors and for whoever has the promise; others see how it ends.
"""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request
from werkzeug.exceptions import BadRequest, NotFound
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as Answer

from ivr.domain import phone_numbers
from ivr.domain.actor import RequestChannel
from ivr.domain.records.account import Role, is_allowed
from ivr.domain.records.promise import ENDED, Promise, PromiseState
from ivr.usecases.callbacks import reschedule
from ivr.usecases.callbacks.assign import assign_promise
from ivr.usecases.callbacks.reschedule_request import (
    CallNow,
    Decline,
    MoveToSoonest,
    MoveToWindow,
    RequestOrigin,
    RescheduleRefused,
    RescheduleRequest,
    RescheduleResult,
)
from ivr.usecases.promises import page_list
from ivr.usecases.promises.page_list import PromiseListKind
from ivr.web.request import services
from ivr.web.staff import errors, time_text
from ivr.web.staff.pages import promise_text
from ivr.web.staff.session import return_path
from ivr.web.staff.session.access import ALL_ROLES, allow, current_user, is_background

routes = Blueprint("callbacks", __name__, url_prefix="/callbacks")

MAX_REASON_LENGTH = 500  # letters of a reason
MAX_PAGE = 9999  # pages
MAX_WINDOWS = 60  # times that are offered


@routes.get("/")
@allow(*ALL_ROLES)
def show() -> str:
    return render_template("staff/promises/page.html", **_list_context())


@routes.get("/list")
@allow(*ALL_ROLES)
def show_list() -> str:
    return render_template("staff/promises/_list.html", **_list_context())


@routes.get("/<promise_id>")
@allow(*ALL_ROLES)
def show_promise(promise_id: str) -> str:
    return render_template("staff/promises/one.html", **_promise_context(promise_id))


@routes.get("/<promise_id>/now")
@allow(*ALL_ROLES)
def show_promise_content(promise_id: str) -> str:
    return render_template("staff/promises/_one.html", **_promise_context(promise_id))


@routes.post("/<promise_id>/assign")
@allow(Role.SUPERVISOR)
def assign_to_me(promise_id: str) -> Answer:
    who = current_user().account.id
    return _respond_to_result(
        promise_id, assign_promise(services(), promise_id, who, by=who, channel=RequestChannel.DESK)
    )


@routes.post("/<promise_id>/call-now")
@allow(Role.AGENT, Role.SUPERVISOR)
def call_now(promise_id: str) -> Answer:
    return _apply_request(promise_id, CallNow())


@routes.post("/<promise_id>/reschedule")
@allow(Role.AGENT, Role.SUPERVISOR)
def move(promise_id: str) -> Answer:
    since, _, until = request.form.get("to", "").partition(" ")
    if since == "soonest":
        return _apply_request(promise_id, MoveToSoonest())
    return _apply_request(promise_id, MoveToWindow(since=_parse_epoch(since), until=_parse_epoch(until)))


@routes.post("/<promise_id>/cancel")
@allow(Role.AGENT, Role.SUPERVISOR)
def cancel(promise_id: str) -> Answer:
    """The customer does not want it. Their words are noted on the case, and they are told by text."""
    why = request.form.get("why", "").strip()[:MAX_REASON_LENGTH]
    if not why:
        return errors.render_error(
            errors.ErrorMessage(
                status=400, title="Not done", what="Say what the customer said: it stands on their case."
            )
        )
    return _apply_request(promise_id, Decline(why=why))


# ---- below


def _apply_request(promise_id: str, reschedule_request: RescheduleRequest) -> Answer:
    asked = RequestOrigin(
        channel=RequestChannel.DESK,
        by=current_user().account.id,
        shown_until=_parse_epoch(request.form.get("seen", "0")),
    )
    return _respond_to_result(promise_id, reschedule.apply(services(), promise_id, reschedule_request, asked))


def _respond_to_result(promise_id: str, result: RescheduleResult) -> Answer:
    """The page follows by itself: every change of a promise is told."""
    if isinstance(result, RescheduleRefused):
        zone, now = _zone_of(result.promise), services().clock.now()
        what = promise_text.refusal_text(result, zone, now)
        return errors.render_error(errors.ErrorMessage(status=409, title="It stays as it is.", what=what))
    return Response(status=204) if is_background() else redirect(_return_url(promise_id), code=303)


def _return_url(promise_id: str) -> str:
    before = return_path.this_page()
    return before if before.startswith("/callbacks") else f"/callbacks/{promise_id}"


def _parse_epoch(text: str) -> float:
    """Epoch seconds. Raises BadRequest."""
    plain = text.replace(".", "", 1)
    if not (plain.isascii() and plain.isdigit() and len(plain) <= 20):
        raise BadRequest
    return float(text)


def _list_context() -> dict[str, object]:
    wanted, page = request.args.get("show", PromiseListKind.OPEN.value), request.args.get("page", "1")
    if wanted not in set(PromiseListKind) or not (
        page.isascii() and page.isdigit() and 1 <= int(page[:5]) <= MAX_PAGE
    ):
        raise NotFound
    shown = page_list.get_promise_page(
        services(), current_user().account.id, PromiseListKind(wanted), int(page)
    )
    return {
        "owed": shown,
        "show": PromiseListKind(wanted),
        "kinds": tuple(PromiseListKind),
        "days": page_list.KEPT_RATE_DAYS,
        **_template_functions(shown.now),
    }


def _promise_context(promise_id: str) -> dict[str, object]:
    s = services()
    row = page_list.get_promise_row(s, promise_id)
    if row is None:
        raise NotFound
    p, now = row.promise, s.clock.now()
    open_ = p.state not in ENDED
    movable = open_ and is_allowed(current_user().account.role, (Role.AGENT, Role.SUPERVISOR))
    free = reschedule.list_windows(s, p, now, max_count=MAX_WINDOWS) if movable else []
    return {"row": row, "open": open_, "windows": free, "zone": _zone_of(p), **_template_functions(now)}


def _template_functions(now: float) -> dict[str, object]:
    """What the templates of these pages say things with."""
    role, line = current_user().account.role, services().settings.default_time_zone
    return {
        "now": now,
        "line_zone": line,
        "at": lambda epoch, zone="": time_text.format_time(epoch, zone or line, now),
        "span": time_text.format_duration,
        "percent": time_text.format_percent,
        "title": promise_text.title,
        "state": promise_text.state_text,
        "why": promise_text.reason_text,
        "number": _format_number,
        "may_act": is_allowed(role, (Role.AGENT, Role.SUPERVISOR)),
        "may_take": is_allowed(role, (Role.SUPERVISOR,)),
        "ended": ENDED,
        "escalated": PromiseState.ESCALATED,
    }


def _format_number(p: Promise) -> str:
    whole = (
        is_allowed(current_user().account.role, (Role.SUPERVISOR,)) or p.owner == current_user().account.id
    )
    return p.number if whole else f"…{phone_numbers.last_digits(p.number)}" if p.number else "number unknown"


def _zone_of(promise: Promise | None) -> str:
    return (promise.zone if promise else "") or services().settings.default_time_zone
