"""What is answered when something of ours failed: whoever is on the line hears words and reaches a person (I9).

Each leg has its own way out. Verbs that Twilio does not take where the leg is (no Dial in a waiting room or for one alone
in a conference) would end the call instead of saving it.
"""

from __future__ import annotations

from collections.abc import Callable

from flask import Response, request

from ivr.domain import phone_numbers
from ivr.telephony import fallback, waiting_sound
from ivr.telephony.reply import Again, LeaveLine, Reply, render
from ivr.telephony.urls import OVERRIDES, Urls
from ivr.usecases.outages import spool
from ivr.web.request import caller, field, library, settings, spoken_books, whole

XML = "text/xml; charset=utf-8"
MOMENTS = 3  # rounds of two seconds for a caller who is not waiting, while another server takes over
PATIENCE = 2  # rounds of music for one who waits, so that a record that restarts costs them nothing


def twiml(reply: Reply | str) -> Response:
    return Response(reply if isinstance(reply, str) else render(reply, library().voice), content_type=XML)


def rescue(e: Exception) -> Response:
    """The answer to a voice webhook that failed with `e`."""
    endpoint = request.endpoint or ""
    if endpoint == "voice.step" and field("line") == "1":
        return _waiting(e)
    return _HOW.get(endpoint, _caller)(e)


def apologise(*, turn: int = 0) -> Response:
    """The fallback, for the caller of this webhook."""
    config = settings()
    hidden = phone_numbers.caller_number(field("From")) is None
    return twiml(
        fallback.apologise(
            numbers=config.fallback_numbers,
            base=config.public_url,
            turn=turn,
            books=spoken_books(),
            caller_id=(config.caller_id or phone_numbers.caller_number(field("To")) or "") if hidden else "",
        )
    )


def to_fallback() -> Response:
    """For a request too large to be read, so not known to be Twilio's: it is told nothing but where to go."""
    return twiml(Reply(then=Again(url=Urls(settings().public_url).fallback())))


def _caller(_: Exception) -> Response:
    lost = whole("lost", 0)
    if settings().fails_over and lost < MOMENTS and (url := _again()):
        return twiml(Reply(then=Again(url=f"{url}?lost={lost + 1}{OVERRIDES}", seconds=2)))
    spool.fell_back(settings().spool, caller())
    return apologise()


def _again() -> str:
    """Where a caller asks again, before its query, "" when what this webhook told would be lost by it. What they pressed is asked anew."""
    urls = Urls(settings().public_url)
    if request.endpoint == "voice.step":
        return urls.here((request.view_args or {})["contact"]).removesuffix(OVERRIDES)
    same = request.endpoint in ("voice.answered", "voice.here", "voice.left", "voice.callback")
    return f"{urls.base}{request.path}" if same else ""


def _waiting(_: Exception) -> Response:
    """In Twilio's waiting room: music for a moment, then out of it, where the same webhook failing leads to the fallback."""
    lost = whole("lost", 0)
    if lost >= PATIENCE:
        return twiml(Reply(then=LeaveLine()))
    urls = Urls(settings().public_url)
    line = "&queue=1" if field("queue") == "1" else ""
    again = f"{urls.base}{request.path}?lost={lost + 1}{line}{OVERRIDES}"
    return twiml(Reply(then=Again(url=again, seconds=3, music=urls.music())))


def _agent(_: Exception) -> Response:
    """An agent's leg asks again; the caller's has its own way out."""
    again = settings().public_url + request.full_path.rstrip("?") + OVERRIDES
    return twiml(Reply(then=Again(url=again, seconds=3)))


def _alone(_: Exception) -> Response:
    return twiml(waiting_sound.alone(Urls(settings().public_url)))


def _nobody(_: Exception) -> Response:
    """An event; nobody listens. Twilio's own retries and the reconciler make up for it."""
    return Response("", status=503)


_HOW: dict[str, Callable[[Exception], Response]] = {
    "voice.wait": _waiting,
    "voice.agent": _agent,
    "voice.agent_left": _agent,
    "voice.alone": _alone,
    "voice.status": _nobody,
    "voice.room_events": _nobody,
    "voice.agent_status": _nobody,
    "voice.callback_status": _nobody,
    "voice.callback_machine": _nobody,
    "fallback.recorded": _nobody,
}
