"""The first page: who you are, and whether callers may be offered to you."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from werkzeug.exceptions import BadRequest
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as Answer

from ivr.domain.records.agent import Agent, AgentState, Away
from ivr.usecases.agents import persistent_leg
from ivr.usecases.staff import roster
from ivr.web.request import services
from ivr.web.staff.session.access import EVERYBODY, allow, background, me

routes = Blueprint("home", __name__)

REASONS = tuple(why for why in Away if why is not Away.NO_ANSWER)
STATES = {state.value: state for state in (AgentState.AVAILABLE, AgentState.AWAY, AgentState.OFFLINE)}


@routes.get("/")
@allow(*EVERYBODY)
def show() -> str:
    return render_template("staff/home.html", agent=me().agent, reasons=REASONS)


@routes.get("/me/state")
@allow(*EVERYBODY)
def state() -> str:
    return _state(me().agent)


@routes.post("/me/state")
@allow(*EVERYBODY)
def set_state() -> Answer | str:
    wanted, _, why = request.form.get("do", "").partition(" ")
    if wanted not in STATES or (why and why not in [r.value for r in REASONS]):
        raise BadRequest
    agent = roster.set_state(
        services(), me().account.id, STATES[wanted], why=Away(why) if why else None, by=me().by
    )
    return _state(agent) if background() else redirect("/", code=303)


@routes.post("/me/opening")
@allow(*EVERYBODY)
def opening() -> Answer | str:
    """How they like to begin a call."""
    roster.set_opening(services(), me().account.id, request.form.get("opening", ""), by=me().by)
    return "Kept." if background() else redirect("/", code=303)


@routes.post("/me/persistent-leg")
@allow(*EVERYBODY)
def stay_on_line() -> Answer | str:
    """Come on the line, to stay from call to call, or leave it."""
    does = {"stay": persistent_leg.ask, "leave": persistent_leg.leave}.get(request.form.get("do", ""))
    if does is None:
        raise BadRequest
    does(services(), me().account.id, me().by)
    agent = services().store.get(Agent, me().account.id)
    return _state(agent) if background() else redirect("/", code=303)


def _state(agent: Agent | None) -> str:
    return render_template("staff/_state.html", agent=agent, reasons=REASONS)
