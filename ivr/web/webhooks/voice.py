"""Voice webhooks: translate the request, call one use case, render the answer."""

from __future__ import annotations

from flask import Blueprint, Response

from ivr.domain.telephony_events import CallStatus
from ivr.flow.turn import FlowInput
from ivr.services import Services
from ivr.store.queries.contacts import ContactInput
from ivr.telephony import waiting_sound, words
from ivr.telephony.reply import Reply
from ivr.telephony.urls import WebhookUrls
from ivr.usecases.agents import leg as agent_leg
from ivr.usecases.callbacks import connect as callback_connect
from ivr.usecases.callbacks import dial as callback_dial
from ivr.usecases.calls import caller_leg, external_transfer, hold, queue_wait, voicemail
from ivr.usecases.calls import incoming as incoming_call
from ivr.usecases.conferences import events as conference_events
from ivr.web.request import field, idempotency_token, services, settings
from ivr.web.webhooks.rescue import fallback_response, twiml_response

routes = Blueprint("voice", __name__, url_prefix="/voice")


def _parse_incoming_call() -> incoming_call.IncomingCall:
    return incoming_call.IncomingCall(
        call=field("CallSid"),
        from_=field("From"),
        to=field("To"),
        attested=words.is_attested(field("StirVerstat")),
    )


def _parse_input() -> FlowInput:
    return caller_leg.parse_gather(digits=field("Digits"), speech=field("SpeechResult"))


def _parse_call_status() -> CallStatus:
    return words.parse_call_status(field("CallStatus"))


def _is_call_live() -> bool:
    """Also when the webhook does not say. With a word that we do not know it is not."""
    status = field("CallStatus")
    return not status or words.parse_call_status(status).is_live


def _reply_or_begin(services: Services, reply: Reply | None) -> Response:
    """A caller whom the record does not know (it was lost, or never written) begins anew: never an error."""
    return twiml_response(reply) if reply is not None else _begin(services)


def _begin(services: Services) -> Response:
    """A call without a name of its own cannot be remembered from one request to the next: it goes to a person at once."""
    incoming = _parse_incoming_call()
    return twiml_response(incoming_call.answer(services, incoming)) if incoming.call else fallback_response()


@routes.post("/answer")
def answer() -> Response:
    return _begin(services())


@routes.post("/step/<contact>/<int:n>")
def step(contact: str, n: int) -> Response:
    s = services()
    new = ContactInput(
        number=n, flow_input=_parse_input(), at=s.clock.now(), idempotency_token=idempotency_token()
    )
    return _reply_or_begin(s, caller_leg.on_input(s, contact, new, in_waiting_room=field("queue") == "1"))


@routes.post("/wait/<contact>/<int:n>")
def wait(contact: str, n: int) -> Response:
    s = services()
    return _reply_or_begin(s, queue_wait.on_wait_round(s, contact, n, field("Digits"), idempotency_token()))


@routes.post("/resume/<contact>")
def resume(contact: str) -> Response:
    s = services()
    return _reply_or_begin(s, caller_leg.load_and_prompt(s, contact))


@routes.post("/caller-left/<contact>/<int:conference_number>")
def caller_left(contact: str, conference_number: int) -> Response:
    s = services()
    reply = caller_leg.on_conference_left(
        s,
        contact,
        conference_number,
        call_live=_is_call_live(),
        call=field("CallSid"),
        waiting_room_failed=words.is_queue_failure(field("QueueResult")),
    )
    return _reply_or_begin(s, reply)


@routes.post("/recorded/<contact>/<int:n>")
def recorded(contact: str, n: int) -> Response:
    s = services()
    return _reply_or_begin(
        s, voicemail.on_recorded(s, contact, n, field("RecordingUrl"), call_live=_is_call_live())
    )


@routes.post("/external-transfer/<contact>/<int:n>")
def external_transfer_leg(contact: str, n: int) -> Response:
    """Another leg than the caller's: nothing of theirs is told to it."""
    s = services()
    return twiml_response(
        external_transfer.on_screening(s, contact, n, field("Digits"), prompted=field("asked") == "1")
    )


@routes.post("/external-transfer-ended/<contact>/<int:n>")
def external_transfer_ended(contact: str, n: int) -> Response:
    s = services()
    return _reply_or_begin(s, external_transfer.on_dial_ended(s, contact, n, call_live=_is_call_live()))


@routes.post("/status")
def status() -> Response:
    """The numbers' own status callback: a caller's leg has ended."""
    caller_leg.on_call_ended(services(), call=field("CallSid"), status=_parse_call_status())
    return Response("", status=204)


@routes.post("/conference-events/<contact>/<int:conference_number>")
def conference_event(contact: str, conference_number: int) -> Response:
    conference_events.on_event(
        services(),
        contact,
        conference_number,
        event=words.parse_conference_event(field("StatusCallbackEvent")),
        conference_sid=field("ConferenceSid"),
        call=field("CallSid"),
    )
    return Response("", status=204)


@routes.post("/agent/<leg>/<int:turn>")
def agent(leg: str, turn: int) -> Response:
    return twiml_response(agent_leg.on_input(services(), leg, turn, field("CallSid"), _parse_input()))


@routes.post("/agent-left/<leg>/<int:conference_number>")
def agent_left(leg: str, conference_number: int) -> Response:
    return twiml_response(
        agent_leg.on_conference_left(
            services(), leg, conference_number, field("CallSid"), call_live=_is_call_live()
        )
    )


@routes.post("/third-party-ended/<leg>")
def third_party_ended(leg: str) -> Response:
    return twiml_response(
        agent_leg.on_third_party_ended(
            services(), leg, words.parse_call_status(field("DialCallStatus")), field("DialCallDuration")
        )
    )


@routes.post("/agent-status/<leg>")
def agent_status(leg: str) -> Response:
    agent_leg.on_status(services(), leg, field("CallSid"), _parse_call_status())
    return Response("", status=204)


@routes.post("/callback/<promise>/<int:fence>")
def callback(promise: str, fence: int) -> Response:
    return twiml_response(callback_connect.on_answered(services(), promise, fence, field("CallSid")))


@routes.post("/callback-status/<promise>/<int:fence>")
def callback_status(promise: str, fence: int) -> Response:
    callback_dial.on_status(services(), promise, fence, field("CallSid"), _parse_call_status(), field("To"))
    return Response("", status=204)


@routes.post("/callback-machine/<promise>/<int:fence>")
def callback_machine(promise: str, fence: int) -> Response:
    callback_dial.on_machine_detected(
        services(), promise, fence, field("CallSid"), words.parse_answered_by(field("AnsweredBy"))
    )
    return Response("", status=204)


@routes.post("/hold-warning")
def hold_warning() -> Response:
    return twiml_response(hold.prompt_warning(services(), field("language")))


@routes.post("/conference-wait")
def conference_wait() -> Response:
    """What is heard alone in a room. It needs no state."""
    return twiml_response(waiting_sound.make_reply(WebhookUrls(settings().public_url)))
