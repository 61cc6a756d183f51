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
from ivr.domain.actor import By
from ivr.domain.records.account import Role, may
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
from ivr.web.staff.session.access import allow, background, me

routes = Blueprint("cases", __name__, url_prefix="/cases")

LONGEST_SEARCH = 200  # characters
LONGEST = case_edit.LONGEST_NOTE + 1  # of a field: what is longer is refused with words, not cut

Do = Callable[[Services, str, By], object]


@routes.get("/")
@allow(Role.AGENT, Role.SUPERVISOR)
def show() -> str:
    return render_template("staff/cases/list.html", **_found())


@routes.get("/search")
@allow(Role.AGENT, Role.SUPERVISOR)
def found() -> str:
    return render_template("staff/cases/_found.html", **_found())


@routes.post("/")
@allow(Role.AGENT, Role.SUPERVISOR)
def open_new() -> Answer:
    return _to(case_edit.open_new(services(), _field("number"), _field("subject"), by=me().by).id)


@routes.get("/<name>")
@allow(Role.AGENT, Role.SUPERVISOR)
def look(name: str) -> str:
    return _part("page", name)


@routes.get("/<name>/facts")
@allow(Role.AGENT, Role.SUPERVISOR)
def facts(name: str) -> str:
    return _part("_facts", name)


@routes.get("/<name>/thread")
@allow(Role.AGENT, Role.SUPERVISOR)
def thread(name: str) -> str:
    return _part("_thread", name)


@routes.post("/<name>/another")
@allow(Role.AGENT, Role.SUPERVISOR)
def another(name: str) -> Answer:
    """A matter of its own, of the same customer."""
    s = services()
    return _to(case_edit.open_new(s, _case(s, name), _field("subject"), by=me().by).id)


@routes.post("/<name>/<action>")
@allow(Role.AGENT, Role.SUPERVISOR)
def act(name: str, action: str) -> Answer | str:
    do = _DO.get(action)
    if do is None:
        raise NotFound
    try:
        do(services(), name, me().by)
    except case_edit.NoSuchCase as e:
        raise NotFound from e
    if background():
        return _part("_thread" if action == "note" else "_facts", name)
    return _to(name)


def _found() -> dict[str, object]:
    typed = request.args.get("q", "")[:LONGEST_SEARCH]
    return {
        "typed": typed,
        "found": case_search.search(services(), typed, before=request.args.get("before", "")[:60]),
        "first": not request.args.get("before"),
        "number": _number,
        "when": _when,
    }


def _part(template: str, name: str) -> str:
    try:
        view = case_view.look(services(), name)
    except case_edit.NoSuchCase as e:
        raise NotFound from e
    return render_template(
        f"staff/cases/{template}.html",
        view=view,
        names=view.names,
        number=_number,
        when=_when,
        iso=_iso,
        promises=next((p for p in ("/callbacks", "/callbacks/") if return_path.ours(p) == p), ""),
    )


def _to(name: str) -> Answer:
    return redirect(url_for("cases.look", name=name), code=303)


def _case(s: Services, name: str) -> str:
    """The number of the customer whose case it is."""
    try:
        return case_edit.get(s, name).customer
    except case_edit.NoSuchCase as e:
        raise NotFound from e


def _field(name: str) -> str:
    return request.form.get(name, "").strip()[:LONGEST]


def _number(customer: Customer) -> str:
    """Whole for supervisors, who may have to ring it; for agents the line rings it, and the end tells two customers apart."""
    if not customer.id:
        return "hidden number"
    whole = may(me().account.role, {Role.SUPERVISOR})
    return customer.id if whole else f"number ending {phone_numbers.ending(customer.id)}"


def _when(at: float) -> str:
    return page_times.moment(_moment(at), "en")


def _iso(at: float) -> str:
    return _moment(at).isoformat(timespec="seconds")


def _moment(at: float) -> datetime:
    return datetime.fromtimestamp(at, ZoneInfo(services().settings.default_zone))


def _mind(s: Services, name: str, by: By, *, forget: bool) -> None:
    author = _field("by") if forget else me().account.name
    customer_profile.mind(s, _case(s, name), _field("words"), by=author, forget=forget, doer=by)


_DO: Mapping[str, Do] = {
    "note": lambda s, c, by: case_edit.note(s, c, _field("note"), by=by),
    "take": lambda s, c, by: case_edit.hand_to(s, c, by.who, by=by),
    "hand-on": lambda s, c, by: case_edit.hand_to(s, c, _field("to"), by=by),
    "close": lambda s, c, by: case_edit.close(s, c, by=by),
    "reopen": lambda s, c, by: case_edit.reopen(s, c, by=by),
    "rename": lambda s, c, by: case_edit.rename(s, c, _field("subject"), by=by),
    "third": lambda s, c, by: third_party_call.ask(s, c, _field("number"), by),
    "mind": lambda s, c, by: _mind(s, c, by, forget=False),
    "unmind": lambda s, c, by: _mind(s, c, by, forget=True),
    "name": lambda s, c, by: customer_profile.call(
        s, _case(s, c), _field("name")[: customer_profile.LONGEST], doer=by
    ),
}
