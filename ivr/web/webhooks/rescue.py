"""What is answered when something of ours failed: whoever is on the line hears words and reaches a person (I9).

Each leg has its own way out. Verbs that Twilio does not take where the leg is (no Dial in a waiting room or for one alone
in a conference) would end the call instead of saving it.
"""

from __future__ import annotations

from collections.abc import Callable

from flask import Response, request

from ivr.domain import phone_numbers
from ivr.domain.telephony_events import CallDirection
from ivr.telephony import fallback, waiting_sound, words
from ivr.telephony.reply import LeaveQueue, Redirect, Reply, render_twiml
from ivr.telephony.urls import OVERRIDES, WebhookUrls
from ivr.usecases.outages import spool
from ivr.usecases.outages.catch_up import OutageFact
from ivr.web.request import field, int_field, library, settings, spoken_phrasebooks

XML = "text/xml; charset=utf-8"
MAX_CALLER_RETRIES = (
    3  # rounds of two seconds for a caller who is not waiting, while another server takes over
)
STEP_ENDPOINT = "voice.step"
RETRIED_ENDPOINTS = frozenset({"voice.answer", "voice.resume", "voice.caller_left", "voice.callback"})
MAX_QUEUE_RETRIES = 2  # rounds of music for one who waits, so that a record that restarts costs them nothing


def twiml_response(reply: Reply | str) -> Response:
    return Response(
        reply if isinstance(reply, str) else render_twiml(reply, library().get_voice), content_type=XML
    )


def rescue_leg(e: Exception) -> Response:
    """The answer to a voice webhook that failed with `e`."""
    endpoint = request.endpoint or ""
    if endpoint == STEP_ENDPOINT and field("queue") == "1":
        return _rescue_queued_caller(e)
    return RESCUE_BY_ENDPOINT.get(endpoint, _rescue_caller)(e)


def parse_outage_fact() -> OutageFact:
    """Who is at the other end of this leg, and which number of ours: for a leg of theirs and for one that we dialed."""
    outbound = words.parse_direction(field("Direction")) is CallDirection.OUTBOUND
    there, here = ("To", "From") if outbound else ("From", "To")
    return OutageFact(
        call=field("CallSid")[:64], customer_number=field(there)[:255], our_number=field(here)[:255]
    )


def fallback_response(*, turn: int = 0) -> Response:
    """The fallback, for the caller of this webhook."""
    config = settings()
    hidden = phone_numbers.parse_caller_number(field("From")) is None
    return twiml_response(
        fallback.dial_next_twiml(
            numbers=config.fallback_numbers,
            base_url=config.public_url,
            turn=turn,
            phrasebooks=spoken_phrasebooks(),
            caller_id=(config.caller_id or phone_numbers.parse_caller_number(field("To")) or "")
            if hidden
            else "",
        )
    )


def redirect_to_fallback() -> Response:
    """For a request too large to be read, so not known to be Twilio's: it is told nothing but where to go."""
    return twiml_response(Reply(verb=Redirect(url=WebhookUrls(settings().public_url).fallback())))


def _rescue_caller(_: Exception) -> Response:
    lost = int_field("lost", 0)
    if settings().uses_sentinel and lost < MAX_CALLER_RETRIES and (url := _retry_url()):
        return twiml_response(Reply(verb=Redirect(url=f"{url}?lost={lost + 1}{OVERRIDES}", pause_seconds=2)))
    spool.record_fallback(settings().spool, parse_outage_fact())
    return fallback_response()


def _retry_url() -> str:
    """Where a caller asks again, before its query, "" when what this webhook told would be lost by it. What they pressed is asked anew."""
    urls = WebhookUrls(settings().public_url)
    if request.endpoint == STEP_ENDPOINT:
        return urls.resume((request.view_args or {})["contact"]).removesuffix(OVERRIDES)
    same = request.endpoint in RETRIED_ENDPOINTS
    return f"{urls.base_url}{request.path}" if same else ""


def _rescue_queued_caller(_: Exception) -> Response:
    """In Twilio's waiting room: music for a moment, then out of it, where the same webhook failing leads to the fallback."""
    lost = int_field("lost", 0)
    if lost >= MAX_QUEUE_RETRIES:
        return twiml_response(Reply(verb=LeaveQueue()))
    urls = WebhookUrls(settings().public_url)
    line = "&queue=1" if field("queue") == "1" else ""
    again = f"{urls.base_url}{request.path}?lost={lost + 1}{line}{OVERRIDES}"
    return twiml_response(Reply(verb=Redirect(url=again, pause_seconds=3, music_url=urls.hold_music())))


def _rescue_agent(_: Exception) -> Response:
    """An agent's leg asks again; the caller's has its own way out."""
    again = settings().public_url + request.full_path.rstrip("?") + OVERRIDES
    return twiml_response(Reply(verb=Redirect(url=again, pause_seconds=3)))


def _rescue_lone_participant(_: Exception) -> Response:
    return twiml_response(waiting_sound.make_reply(WebhookUrls(settings().public_url)))


def _refuse_event(_: Exception) -> Response:
    """An event; nobody listens. Twilio's own retries and the reconciler make up for it."""
    return Response("", status=503)


RESCUE_BY_ENDPOINT: dict[str, Callable[[Exception], Response]] = {
    "voice.wait": _rescue_queued_caller,
    "voice.agent": _rescue_agent,
    "voice.agent_left": _rescue_agent,
    "voice.conference_wait": _rescue_lone_participant,
    "voice.status": _refuse_event,
    "voice.conference_event": _refuse_event,
    "voice.agent_status": _refuse_event,
    "voice.callback_status": _refuse_event,
    "voice.callback_machine": _refuse_event,
    "fallback.recorded": _refuse_event,
}
