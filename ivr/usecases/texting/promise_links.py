"""The link in a text: who holds the telephone that it was sent to may change that one promise, without a name or a password.

It names the promise and nothing else. It is signed together with the number that it was sent to, so that it leads nowhere once
the promise is neither rung there nor owed to that number.
"""

from __future__ import annotations

import re

from itsdangerous import Signer

from ivr.domain.records.promise import ENDED, Promise
from ivr.services import Services

VALID_AFTER_END_SECONDS = 7 * 86400.0  # seconds after its end in which the page still says what became of it
_TOKEN = re.compile(r"([a-z0-9]{4,20})\.([A-Za-z0-9_-]{27})")


def create_token(services: Services, promise: Promise, number: str) -> str:
    return f"{promise.id}.{_signature(services, promise.id, number)}"


def create_link(services: Services, promise: Promise, number: str) -> str:
    """For a text to this number."""
    return services.urls.promise_page(create_token(services, promise, number))


def resolve_token(services: Services, signed_token: str) -> Promise | None:
    """The promise that a link leads to; None when it is forged, or of no use any more. Raises Unavailable."""
    found = _TOKEN.fullmatch(signed_token)
    promise = services.store.get(Promise, found[1]) if found else None
    if found is None or promise is None:
        return None
    holders = sorted({promise.number, promise.customer} - {""})
    signed = any(_signer(services).verify_signature(_signed_value(promise.id, n), found[2]) for n in holders)
    over = promise.state in ENDED and services.clock.now() > promise.ended_at + VALID_AFTER_END_SECONDS
    return promise if signed and not over else None


def _signature(services: Services, promise_id: str, number: str) -> str:
    return _signer(services).get_signature(_signed_value(promise_id, number)).decode()


def _signed_value(promise_id: str, number: str) -> bytes:
    return f"{promise_id} {number}".encode()


def _signer(services: Services) -> Signer:
    return Signer(services.settings.signing_key, salt="the page of a promise")
