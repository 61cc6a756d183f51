"""What a caller hears when the line itself is broken. Needs nothing but the settings; any process can serve it (I9)."""

from __future__ import annotations

from flask import Blueprint, Response, request

from ivr.telephony import fallback
from ivr.usecases import spool
from ivr.web.guard import field, settings, twiml

routes = Blueprint("fallback", __name__, url_prefix="/voice/fallback")


@routes.post("")
def begin() -> Response:
    config = settings()
    return twiml(fallback.apologise(numbers=config.fallback_numbers, base=config.public_url))


@routes.post("/next")
def after_dial() -> Response:
    config = settings()
    turn = field("turn")
    return twiml(
        fallback.after_dial(
            numbers=config.fallback_numbers,
            base=config.public_url,
            turn=int(turn) if turn.isdigit() else 1,
            bridged=field("DialBridged") == "true",
        )
    )


@routes.post("/confirm")
def confirm() -> Response:
    return twiml(fallback.confirm(base=settings().public_url))


@routes.post("/confirmed")
def confirmed() -> Response:
    return twiml(fallback.confirmed(digits=field("Digits")))


@routes.post("/thanks")
def thanks() -> Response:
    if field("RecordingUrl"):
        spool.keep(settings().spool, _told())
    return twiml(fallback.thanks())


@routes.post("/recorded")
def recorded() -> Response:
    """The message is on this disk when Twilio gets its answer; it becomes a promise when the record is there."""
    if field("RecordingStatus") in ("completed", ""):
        spool.keep(settings().spool, _told())
    return Response("", status=204)


def _told() -> dict[str, str]:
    names = ("RecordingSid", "RecordingUrl", "CallSid", "From", "To", "RecordingDuration")
    return {name: value for name in names if (value := request.form.get(name, "")[:500])}
