"""Cases: found by what somebody remembers of them, read with everything that was said and done, written on, owned."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import Blueprint, render_template, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as Answer

from ivr.domain import phone_numbers
from ivr.domain.actor import Actor
from ivr.domain.promise_kinds import get_rules
from ivr.domain.records.account import Role, is_allowed
from ivr.domain.records.customer import Customer
from ivr.domain.speech import page_times
from ivr.services import Services
from ivr.usecases.agents import third_party_call
from ivr.usecases.cases import edit as case_edit
from ivr.usecases.cases import search as case_search
from ivr.usecases.cases import view as case_view
from ivr.usecases.customers import profile as customer_profile
from ivr.web.request import services
from ivr.web.staff.session import return_path
from ivr.web.staff.session.access import allow, current_user, is_background

routes = Blueprint("cases", __name__, url_prefix="/cases")

MAX_SEARCH_LENGTH = 200  # characters
MAX_FIELD_LENGTH = case_edit.MAX_NOTE_LENGTH + 1  # of a field: what is longer is refused with words, not cut

CaseAction = Callable[[Services, str, Actor], object]


@routes.get("/")
@allow(Role.AGENT, Role.SUPERVISOR)
def show() -> str:
    return render_template("staff/cases/list.html", **_search_context())


@routes.get("/search")
@allow(Role.AGENT, Role.SUPERVISOR)
def search() -> str:
    return render_template("staff/cases/_found.html", **_search_context())


@routes.post("/")
@allow(Role.AGENT, Role.SUPERVISOR)
def open_case() -> Answer:
    return _redirect_to_case(
        case_edit.open_case(
            services(), _form_field("number"), _form_field("subject"), actor=current_user().actor
        ).id
    )


@routes.get("/<name>")
@allow(Role.AGENT, Role.SUPERVISOR)
def show_case(name: str) -> str:
    return _render_part("page", name)


@routes.get("/<name>/facts")
@allow(Role.AGENT, Role.SUPERVISOR)
def show_summary(name: str) -> str:
    return _render_part("_facts", name)


@routes.get("/<name>/thread")
@allow(Role.AGENT, Role.SUPERVISOR)
def show_thread(name: str) -> str:
    return _render_part("_thread", name)


@routes.post("/<name>/another")
@allow(Role.AGENT, Role.SUPERVISOR)
def open_another_case(name: str) -> Answer:
    """A matter of its own, of the same customer."""
    s = services()
    return _redirect_to_case(
        case_edit.open_case(
            s, _get_customer_number(s, name), _form_field("subject"), actor=current_user().actor
        ).id
    )


@routes.post("/<name>/<action>")
@allow(Role.AGENT, Role.SUPERVISOR)
def perform_action(name: str, action: str) -> Answer | str:
    do = _ACTIONS.get(action)
    if do is None:
        raise NotFound
    try:
        do(services(), name, current_user().actor)
    except case_edit.NoSuchCase as e:
        raise NotFound from e
    if is_background():
        return _render_part("_thread" if action == "note" else "_facts", name)
    return _redirect_to_case(name)


def _search_context() -> dict[str, object]:
    typed = request.args.get("q", "")[:MAX_SEARCH_LENGTH]
    return {
        "typed": typed,
        "found": case_search.search_cases(services(), typed, cursor=request.args.get("before", "")[:60]),
        "first": not request.args.get("before"),
        "number": _format_number,
        "when": _format_time,
    }


def _render_part(template: str, name: str) -> str:
    try:
        view = case_view.get_case_view(services(), name)
    except case_edit.NoSuchCase as e:
        raise NotFound from e
    return render_template(
        f"staff/cases/{template}.html",
        view=view,
        names=view.names,
        number=_format_number,
        when=_format_time,
        iso=_format_iso_time,
        noun=lambda promise: get_rules(promise.kind).noun,
        promises=next((p for p in ("/callbacks", "/callbacks/") if return_path.safe_path(p) == p), ""),
    )


def _redirect_to_case(name: str) -> Answer:
    return redirect(url_for("cases.show_case", name=name), code=303)


def _get_customer_number(services: Services, name: str) -> str:
    """The number of the customer whose case it is."""
    try:
        return case_edit.get_case(services, name).customer
    except case_edit.NoSuchCase as e:
        raise NotFound from e


def _form_field(name: str) -> str:
    return request.form.get(name, "").strip()[:MAX_FIELD_LENGTH]


def _format_number(customer: Customer) -> str:
    """Whole for supervisors, who may have to ring it; for agents the line rings it, and the end tells two customers apart."""
    if not customer.id:
        return "hidden number"
    whole = is_allowed(current_user().account.role, {Role.SUPERVISOR})
    return customer.id if whole else f"number ending {phone_numbers.last_digits(customer.id)}"


def _format_time(at: float) -> str:
    return page_times.format_moment(_local_time(at), "en")


def _format_iso_time(at: float) -> str:
    return _local_time(at).isoformat(timespec="seconds")


def _local_time(at: float) -> datetime:
    return datetime.fromtimestamp(at, ZoneInfo(services().settings.default_time_zone))


def _edit_important_notes(services: Services, name: str, actor: Actor, *, remove: bool) -> None:
    author = _form_field("by") if remove else current_user().account.name
    customer_profile.edit_needs(
        services,
        _get_customer_number(services, name),
        _form_field("words"),
        author=author,
        remove=remove,
        actor=actor,
    )


_ACTIONS: Mapping[str, CaseAction] = {
    "note": lambda s, c, by: case_edit.add_note(s, c, _form_field("note"), actor=by),
    "take": lambda s, c, by: case_edit.assign_to(s, c, by.id, actor=by),
    "hand-on": lambda s, c, by: case_edit.assign_to(s, c, _form_field("to"), actor=by),
    "close": lambda s, c, by: case_edit.close(s, c, actor=by),
    "reopen": lambda s, c, by: case_edit.reopen(s, c, actor=by),
    "rename": lambda s, c, by: case_edit.rename(s, c, _form_field("subject"), actor=by),
    "third": lambda s, c, by: third_party_call.start(s, c, _form_field("number"), by),
    "mind": lambda s, c, by: _edit_important_notes(s, c, by, remove=False),
    "unmind": lambda s, c, by: _edit_important_notes(s, c, by, remove=True),
    "name": lambda s, c, by: customer_profile.set_name(
        s, _get_customer_number(s, c), _form_field("name")[: customer_profile.MAX_NEED_LENGTH], actor=by
    ),
}
