"""The wallboard: who waits, who is on with whom, how well we answer; and a supervisor's ear in a talk.

It hangs on walls. So there are first names and the ends of numbers, and nobody's words; a supervisor unfolds the rest, at a
screen at which they work. `?big` is for the wall: nothing to unfold and nothing to press. Both stay signed in while nobody
touches them (decision 21); then they show no more than the wall does.
"""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request
from werkzeug.exceptions import NotFound
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as Answer

from ivr.domain import phone_numbers
from ivr.domain.records.account import Role, may
from ivr.domain.records.agent import AgentState
from ivr.domain.records.agent_leg import Ear
from ivr.domain.records.contact import Contact
from ivr.usecases.agents import monitoring
from ivr.usecases.desk import wallboard
from ivr.web.request import services
from ivr.web.staff import time_text
from ivr.web.staff.session.access import allow, background, me

routes = Blueprint("wallboard", __name__, url_prefix="/wallboard")

EARS = {Ear.MONITOR: "listens", Ear.WHISPER: "whispers to the agent", Ear.BARGE: "speaks to both"}
EARS_MINE = {
    Ear.MONITOR: "You listen",
    Ear.WHISPER: "You whisper to the agent",
    Ear.BARGE: "You speak to both",
}
STATES = {
    AgentState.AVAILABLE: "Free",
    AgentState.RESERVED: "Being asked",
    AgentState.ON_CALL: "Talking",
    AgentState.WRAP_UP: "Writing up",
    AgentState.AWAY: "Away",
}
AMBER, LONG = 20, 60  # seconds of waiting, as a colour; on hold as on the desk
BIG, CHIPS = 8, 5  # rows of a list, and agents of one state, that a wall holds


@routes.get("/")
@allow(Role.SUPERVISOR, Role.OPS, unattended=True)
def show() -> str:
    return render_template("staff/wallboard/page.html", **_board())


@routes.get("/now")
@allow(Role.SUPERVISOR, Role.OPS, unattended=True)
def now() -> str:
    return render_template("staff/wallboard/_now.html", **_board())


@routes.post("/listen/<contact>/<ear>")
@allow(Role.SUPERVISOR)
def listen(contact: str, ear: str) -> Answer:
    """Rings the supervisor's own phone; in a talk already, it changes what they are in it."""
    wanted = _ear(ear)
    s, who = services(), me()
    if monitoring.hears(s, who.account.id) == contact:
        monitoring.change_ear(s, who.account.id, wanted, by=who.by)
    else:
        monitoring.listen(s, who.account.id, contact, wanted, by=who.by)
    return _done()


@routes.post("/stop")
@allow(Role.SUPERVISOR)
def stop() -> Answer:
    monitoring.stop(services(), me().account.id, by=me().by)
    return _done()


def _done() -> Answer:
    return Response(status=204) if background() else redirect("/wallboard/", code=303)


def _ear(text: str) -> Ear:
    if text not in set(Ear) or not text:
        raise NotFound
    return Ear(text)


def _board() -> dict[str, object]:
    signed, big = me(), "big" in request.args
    supervisor = may(signed.account.role, (Role.SUPERVISOR,)) and not signed.idle and not big
    return {
        "board": wallboard.look(services(), signed.account.id),
        "big": big,
        "open": supervisor,
        "may_listen": supervisor and signed.agent is not None and signed.agent.supervisor,
        "ears": EARS,
        "ears_mine": EARS_MINE,
        "states": STATES,
        "most": BIG if big else wallboard.MOST,
        "chips": CHIPS if big else wallboard.AGENTS,
        "amber": AMBER,
        "long": LONG,
        "short": _short,
        "percent": time_text.percent,
        "span": time_text.span,
    }


def _short(name: str, contact: Contact) -> str:
    """For a wall: the first name, or how the number ends."""
    first = " ".join(name.split()[: 2 if name.startswith("perhaps ") else 1])
    return first or (f"…{phone_numbers.ending(contact.number)}" if contact.number else "Hidden number")
