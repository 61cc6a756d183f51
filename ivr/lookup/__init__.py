"""The company's own systems, asked about a caller over HTTP: signed, in time, and nowhere but where the settings allow.

    ask(url, question, timeout_seconds=, now=)   what it knows
    check_reachable(url)                         whether it could be asked, without asking

Both raise LookupFailed. `docs/operations.md` says how the other side tells that it is us.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import ssl
import threading
from collections.abc import Mapping
from functools import cached_property

import certifi

from ivr.domain.errors import LookupFailed
from ivr.domain.rules.lookup import LookupAnswer, LookupFailure, LookupUrl, parse_url
from ivr.lookup.answer import parse_answer
from ivr.lookup.call import LookupCall, LookupRequest
from ivr.settings import Settings

MAX_CONCURRENT_RESOLVES = (
    4  # names at once: one that hangs holds a thread for longer than we wait, and others want theirs resolved
)
CHECK_TIMEOUT_SECONDS = 5.0  # seconds


class LookupClient:
    """One per process; safe to share between threads and greenlets."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._resolve_slots = threading.Semaphore(MAX_CONCURRENT_RESOLVES)

    def ask(
        self, url: str, question: Mapping[str, str], *, timeout_seconds: float, now: float
    ) -> LookupAnswer:
        """What it says to `question`. `timeout_seconds`: for all of it; `now`: epoch seconds, which the signature is of."""
        body = json.dumps(question, separators=(",", ":")).encode()
        stamp = str(int(now))
        secret = self._settings.lookup_secret.get_secret_value()
        request = LookupRequest(
            body=body,
            headers={
                "Content-Type": "application/json",
                "Accept": "application/json",
                "Calor-Timestamp": stamp,
                "Calor-Signature": f"sha256={sign(secret, stamp, body)}",
            },
        )
        return parse_answer(self._make_call(url, timeout_seconds).post(request))

    def check_reachable(self, url: str) -> None:
        self._make_call(url, CHECK_TIMEOUT_SECONDS).check_connection()

    def _make_call(self, url: str, timeout_seconds: float) -> LookupCall:
        at = parse_url(url)
        # a version of a flow may have been checked against an older list
        if at is None or not at.is_in(self._settings.lookup_hosts):
            raise LookupFailed(
                f"{at.netloc if at else 'This'} is not a host of IVR_LOOKUP_HOSTS.",
                cause=LookupFailure.HOST_NOT_LISTED,
            )
        private = at.is_in(self._settings.lookup_private)
        if at.scheme != "https" and not private:
            raise LookupFailed(
                f"{at.netloc} is asked without https, and IVR_LOOKUP_PRIVATE does not name it.",
                cause=LookupFailure.HOST_NOT_LISTED,
            )
        return LookupCall(
            url=at,
            timeout_seconds=timeout_seconds,
            private=private,
            resolve_slots=self._resolve_slots,
            tls=self._get_tls_for(at),
        )

    def _get_tls_for(self, url: LookupUrl) -> ssl.SSLContext | None:
        return self._tls_context if url.scheme == "https" else None

    @cached_property
    def _tls_context(self) -> ssl.SSLContext:
        """This machine's authorities, where a company's own one may be among them, and the public ones."""
        tls = ssl.create_default_context()
        tls.load_verify_locations(certifi.where())
        return tls


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """Of the time and what was asked, in hexadecimal digits."""
    return hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()
