"""Text webhooks."""

from __future__ import annotations

from flask import Blueprint, Response
from twilio.twiml.messaging_response import MessagingResponse

from ivr.telephony import words
from ivr.usecases.incoming_texts import actions as incoming_texts
from ivr.usecases.texting import send as texting_send
from ivr.web.request import field, int_field, services
from ivr.web.webhooks.rescue import twiml_response

routes = Blueprint("texts", __name__, url_prefix="/texts")

MAX_MEDIA = 10  # https://www.twilio.com/docs/messaging/api/media-resource


@routes.post("/incoming")
def incoming() -> Response:
    answer = incoming_texts.receive_text(
        services(),
        from_=field("From"),
        to=field("To"),
        body=field("Body"),
        sid=field("MessageSid"),
        media=_list_media_urls(),
    )
    response = MessagingResponse()
    if answer:
        response.message(answer)
    return twiml_response(str(response))


def _list_media_urls() -> list[str]:
    """Where its pictures are. A gap in the numbering is none of them."""
    found = [field(f"MediaUrl{n}") for n in range(min(MAX_MEDIA, int_field("NumMedia", 0)))]
    return [url for url in found if url]


@routes.post("/status/<text>")
def status(text: str) -> Response:
    texting_send.on_delivery_status(
        services(), text, takes_no_texts=words.takes_no_texts(field("MessageStatus"), field("ErrorCode"))
    )
    return Response("", status=204)
