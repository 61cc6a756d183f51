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
from ivr.usecases.desk.guards import ActionNotPossible
from ivr.usecases.desk.targets import Target, TargetKind
from ivr.usecases.desk.wrapup import WrapUpForm
from ivr.usecases.photos import ask_for_photos
from ivr.web.request import services
from ivr.web.staff import errors
from ivr.web.staff.pages import browser_phone
from ivr.web.staff.session.access import allow, current_user, is_background

routes = Blueprint("desk", __name__, url_prefix="/desk")

MAX_FIELD_LENGTH = 2000  # letters of anything that is typed
CALLBACK_HOURS = (1, 2, 4, 24, 48)  # by when a call may be promised with one click
DISPOSITION_LABELS = {
    "helped": "Helped",
    "more": "There is more to do",
    "machine": "A machine answered",
    "nobody": "Nobody was there",
}


@routes.get("/")
@allow(Role.AGENT, Role.SUPERVISOR)
def show() -> Response:
    return browser_phone.allow_phone_connections(
        Response(render_template("staff/desk/page.html", **_page_context()))
    )


@routes.get("/now")
@allow(Role.AGENT, Role.SUPERVISOR)
def show_content() -> str:
    return render_template("staff/desk/_now.html", **_page_context())


@routes.post("/<action>")
@allow(Role.AGENT, Role.SUPERVISOR)
def perform_action(action: str) -> Answer | str:
    do = _ACTIONS.get(action)
    if do is None:
        raise NotFound
    try:
        do(services(), current_user().account.id)
    except ActionNotPossible as e:
        return errors.render_error(errors.ErrorMessage(status=409, title="Not now", what=str(e)))
    if action == "note":
        return Response(status=204)
    return show_content() if is_background() else redirect("/desk/", code=303)


def _page_context() -> dict[str, object]:
    s, agent_id = services(), current_user().account.id
    shown = desk_view.get_desk(s, agent_id)
    talking = shown is not None and shown.talk is not None
    return {
        "desk": shown,
        "phone": browser_phone.get_browser_phone(),
        "colleagues": desk_view.list_colleagues(s, agent_id) if talking else [],
        "queues": sorted(s.library.queues) if talking else [],
        "hours": CALLBACK_HOURS,
        "endings": DISPOSITION_LABELS,
    }


def _form_field(name: str) -> str:
    return request.form.get(name, "").strip()[:MAX_FIELD_LENGTH]


def _parse_target() -> Target:
    """`agent:vicki`, `queue:bookings`, `supervisor:`, or a number that was typed. Raises BadRequest."""
    if number := _form_field("number"):
        return Target(kind=TargetKind.EXTERNAL, name="".join(number.split()))
    kind, _, name = _form_field("to").partition(":")
    if kind not in set(TargetKind) or (kind != TargetKind.SUPERVISOR and not name):
        raise BadRequest
    if kind == TargetKind.QUEUE and name not in services().library.queues:
        raise BadRequest
    return Target(kind=TargetKind(kind), name=name)


def _parse_wrapup_form() -> WrapUpForm:
    hours = _form_field("hours") or "0"
    if not hours.isascii() or not hours.isdigit():
        raise BadRequest
    return WrapUpForm(
        disposition=_form_field("word"),
        note=_form_field("note"),
        next_steps=_form_field("steps"),
        callback_hours=int(hours[:4]),
        customer_name=_form_field("name"),
    )


def _promise_callback(services: Services, agent_id: str) -> None:
    if (hours := _parse_wrapup_form().callback_hours) <= 0:
        raise BadRequest
    desk_actions.promise_callback(services, agent_id, hours)


_ACTIONS: dict[str, Callable[[Services, str], object]] = {
    "accept": lambda s, a: desk_actions.accept(s, a, _form_field("offer")),
    "decline": lambda s, a: desk_actions.decline(s, a, _form_field("offer")),
    "hold": desk_actions.hold,
    "back": desk_actions.return_to_caller,
    "consult": lambda s, a: desk_actions.consult(s, a, _parse_target(), _form_field("reason")),
    "introduce": desk_actions.introduce,
    "hand-over": desk_actions.complete_transfer,
    "hand-on": lambda s, a: desk_actions.blind_transfer(s, a, _parse_target(), _form_field("reason")),
    "done": desk_actions.finish_talk,
    "promise": _promise_callback,
    "note": lambda s, a: desk_actions.save_note_draft(s, a, _form_field("note")),
    "photos": lambda s, a: ask_for_photos.ask_in_talk(s, a, current_user().actor),
    "finish": lambda s, a: desk_wrapup.save_wrapup(s, a, _parse_wrapup_form()),
}
