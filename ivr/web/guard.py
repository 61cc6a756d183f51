"""Before and around every webhook: is it Twilio's, and if anything of ours fails, does the caller still reach a person?"""

from __future__ import annotations

import structlog
from flask import Flask, Response, current_app, request
from prometheus_client import Counter
from werkzeug.exceptions import HTTPException

from ivr.domain.errors import CalorError
from ivr.services import Services
from ivr.settings import Settings
from ivr.telephony import fallback
from ivr.telephony.reply import Again, Reply, render
from ivr.telephony.signature import SIGNATURE_HEADER, SIGNATURE_SETTINGS_HEADER, Signatures

log = structlog.get_logger()

REFUSED = Counter("calor_webhooks_refused", "Webhooks that were not Twilio's", ["why"])
FAILED = Counter("calor_webhooks_failed", "Webhooks answered by the fallback", ["endpoint"])
XML = "text/xml; charset=utf-8"
LONGEST = 4096  # characters of one parameter; Twilio's longest, SpeechResult, is far below


def services() -> Services:
    """Raises Unavailable while the record cannot be reached and never could."""
    made: Services = current_app.extensions["services"]()
    return made


def settings() -> Settings:
    found: Settings = current_app.extensions["settings"]
    return found


def field(name: str) -> str:
    """A parameter of the webhook, never longer than anything Twilio sends."""
    return (request.form.get(name) or request.args.get(name) or "")[:LONGEST]


def twiml(reply: Reply | str) -> Response:
    return Response(reply if isinstance(reply, str) else render(reply), content_type=XML)


def guard(app: Flask) -> None:
    config: Settings = app.extensions["settings"]
    signatures = Signatures(
        public_url=config.public_url, auth_token=config.twilio_auth_token.get_secret_value()
    )

    @app.before_request
    def only_twilio() -> Response | None:
        if not request.path.startswith(("/voice/", "/texts/")):
            return None
        signature = request.headers.get(SIGNATURE_HEADER, "")
        # as it was requested, still percent-encoded: what Twilio signed
        target = request.environ.get("RAW_URI") or request.full_path.rstrip("?")
        body = b"" if request.form or request.method == "GET" else request.get_data()
        real = bool(signature) and signatures.check(
            target,
            signature=signature,
            form=request.form.items(multi=True),
            body=body,
            settings_header=request.headers.get(SIGNATURE_SETTINGS_HEADER, ""),
        )
        if real:
            return None
        why = "wrong" if signature else "unsigned"
        REFUSED.labels(why).inc()
        log.warning("webhook_refused", why=why, endpoint=request.endpoint or "")
        return Response(
            "This address answers only webhooks that Twilio has signed. If Twilio sent this, PUBLIC_URL or"
            " TWILIO_AUTH_TOKEN is not what Twilio uses.\n",
            status=403,
            content_type="text/plain; charset=utf-8",
        )

    @app.errorhandler(Exception)
    def still_a_person(e: Exception) -> Response | HTTPException:
        """Whatever failed, a caller hears words and reaches a person (I9). The failure is logged and counted, not hidden."""
        voice = request.path.startswith("/voice/")
        if isinstance(e, HTTPException) and (not voice or ((e.code or 500) < 500 and e.code != 413)):
            return e
        FAILED.labels(request.endpoint or "").inc()
        if isinstance(e, CalorError):
            log.error("webhook_failed", endpoint=request.endpoint or "", why=str(e))
        else:
            log.error("webhook_failed", endpoint=request.endpoint or "", exc_info=e)
        if not voice:
            return Response("The line cannot do this just now.\n", status=503, content_type="text/plain")
        if request.endpoint and request.endpoint.endswith(("status", "events", "machine")):
            return Response(
                "", status=503
            )  # nobody listens; Twilio's own retries and the reconciler make up for it
        if request.path.startswith("/voice/agent"):
            here = config.public_url + request.full_path.rstrip("?")
            return twiml(
                render(Reply(then=Again(url=here, seconds=3)))
            )  # the caller's leg has its own way out
        return twiml(fallback.apologise(numbers=config.fallback_numbers, base=config.public_url))
