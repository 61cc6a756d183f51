"""What a caller hears when the line itself is broken. Needs nothing but the settings; any process can serve it (I9)."""

from __future__ import annotations

from dataclasses import replace

import structlog
from flask import Blueprint, Response

from ivr.domain.errors import CalorError
from ivr.domain.telephony_events import RecordingStatus
from ivr.telephony import fallback, words
from ivr.telephony.reply import Redirect, Reply
from ivr.usecases.outages import catch_up as outage_catch_up
from ivr.usecases.outages import spool
from ivr.usecases.outages.catch_up import OutageFact
from ivr.web.request import field, int_field, services, settings, spoken_phrasebooks
from ivr.web.webhooks.rescue import fallback_response, parse_outage_fact, twiml_response

log = structlog.get_logger()

routes = Blueprint("fallback", __name__, url_prefix="/voice/fallback")


@routes.post("")
def begin() -> Response:
    log.warning("fallback", code=field("ErrorCode"))
    spool.record_fallback(settings().spool, parse_outage_fact())
    return fallback_response()


@routes.post("/next")
def after_dial() -> Response:
    if field("DialBridged") == "true":
        spool.record_talked(settings().spool, parse_outage_fact())
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
        spool.record_message(settings().spool, _parse_message())
    return twiml_response(fallback.thanks_twiml(spoken_phrasebooks()))


@routes.post("/recorded")
def recorded() -> Response:
    """The message is on this disk when Twilio gets its answer; it becomes a promise when the record is there."""
    status = field("RecordingStatus")
    if not status or words.parse_recording_status(status) is RecordingStatus.READY:
        spool.record_message(settings().spool, _parse_message())
    return Response("", status=204)


def _parse_message() -> OutageFact:
    """A recording's status callback tells neither number; what is known is added to what the other webhook told."""
    return replace(
        parse_outage_fact(),
        recording_sid=field("RecordingSid")[:500],
        recording_url=field("RecordingUrl")[:500],
    )
