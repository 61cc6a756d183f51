"""Text webhooks."""

from __future__ import annotations

from flask import Blueprint, Response
from twilio.twiml.messaging_response import MessagingResponse

from ivr.usecases import messages
from ivr.web.request import field, services
from ivr.web.rescue import twiml

routes = Blueprint("texts", __name__, url_prefix="/texts")


@routes.post("/incoming")
def incoming() -> Response:
    answer = messages.receive(
        services(), from_=field("From"), to=field("To"), body=field("Body"), sid=field("MessageSid")
    )
    response = MessagingResponse()
    if answer:
        response.message(answer)
    return twiml(str(response))


@routes.post("/status/<text>")
def status(text: str) -> Response:
    messages.delivered(services(), text, field("MessageStatus"), field("ErrorCode"))
    return Response("", status=204)
