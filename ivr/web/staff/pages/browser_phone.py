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
from ivr.web.staff.session.access import allow, current_user

routes = Blueprint("phone", __name__, url_prefix="/phone")

# What Twilio's SDK needs (README of @twilio/voice-sdk, "Content Security Policy"), but for its scripts: those are ours.
SOUND_SOURCES = "https://media.twiliocdn.com https://sdk.twilio.com"
TWILIO_CSP_SOURCES = {
    "connect-src": f"https://eventgw.twilio.com wss://voice-js.roaming.twilio.com {SOUND_SOURCES}",
    "media-src": f"mediastream: {SOUND_SOURCES}",
}


@dataclass(frozen=True, kw_only=True)
class BrowserPhoneView:
    """`emulator_url`: where the emulator's phone connects to; empty for Twilio's, which knows. `unavailable_reason`: empty when one may be had."""

    agent: Agent | None
    emulator_url: str
    unavailable_reason: str

    @property
    def masked_number(self) -> str:
        """Of their telephone's number."""
        return f"…{phone_numbers.last_digits(self.agent.phone)}" if self.agent else ""

    @property
    def is_in_use(self) -> bool:
        return self.agent is not None and self.agent.uses_browser and not self.unavailable_reason


def get_browser_phone() -> BrowserPhoneView:
    """The phone of whoever looks."""
    api = settings().twilio_api_url
    at = "" if settings().is_real_account else f"ws{api.removeprefix('http')}/client"
    return BrowserPhoneView(
        agent=current_user().agent, emulator_url=at, unavailable_reason=device.why_unavailable(services())
    )


def allow_phone_connections(response: Response) -> Response:
    """A page with a browser phone on it may connect to where its calls come from; any other page may not."""
    phone = get_browser_phone()
    if phone.is_in_use:
        more = {"connect-src": phone.emulator_url} if phone.emulator_url else TWILIO_CSP_SOURCES
        response.headers["Content-Security-Policy"] = headers.make_csp(more)
    return response


@routes.post("/choose")
@allow(Role.AGENT, Role.SUPERVISOR)
def choose_device() -> Answer:
    wanted = request.form.get("answer", "")
    if wanted not in ("browser", "telephone"):
        raise BadRequest
    device.choose_device(
        services(), current_user().account.id, browser=wanted == "browser", actor=current_user().actor
    )
    return redirect("/desk/", code=303)


@routes.post("/token")
@allow(Role.AGENT, Role.SUPERVISOR)
def create_token() -> Response:
    """For a script: {"token"}."""
    return jsonify(token=device.create_token(services(), current_user().account.id))
