"""Voice webhooks: translate the request, call one use case, render the answer."""

from __future__ import annotations

from flask import Blueprint, Response

from ivr.flow.turn import Heard
from ivr.services import Services
from ivr.store.queries.contacts import Input
from ivr.telephony import waiting_sound
from ivr.telephony.reply import Reply
from ivr.telephony.urls import Urls
from ivr.usecases.agents import leg as agent_leg
from ivr.usecases.callbacks import connect as callback_connect
from ivr.usecases.callbacks import dial as callback_dial
from ivr.usecases.calls import caller_leg, external_transfer, hold, queue_wait, voicemail
from ivr.usecases.calls import incoming as incoming_call
from ivr.usecases.conferences import events as conference_events
from ivr.web.request import field, services, settings, token
from ivr.web.webhooks.rescue import apologise, twiml

routes = Blueprint("voice", __name__, url_prefix="/voice")

LIVE = frozenset({"queued", "initiated", "ringing", "in-progress", ""})


def _incoming() -> incoming_call.Incoming:
    return incoming_call.Incoming(
        call=field("CallSid"), from_=field("From"), to=field("To"), stir=field("StirVerstat")
    )


def _heard() -> Heard:
    return caller_leg.heard(digits=field("Digits"), speech=field("SpeechResult"))


def _live() -> bool:
    return field("CallStatus") in LIVE


def _known(s: Services, reply: Reply | None) -> Response:
    """A caller whom the record does not know (it was lost, or never written) begins anew: never an error."""
    return twiml(reply) if reply is not None else _begin(s)


def _begin(s: Services) -> Response:
    """A call without a name of its own cannot be remembered from one request to the next: it goes to a person at once."""
    incoming = _incoming()
    return twiml(incoming_call.answer(s, incoming)) if incoming.call else apologise()


@routes.post("/answer")
def answered() -> Response:
    return _begin(services())


@routes.post("/step/<contact>/<int:n>")
def step(contact: str, n: int) -> Response:
    s = services()
    new = Input(n=n, heard=_heard(), at=s.clock.now(), token=token())
    return _known(s, caller_leg.step(s, contact, new, in_line=field("queue") == "1"))


@routes.post("/wait/<contact>/<int:n>")
def wait(contact: str, n: int) -> Response:
    s = services()
    return _known(s, queue_wait.wait(s, contact, n, field("Digits"), token()))


@routes.post("/resume/<contact>")
def here(contact: str) -> Response:
    s = services()
    return _known(s, caller_leg.where(s, contact))


@routes.post("/caller-left/<contact>/<int:stage>")
def left(contact: str, stage: int) -> Response:
    s = services()
    reply = caller_leg.left(
        s, contact, stage, live=_live(), call=field("CallSid"), result=field("QueueResult")
    )
    return _known(s, reply)


@routes.post("/recorded/<contact>/<int:n>")
def recorded(contact: str, n: int) -> Response:
    s = services()
    return _known(s, voicemail.recorded(s, contact, n, field("RecordingUrl"), live=_live()))


@routes.post("/external-transfer/<contact>/<int:n>")
def outside_leg(contact: str, n: int) -> Response:
    """Another leg than the caller's: nothing of theirs is told to it."""
    s = services()
    return twiml(external_transfer.screen(s, contact, n, field("Digits"), asked=field("asked") == "1"))


@routes.post("/external-transfer-ended/<contact>/<int:n>")
def came_back(contact: str, n: int) -> Response:
    s = services()
    return _known(s, external_transfer.came_back(s, contact, n, live=_live()))


@routes.post("/status")
def status() -> Response:
    """The numbers' own status callback: a caller's leg has ended."""
    caller_leg.ended(services(), call=field("CallSid"), status=field("CallStatus"))
    return Response("", status=204)


@routes.post("/conference-events/<contact>/<int:stage>")
def room_events(contact: str, stage: int) -> Response:
    conference_events.event(
        services(),
        contact,
        stage,
        event=field("StatusCallbackEvent"),
        conference=field("ConferenceSid"),
        call=field("CallSid"),
    )
    return Response("", status=204)


@routes.post("/agent/<offer>/<int:turn>")
def agent(offer: str, turn: int) -> Response:
    return twiml(agent_leg.step(services(), offer, turn, field("CallSid"), _heard()))


@routes.post("/agent-left/<offer>/<int:stage>")
def agent_left(offer: str, stage: int) -> Response:
    return twiml(agent_leg.left(services(), offer, stage, field("CallSid"), live=_live()))


@routes.post("/third-party-ended/<offer>")
def third_over(offer: str) -> Response:
    return twiml(agent_leg.third_over(services(), offer, field("DialCallStatus"), field("DialCallDuration")))


@routes.post("/agent-status/<offer>")
def agent_status(offer: str) -> Response:
    agent_leg.status(services(), offer, field("CallSid"), field("CallStatus"))
    return Response("", status=204)


@routes.post("/callback/<promise>/<int:fence>")
def callback(promise: str, fence: int) -> Response:
    return twiml(callback_connect.answered(services(), promise, fence, field("CallSid")))


@routes.post("/callback-status/<promise>/<int:fence>")
def callback_status(promise: str, fence: int) -> Response:
    callback_dial.status(services(), promise, fence, field("CallSid"), field("CallStatus"), field("To"))
    return Response("", status=204)


@routes.post("/callback-machine/<promise>/<int:fence>")
def callback_machine(promise: str, fence: int) -> Response:
    callback_dial.machine(services(), promise, fence, field("CallSid"), field("AnsweredBy"))
    return Response("", status=204)


@routes.post("/hold-warning")
def held_warning() -> Response:
    return twiml(hold.warning(services(), field("language")))


@routes.post("/conference-wait")
def alone() -> Response:
    """What is heard alone in a room. It needs no state."""
    return twiml(waiting_sound.alone(Urls(settings().public_url)))
