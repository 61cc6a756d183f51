"""Whom an OpenID Connect provider knows. Nothing of it is loaded where people sign in with passwords only.

check_reachable()                    what the provider says of itself
make_sign_in_url(attempt)            where to send a browser
fetch_identity(code, attempt, now)   of whom a code speaks with which a browser came back
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from ivr.settings import Settings

CALLBACK_PATH = "/sign-in/openid/back"


@dataclass(frozen=True, kw_only=True)
class SignInAttempt:
    """What nobody else knows of one sign-in, and what comes back must fit."""

    state: str
    nonce: str
    code_verifier: str  # of PKCE: 43 to 128 letters and digits


@dataclass(frozen=True, kw_only=True)
class OidcIdentity:
    email: str  # "": the provider does not tell it
    email_verified: bool  # it is theirs, the provider says


class OidcProvider(Protocol):
    def check_reachable(self) -> None: ...
    def make_sign_in_url(self, attempt: SignInAttempt) -> str: ...
    def fetch_identity(self, code: str, attempt: SignInAttempt, now: float) -> OidcIdentity: ...


def make_provider(settings: Settings) -> OidcProvider | None:
    if not settings.oidc_issuer:
        return None
    from ivr.oidc.provider import AuthlibProvider  # Authlib is loaded only where it is used

    return AuthlibProvider(settings)
