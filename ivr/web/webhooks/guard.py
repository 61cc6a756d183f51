"""Before and around every webhook: is it Twilio's, and if anything of ours fails, does the caller still reach a person?"""

from __future__ import annotations

from urllib.parse import urlsplit

import structlog
from flask import Flask, Response, g, request
from prometheus_client import Counter
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from werkzeug.wrappers import Response as Answer

from ivr.domain.errors import CalorError
from ivr.settings import Settings
from ivr.telephony.signature import SIGNATURE_HEADER, SIGNATURE_SETTINGS_HEADER, SignatureValidator
from ivr.web import staff
from ivr.web.request import is_https
from ivr.web.staff import errors
from ivr.web.webhooks.rescue import redirect_to_fallback, rescue_leg

log = structlog.get_logger()

REFUSED_WEBHOOKS = Counter("calor_webhooks_refused", "Webhooks that were not Twilio's", ["why"])
FAILED_WEBHOOKS = Counter("calor_webhooks_failed", "Webhooks answered by the fallback", ["endpoint"])

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'",
}


def install_guard(app: Flask) -> None:
    config: Settings = app.extensions["settings"]
    signatures = SignatureValidator(
        public_url=config.public_url, auth_token=config.twilio_auth_token.get_secret_value()
    )

    @app.before_request
    def only_twilio() -> Response | None:
        if not request.path.startswith(("/voice", "/texts")):
            return None
        if _has_valid_signature(signatures):
            g.twilios = True
            return None
        why = "wrong" if SIGNATURE_HEADER in request.headers else "unsigned"
        REFUSED_WEBHOOKS.labels(why).inc()
        log.warning("webhook_refused", why=why, endpoint=request.endpoint or "")
        return Response(
            "This address answers only webhooks that Twilio has signed. If Twilio sent this, PUBLIC_URL or"
            " TWILIO_AUTH_TOKEN is not what Twilio uses.\n",
            status=403,
            content_type="text/plain; charset=utf-8",
        )

    app.register_error_handler(Exception, _on_error)
    app.after_request(_add_headers)


def _has_valid_signature(signatures: SignatureValidator) -> bool:
    """Raises RequestEntityTooLarge."""
    # as it was requested, still percent-encoded: what Twilio signed
    target = request.environ.get("RAW_URI") or request.full_path.rstrip("?")
    if not target.startswith("/"):  # some proxies ask for the whole address
        parts = urlsplit(target)
        target = parts.path + ("?" + parts.query if parts.query else "")
    form = list(request.form.items(multi=True))
    return signatures.is_valid(
        target,
        signature=request.headers.get(SIGNATURE_HEADER, ""),
        form=form,
        body=b"" if form or request.method == "GET" else request.get_data(),
        settings_header=request.headers.get(SIGNATURE_SETTINGS_HEADER, ""),
    )


def _on_error(e: Exception) -> Answer | HTTPException:
    """Whatever failed, a caller hears words and reaches a person (I9). The failure is logged and counted, not hidden."""
    if staff.is_staff_request():
        return errors.error_response(e)
    voice = request.path.startswith("/voice")
    if voice and isinstance(e, RequestEntityTooLarge) and not g.get("twilios"):
        REFUSED_WEBHOOKS.labels("too large").inc()
        return redirect_to_fallback()
    if isinstance(e, HTTPException) and (e.code or 500) < 500 and not (voice and g.get("twilios")):
        return errors.error_response(e) if request.endpoint is None and errors.wants_html() else e
    endpoint = request.endpoint or ""
    FAILED_WEBHOOKS.labels(endpoint).inc()
    if isinstance(e, CalorError | HTTPException):
        log.error("webhook_failed", endpoint=endpoint, why=str(e))
    else:
        log.error("webhook_failed", endpoint=endpoint, exc_info=e)
    if voice:
        return rescue_leg(e)
    return Response("The line cannot do this just now.\n", status=503, content_type="text/plain")


def _add_headers(response: Response) -> Response:
    if is_https():
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.endpoint != "static":  # what a caller pressed or an agent reads is nobody else's to keep
        response.headers.setdefault("Cache-Control", "no-store")
    return response
