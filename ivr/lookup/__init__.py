"""The company's own systems, asked about a caller over HTTP: signed, in time, and nowhere but where the settings allow.

    ask(url, told, seconds=, now=)   what it knows
    look(url)                        whether it could be asked, without asking

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
from ivr.domain.rules.lookup import Address, Found, Why, address
from ivr.lookup.answer import read
from ivr.lookup.call import Call, Request
from ivr.settings import Settings

RESOLVING = (
    4  # names at once: one that hangs holds a thread for longer than we wait, and others want theirs resolved
)
LOOK = 5.0  # seconds


class Lookups:
    """One per process; safe to share between threads and greenlets."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._resolving = threading.Semaphore(RESOLVING)

    def ask(self, url: str, told: Mapping[str, str], *, seconds: float, now: float) -> Found:
        """What it says to `told`. `seconds`: for all of it; `now`: epoch seconds, which the signature is of."""
        body = json.dumps(told, separators=(",", ":")).encode()
        stamp = str(int(now))
        secret = self._settings.lookup_secret.get_secret_value()
        request = Request(
            body=body,
            headers={
                "Content-Type": "application/json",
                "Accept": "application/json",
                "Calor-Timestamp": stamp,
                "Calor-Signature": f"sha256={signature(secret, stamp, body)}",
            },
        )
        return read(self._call(url, seconds).post(request))

    def look(self, url: str) -> None:
        self._call(url, LOOK).reach()

    def _call(self, url: str, seconds: float) -> Call:
        at = address(url)
        # a version of a flow may have been checked against an older list
        if at is None or not at.among(self._settings.lookup_hosts):
            raise LookupFailed(
                f"{at.netloc if at else 'This'} is not a host of IVR_LOOKUP_HOSTS.", why=Why.STRANGER
            )
        private = at.among(self._settings.lookup_private)
        if at.scheme != "https" and not private:
            raise LookupFailed(
                f"{at.netloc} is asked without https, and IVR_LOOKUP_PRIVATE does not name it.",
                why=Why.STRANGER,
            )
        return Call(at=at, seconds=seconds, private=private, resolving=self._resolving, tls=self._tls_for(at))

    def _tls_for(self, at: Address) -> ssl.SSLContext | None:
        return self._tls if at.scheme == "https" else None

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        """This machine's authorities, where a company's own one may be among them, and the public ones."""
        tls = ssl.create_default_context()
        tls.load_verify_locations(certifi.where())
        return tls


def signature(secret: str, stamp: str, body: bytes) -> str:
    """Of the time and what was asked, in hexadecimal digits."""
    return hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
