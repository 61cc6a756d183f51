"""The first page: who you are, and whether callers may be offered to you."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from werkzeug.exceptions import BadRequest
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as Answer

from ivr.domain.records.agent import Agent, AgentState, AwayReason
from ivr.usecases.agents import persistent_leg
from ivr.usecases.staff import roster
from ivr.web.request import services
from ivr.web.staff.session.access import ALL_ROLES, allow, current_user, is_background

routes = Blueprint("home", __name__)

AWAY_REASONS = tuple(why for why in AwayReason if why not in (AwayReason.NONE, AwayReason.NO_ANSWER))
SELECTABLE_STATES = {
    state.value: state for state in (AgentState.AVAILABLE, AgentState.AWAY, AgentState.OFFLINE)
}


@routes.get("/")
@allow(*ALL_ROLES)
def show() -> str:
    return render_template("staff/home.html", agent=current_user().agent, reasons=AWAY_REASONS)


@routes.get("/me/state")
@allow(*ALL_ROLES)
def show_state() -> str:
    return _render_state(current_user().agent)


@routes.post("/me/state")
@allow(*ALL_ROLES)
def set_state() -> Answer | str:
    wanted, _, why = request.form.get("do", "").partition(" ")
    if wanted not in SELECTABLE_STATES or (why and why not in [r.value for r in AWAY_REASONS]):
        raise BadRequest
    agent = roster.set_state(
        services(),
        current_user().account.id,
        SELECTABLE_STATES[wanted],
        reason=AwayReason(why),
        actor=current_user().actor,
    )
    return _render_state(agent) if is_background() else redirect("/", code=303)


@routes.post("/me/opening")
@allow(*ALL_ROLES)
def set_opening() -> Answer | str:
    """How they like to begin a call."""
    roster.set_opening(
        services(), current_user().account.id, request.form.get("opening", ""), actor=current_user().actor
    )
    return "Kept." if is_background() else redirect("/", code=303)


@routes.post("/me/persistent-leg")
@allow(*ALL_ROLES)
def set_persistent_leg() -> Answer | str:
    """Come on the line, to stay from call to call, or leave it."""
    does = {"stay": persistent_leg.start, "leave": persistent_leg.stop}.get(request.form.get("do", ""))
    if does is None:
        raise BadRequest
    does(services(), current_user().account.id, current_user().actor)
    agent = services().store.get(Agent, current_user().account.id)
    return _render_state(agent) if is_background() else redirect("/", code=303)


def _render_state(agent: Agent | None) -> str:
    return render_template("staff/_state.html", agent=agent, reasons=AWAY_REASONS)
