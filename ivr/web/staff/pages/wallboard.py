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
from ivr.domain.records.account import Role, is_allowed
from ivr.domain.records.agent import AgentState
from ivr.domain.records.agent_leg import MonitoringMode
from ivr.domain.records.contact import Contact
from ivr.usecases.agents import monitoring
from ivr.usecases.desk import wallboard
from ivr.web.request import services
from ivr.web.staff import time_text
from ivr.web.staff.session.access import allow, current_user, is_background

routes = Blueprint("wallboard", __name__, url_prefix="/wallboard")

MODE_LABELS = {
    MonitoringMode.MONITOR: "listens",
    MonitoringMode.WHISPER: "whispers to the agent",
    MonitoringMode.BARGE: "speaks to both",
}
OWN_MODE_LABELS = {
    MonitoringMode.MONITOR: "You listen",
    MonitoringMode.WHISPER: "You whisper to the agent",
    MonitoringMode.BARGE: "You speak to both",
}
STATE_LABELS = {
    AgentState.AVAILABLE: "Free",
    AgentState.RESERVED: "Being asked",
    AgentState.ON_CALL: "Talking",
    AgentState.WRAP_UP: "Writing up",
    AgentState.AWAY: "Away",
}
AMBER_SECONDS, LONG_WAIT_SECONDS = 20, 60  # seconds of waiting, as a colour; on hold as on the desk
MAX_ROWS_FULL_SCREEN, MAX_AGENTS_FULL_SCREEN = (
    8,
    5,
)  # rows of a list, and agents of one state, that a wall holds


@routes.get("/")
@allow(Role.SUPERVISOR, Role.OPS, unattended=True)
def show() -> str:
    return render_template("staff/wallboard/page.html", **_page_context())


@routes.get("/now")
@allow(Role.SUPERVISOR, Role.OPS, unattended=True)
def show_content() -> str:
    return render_template("staff/wallboard/_now.html", **_page_context())


@routes.post("/listen/<contact>/<mode>")
@allow(Role.SUPERVISOR)
def start_monitoring(contact: str, mode: str) -> Answer:
    """Rings the supervisor's own phone; in a talk already, it changes what they are in it."""
    wanted = _parse_mode(mode)
    s, who = services(), current_user()
    if monitoring.get_monitored_contact(s, who.account.id) == contact:
        monitoring.change_mode(s, who.account.id, wanted, actor=who.actor)
    else:
        monitoring.start(s, who.account.id, contact, wanted, actor=who.actor)
    return _done_response()


@routes.post("/stop")
@allow(Role.SUPERVISOR)
def stop_monitoring() -> Answer:
    monitoring.stop(services(), current_user().account.id, actor=current_user().actor)
    return _done_response()


def _done_response() -> Answer:
    return Response(status=204) if is_background() else redirect("/wallboard/", code=303)


def _parse_mode(text: str) -> MonitoringMode:
    if text not in set(MonitoringMode) or not text:
        raise NotFound
    return MonitoringMode(text)


def _page_context() -> dict[str, object]:
    signed, big = current_user(), "big" in request.args
    supervisor = is_allowed(signed.account.role, (Role.SUPERVISOR,)) and not signed.idle and not big
    return {
        "board": wallboard.get_wallboard(services(), signed.account.id),
        "big": big,
        "open": supervisor,
        "may_listen": supervisor and signed.agent is not None and signed.agent.supervisor,
        "ears": MODE_LABELS,
        "ears_mine": OWN_MODE_LABELS,
        "states": STATE_LABELS,
        "most": MAX_ROWS_FULL_SCREEN if big else wallboard.MAX_PER_LIST,
        "chips": MAX_AGENTS_FULL_SCREEN if big else wallboard.MAX_AGENTS,
        "amber": AMBER_SECONDS,
        "long": LONG_WAIT_SECONDS,
        "short": _short_name,
        "percent": time_text.format_percent,
        "span": time_text.format_duration,
    }


def _short_name(name: str, contact: Contact) -> str:
    """For a wall: the first name, or how the number ends."""
    first = " ".join(name.split()[: 2 if name.startswith("perhaps ") else 1])
    return first or (
        f"…{phone_numbers.last_digits(contact.caller.number)}" if contact.caller.number else "Hidden number"
    )
