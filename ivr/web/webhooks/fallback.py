"""What a caller hears when the line itself is broken. Needs nothing but the settings; any process can serve it (I9)."""

from __future__ import annotations

import structlog
from flask import Blueprint, Response

from ivr.domain.errors import CalorError
from ivr.telephony import fallback
from ivr.telephony.reply import Redirect, Reply
from ivr.usecases.outages import catch_up as outage_catch_up
from ivr.usecases.outages import spool
from ivr.web.request import caller_params, field, int_field, services, settings, spoken_phrasebooks
from ivr.web.webhooks.rescue import fallback_response, twiml_response

log = structlog.get_logger()

routes = Blueprint("fallback", __name__, url_prefix="/voice/fallback")


@routes.post("")
def begin() -> Response:
    log.warning("fallback", code=field("ErrorCode"))
    spool.record_fallback(settings().spool, caller_params())
    return fallback_response()


@routes.post("/next")
def after_dial() -> Response:
    if field("DialBridged") == "true":
        spool.record_talked(settings().spool, caller_params())
        return twiml_response(fallback.goodbye_twiml(spoken_phrasebooks()))
    if (url := _url_if_recovered(field("CallSid"))) is not None:
        return twiml_response(Reply(verb=Redirect(url=url)))
    return fallback_response(turn=max(1, int_field("turn", 1)))


def _url_if_recovered(call: str) -> str | None:
    """What was broken works again, perhaps: the caller goes back to where they were. Twice; then it is something else."""
    try:
        s = services()
        return s.urls.answer() if call and outage_catch_up.count_fallback_return(s, call) <= 2 else None
    except CalorError:
        return None


@routes.post("/confirm")
def confirm() -> Response:
    return twiml_response(
        fallback.confirm_twiml(base_url=settings().public_url, phrasebooks=spoken_phrasebooks())
    )


@routes.post("/confirmed")
def confirmed() -> Response:
    return twiml_response(fallback.confirmed_twiml(digits=field("Digits")))


@routes.post("/thanks")
def thanks() -> Response:
    if field("RecordingUrl"):
        spool.record_message(settings().spool, _recording_params())
    return twiml_response(fallback.thanks_twiml(spoken_phrasebooks()))


@routes.post("/recorded")
def recorded() -> Response:
    """The message is on this disk when Twilio gets its answer; it becomes a promise when the record is there."""
    if field("RecordingStatus") in ("completed", ""):
        spool.record_message(settings().spool, _recording_params())
    return Response("", status=204)


def _recording_params() -> dict[str, str]:
    """A recording's status callback tells neither number; what is known is added to what the other webhook told."""
    told = {name: value for name in ("RecordingSid", "RecordingUrl") if (value := field(name)[:500])}
    return {**caller_params(), **told}
