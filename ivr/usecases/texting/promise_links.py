"""The link in a text: who holds the telephone that it was sent to may change that one promise, without a name or a password.

It names the promise and nothing else. It is signed together with the number that it was sent to, so that it leads nowhere once
the promise is neither rung there nor owed to that number.
"""

from __future__ import annotations

import re

from itsdangerous import Signer

from ivr.domain.records.promise import ENDED, Promise
from ivr.services import Services

KEPT_FOR = 7 * 86400.0  # seconds after its end in which the page still says what became of it
_TOKEN = re.compile(r"([a-z0-9]{4,20})\.([A-Za-z0-9_-]{27})")


def token(s: Services, promise: Promise, number: str) -> str:
    return f"{promise.id}.{_signature(s, promise.id, number)}"


def link(s: Services, promise: Promise, number: str) -> str:
    """For a text to this number."""
    return s.urls.page(token(s, promise, number))


def follow(s: Services, text: str) -> Promise | None:
    """The promise that a link leads to; None when it is forged, or of no use any more. Raises Unavailable."""
    found = _TOKEN.fullmatch(text)
    promise = s.store.get(Promise, found[1]) if found else None
    if found is None or promise is None:
        return None
    holders = sorted({promise.number, promise.customer} - {""})
    signed = any(_signer(s).verify_signature(_signed(promise.id, n), found[2]) for n in holders)
    over = promise.state in ENDED and s.clock.now() > promise.ended + KEPT_FOR
    return promise if signed and not over else None


def _signature(s: Services, promise: str, number: str) -> str:
    return _signer(s).get_signature(_signed(promise, number)).decode()


def _signed(promise: str, number: str) -> bytes:
    return f"{promise} {number}".encode()


def _signer(s: Services) -> Signer:
    return Signer(s.settings.signing_key, salt="the page of a promise")
