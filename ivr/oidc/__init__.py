"""Whom an OpenID Connect provider knows. Nothing of it is loaded where people sign in with passwords only.

look()                     what the provider says of itself
address(errand)            where to send a browser
who(code, errand, now)     of whom a code speaks with which a browser came back
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from ivr.settings import Settings

BACK = "/sign-in/openid/back"


@dataclass(frozen=True, kw_only=True)
class Errand:
    """What nobody else knows of one sign-in, and what comes back must fit."""

    state: str
    nonce: str
    verifier: str  # of PKCE: 43 to 128 letters and digits


@dataclass(frozen=True, kw_only=True)
class Who:
    email: str  # "": the provider does not tell it
    verified: bool  # it is theirs, the provider says


class OpenId(Protocol):
    def look(self) -> None: ...
    def address(self, errand: Errand) -> str: ...
    def who(self, code: str, errand: Errand, now: float) -> Who: ...


def openid(settings: Settings) -> OpenId | None:
    if not settings.oidc_issuer:
        return None
    from ivr.oidc.provider import Provider  # Authlib is loaded only where it is used

    return Provider(settings)
