"""The agent's desk: who is offered, the talk, how it went. It shows the record as it is, and each button is one use case."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, render_template, request
from werkzeug.exceptions import BadRequest, NotFound
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as Answer

from ivr.domain.records.account import Role
from ivr.services import Services
from ivr.usecases.desk import actions as desk_actions
from ivr.usecases.desk import view as desk_view
from ivr.usecases.desk import wrapup as desk_wrapup
from ivr.usecases.desk.guards import NotNow
from ivr.usecases.desk.targets import Kind, Target
from ivr.usecases.desk.wrapup import Said
from ivr.usecases.photos import ask_for_photos
from ivr.web.request import services
from ivr.web.staff import errors
from ivr.web.staff.pages import browser_phone
from ivr.web.staff.session.access import allow, background, me

routes = Blueprint("desk", __name__, url_prefix="/desk")

LONGEST = 2000  # letters of anything that is typed
HOURS = (1, 2, 4, 24, 48)  # by when a call may be promised with one click
ENDINGS = {
    "helped": "Helped",
    "more": "There is more to do",
    "machine": "A machine answered",
    "nobody": "Nobody was there",
}


@routes.get("/")
@allow(Role.AGENT, Role.SUPERVISOR)
def show() -> Response:
    return browser_phone.let_in(Response(render_template("staff/desk/page.html", **_all())))


@routes.get("/now")
@allow(Role.AGENT, Role.SUPERVISOR)
def now() -> str:
    return render_template("staff/desk/_now.html", **_all())


@routes.post("/<action>")
@allow(Role.AGENT, Role.SUPERVISOR)
def act(action: str) -> Answer | str:
    do = _DO.get(action)
    if do is None:
        raise NotFound
    try:
        do(services(), me().account.id)
    except NotNow as e:
        return errors.page(errors.Said(status=409, title="Not now", what=str(e)))
    if action == "note":
        return Response(status=204)
    return now() if background() else redirect("/desk/", code=303)


def _all() -> dict[str, object]:
    s, agent_id = services(), me().account.id
    shown = desk_view.look(s, agent_id)
    talking = shown is not None and shown.talk is not None
    return {
        "desk": shown,
        "phone": browser_phone.here(),
        "colleagues": desk_view.directory(s, agent_id) if talking else [],
        "queues": sorted(s.library.queues) if talking else [],
        "hours": HOURS,
        "endings": ENDINGS,
    }


def _field(name: str) -> str:
    return request.form.get(name, "").strip()[:LONGEST]


def _target() -> Target:
    """`agent:vicki`, `queue:bookings`, `supervisor:`, or a number that was typed. Raises BadRequest."""
    if number := _field("number"):
        return Target(kind=Kind.OUTSIDE, name="".join(number.split()))
    kind, _, name = _field("to").partition(":")
    if kind not in set(Kind) or (kind != Kind.SUPERVISOR and not name):
        raise BadRequest
    if kind == Kind.QUEUE and name not in services().library.queues:
        raise BadRequest
    return Target(kind=Kind(kind), name=name)


def _said() -> Said:
    hours = _field("hours") or "0"
    if not hours.isascii() or not hours.isdigit():
        raise BadRequest
    return Said(
        word=_field("word"),
        note=_field("note"),
        steps=_field("steps"),
        hours=int(hours[:4]),
        name=_field("name"),
    )


def _promise(s: Services, agent_id: str) -> None:
    if (hours := _said().hours) <= 0:
        raise BadRequest
    desk_actions.promise(s, agent_id, hours)


_DO: dict[str, Callable[[Services, str], object]] = {
    "accept": lambda s, a: desk_actions.accept(s, a, _field("offer")),
    "decline": lambda s, a: desk_actions.decline(s, a, _field("offer")),
    "hold": desk_actions.hold,
    "back": desk_actions.back,
    "consult": lambda s, a: desk_actions.consult(s, a, _target(), _field("reason")),
    "introduce": desk_actions.introduce,
    "hand-over": desk_actions.hand_over,
    "hand-on": lambda s, a: desk_actions.blind(s, a, _target(), _field("reason")),
    "done": desk_actions.finish_talk,
    "promise": _promise,
    "note": lambda s, a: desk_actions.type_note(s, a, _field("note")),
    "photos": lambda s, a: ask_for_photos.in_talk(s, a, me().by),
    "finish": lambda s, a: desk_wrapup.finish(s, a, _said()),
}
