"""What a caller hears when the line itself is broken. Needs nothing but the settings; any process can serve it (I9)."""

from __future__ import annotations

import structlog
from flask import Blueprint, Response

from ivr.domain.errors import CalorError
from ivr.telephony import fallback
from ivr.telephony.reply import Again, Reply
from ivr.usecases.outages import catch_up as outage_catch_up
from ivr.usecases.outages import spool
from ivr.web.request import caller, field, services, settings, spoken_books, whole
from ivr.web.webhooks.rescue import apologise, twiml

log = structlog.get_logger()

routes = Blueprint("fallback", __name__, url_prefix="/voice/fallback")


@routes.post("")
def begin() -> Response:
    log.warning("fallback", code=field("ErrorCode"))
    spool.fell_back(settings().spool, caller())
    return apologise()


@routes.post("/next")
def after_dial() -> Response:
    if field("DialBridged") == "true":
        spool.talked(settings().spool, caller())
        return twiml(fallback.goodbye(spoken_books()))
    if (url := _line_is_back(field("CallSid"))) is not None:
        return twiml(Reply(then=Again(url=url)))
    return apologise(turn=max(1, whole("turn", 1)))


def _line_is_back(call: str) -> str | None:
    """What was broken works again, perhaps: the caller goes back to where they were. Twice; then it is something else."""
    try:
        s = services()
        return s.urls.answer() if call and outage_catch_up.tries(s, call) <= 2 else None
    except CalorError:
        return None


@routes.post("/confirm")
def confirm() -> Response:
    return twiml(fallback.confirm(base=settings().public_url, books=spoken_books()))


@routes.post("/confirmed")
def confirmed() -> Response:
    return twiml(fallback.confirmed(digits=field("Digits")))


@routes.post("/thanks")
def thanks() -> Response:
    if field("RecordingUrl"):
        spool.message(settings().spool, _told())
    return twiml(fallback.thanks(spoken_books()))


@routes.post("/recorded")
def recorded() -> Response:
    """The message is on this disk when Twilio gets its answer; it becomes a promise when the record is there."""
    if field("RecordingStatus") in ("completed", ""):
        spool.message(settings().spool, _told())
    return Response("", status=204)


def _told() -> dict[str, str]:
    """A recording's status callback tells neither number; what is known is added to what the other webhook told."""
    told = {name: value for name in ("RecordingSid", "RecordingUrl") if (value := field(name)[:500])}
    return {**caller(), **told}
