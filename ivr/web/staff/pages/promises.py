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
from ivr.domain.records.account import Role, may
from ivr.domain.records.promise import ENDED, Promise, PromiseState
from ivr.usecases.callbacks import reschedule
from ivr.usecases.callbacks.assign import take as take_it
from ivr.usecases.callbacks.reschedule import (
    Asked,
    AtOnce,
    Decline,
    Move,
    Refused,
    Result,
    Soonest,
    Via,
    Wish,
)
from ivr.usecases.promises import page_list
from ivr.usecases.promises.page_list import Show
from ivr.web.request import services
from ivr.web.staff import errors, time_text
from ivr.web.staff.pages import promise_text
from ivr.web.staff.session import return_path
from ivr.web.staff.session.access import EVERYBODY, allow, background, me

routes = Blueprint("callbacks", __name__, url_prefix="/callbacks")

LONGEST = 500  # letters of a reason
DEEPEST = 9999  # pages
CHOICES = 60  # times that are offered


@routes.get("/")
@allow(*EVERYBODY)
def show() -> str:
    return render_template("staff/promises/page.html", **_listing())


@routes.get("/list")
@allow(*EVERYBODY)
def listed() -> str:
    return render_template("staff/promises/_list.html", **_listing())


@routes.get("/<promise_id>")
@allow(*EVERYBODY)
def one(promise_id: str) -> str:
    return render_template("staff/promises/one.html", **_one(promise_id))


@routes.get("/<promise_id>/now")
@allow(*EVERYBODY)
def one_now(promise_id: str) -> str:
    return render_template("staff/promises/_one.html", **_one(promise_id))


@routes.post("/<promise_id>/assign")
@allow(Role.SUPERVISOR)
def take(promise_id: str) -> Answer:
    who = me().account.id
    return _done(promise_id, take_it(services(), promise_id, who, by=who, via=Via.DESK))


@routes.post("/<promise_id>/call-now")
@allow(Role.AGENT, Role.SUPERVISOR)
def call_now(promise_id: str) -> Answer:
    return _change(promise_id, AtOnce())


@routes.post("/<promise_id>/reschedule")
@allow(Role.AGENT, Role.SUPERVISOR)
def move(promise_id: str) -> Answer:
    since, _, until = request.form.get("to", "").partition(" ")
    if since == "soonest":
        return _change(promise_id, Soonest())
    return _change(promise_id, Move(since=_time(since), until=_time(until)))


@routes.post("/<promise_id>/cancel")
@allow(Role.AGENT, Role.SUPERVISOR)
def call_off(promise_id: str) -> Answer:
    """The customer does not want it. Their words are noted on the case, and they are told by text."""
    why = request.form.get("why", "").strip()[:LONGEST]
    if not why:
        return errors.page(
            errors.Said(
                status=400, title="Not done", what="Say what the customer said: it stands on their case."
            )
        )
    return _change(promise_id, Decline(why=why))


# ---- below


def _change(promise_id: str, wish: Wish) -> Answer:
    asked = Asked(via=Via.DESK, by=me().account.id, seen=_time(request.form.get("seen", "0")))
    return _done(promise_id, reschedule.rearrange(services(), promise_id, wish, asked))


def _done(promise_id: str, came: Result) -> Answer:
    """The page follows by itself: every change of a promise is told."""
    if isinstance(came, Refused):
        zone, now = _zone(came.promise), services().clock.now()
        what = promise_text.refused(came, zone, now)
        return errors.page(errors.Said(status=409, title="It stays as it is.", what=what))
    return Response(status=204) if background() else redirect(_back(promise_id), code=303)


def _back(promise_id: str) -> str:
    before = return_path.here()
    return before if before.startswith("/callbacks") else f"/callbacks/{promise_id}"


def _time(text: str) -> float:
    """Epoch seconds. Raises BadRequest."""
    plain = text.replace(".", "", 1)
    if not (plain.isascii() and plain.isdigit() and len(plain) <= 20):
        raise BadRequest
    return float(text)


def _listing() -> dict[str, object]:
    wanted, page = request.args.get("show", Show.OPEN.value), request.args.get("page", "1")
    if wanted not in set(Show) or not (page.isascii() and page.isdigit() and 1 <= int(page[:5]) <= DEEPEST):
        raise NotFound
    shown = page_list.look(services(), me().account.id, Show(wanted), int(page))
    return {
        "owed": shown,
        "show": Show(wanted),
        "kinds": tuple(Show),
        "days": page_list.DAYS,
        **_words(shown.now),
    }


def _one(promise_id: str) -> dict[str, object]:
    s = services()
    row = page_list.one(s, promise_id)
    if row is None:
        raise NotFound
    p, now = row.promise, s.clock.now()
    open_ = p.state not in ENDED
    movable = open_ and may(me().account.role, (Role.AGENT, Role.SUPERVISOR))
    free = reschedule.windows(s, p, now, most=CHOICES) if movable else []
    return {"row": row, "open": open_, "windows": free, "zone": _zone(p), **_words(now)}


def _words(now: float) -> dict[str, object]:
    """What the templates of these pages say things with."""
    role, line = me().account.role, services().settings.default_zone
    return {
        "now": now,
        "line_zone": line,
        "at": lambda epoch, zone="": time_text.at(epoch, zone or line, now),
        "span": time_text.span,
        "percent": time_text.percent,
        "state": promise_text.state,
        "why": promise_text.why,
        "number": _number,
        "may_act": may(role, (Role.AGENT, Role.SUPERVISOR)),
        "may_take": may(role, (Role.SUPERVISOR,)),
        "ended": ENDED,
        "escalated": PromiseState.ESCALATED,
    }


def _number(p: Promise) -> str:
    whole = may(me().account.role, (Role.SUPERVISOR,)) or p.owner == me().account.id
    return p.number if whole else f"…{phone_numbers.ending(p.number)}" if p.number else "number unknown"


def _zone(promise: Promise | None) -> str:
    return (promise.zone if promise else "") or services().settings.default_zone
