"""The phone in the browser: who has one, the token that opens it, and what its page may connect to."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Response, jsonify, request
from werkzeug.exceptions import BadRequest
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as Answer

from ivr.domain import phone_numbers
from ivr.domain.records.account import Role
from ivr.domain.records.agent import Agent
from ivr.usecases.agents import device
from ivr.web.request import services, settings
from ivr.web.staff import headers
from ivr.web.staff.session.access import allow, me

routes = Blueprint("phone", __name__, url_prefix="/phone")

# What Twilio's SDK needs (README of @twilio/voice-sdk, "Content Security Policy"), but for its scripts: those are ours.
SOUNDS = "https://media.twiliocdn.com https://sdk.twilio.com"
FOR_TWILIO = {
    "connect-src": f"https://eventgw.twilio.com wss://voice-js.roaming.twilio.com {SOUNDS}",
    "media-src": f"mediastream: {SOUNDS}",
}


@dataclass(frozen=True, kw_only=True)
class Here:
    """`at`: where the emulator's phone connects to; empty for Twilio's, which knows. `why_not`: empty when one may be had."""

    agent: Agent | None
    at: str
    why_not: str

    @property
    def ending(self) -> str:
        """Of their telephone's number."""
        return f"…{phone_numbers.ending(self.agent.phone)}" if self.agent else ""

    @property
    def on(self) -> bool:
        return self.agent is not None and self.agent.browser and not self.why_not


def here() -> Here:
    """The phone of whoever looks."""
    api = settings().twilio_api_url
    at = "" if settings().real_account else f"ws{api.removeprefix('http')}/client"
    return Here(agent=me().agent, at=at, why_not=device.why_not(services()))


def let_in(response: Response) -> Response:
    """A page with a browser phone on it may connect to where its calls come from; any other page may not."""
    phone = here()
    if phone.on:
        more = {"connect-src": phone.at} if phone.at else FOR_TWILIO
        response.headers["Content-Security-Policy"] = headers.policy(more)
    return response


@routes.post("/choose")
@allow(Role.AGENT, Role.SUPERVISOR)
def choose() -> Answer:
    wanted = request.form.get("answer", "")
    if wanted not in ("browser", "telephone"):
        raise BadRequest
    device.choose(services(), me().account.id, browser=wanted == "browser", by=me().by)
    return redirect("/desk/", code=303)


@routes.post("/token")
@allow(Role.AGENT, Role.SUPERVISOR)
def token() -> Response:
    """For a script: {"token"}."""
    return jsonify(token=device.token(services(), me().account.id))
