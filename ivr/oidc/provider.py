"""One OpenID Connect provider, by authorization code and PKCE (OpenID Connect Core 1.0, section 3.1; RFC 7636).

Nothing is believed but an ID token that the provider itself handed to us over https, signed with a key of its own,
for us, for this errand, and still good.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from typing import Any

import structlog
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry
from requests import RequestException

from ivr.domain.errors import Forged, OpenIdAway
from ivr.oidc import BACK, Errand, Who
from ivr.settings import Settings, safe

log = structlog.get_logger()

SECONDS = 5.0  # for a connection, and for an answer
KEPT = 3600.0  # seconds for which is believed what the provider said of itself
LEEWAY = 60  # seconds by which its clock and ours may differ
# with a key of which the provider alone has the secret half: never `none`, never HS*
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"]
NEEDED = ("authorization_endpoint", "token_endpoint", "jwks_uri")

Json = dict[str, Any]


class Provider:
    """One per process; safe to share between threads and greenlets. Every method raises OpenIdAway."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._said: tuple[float, Json, KeySet] | None = None

    def look(self) -> None:
        self._about(fresh=True)

    def address(self, errand: Errand) -> str:
        about, _ = self._about()
        with self._session() as session:
            url, _ = session.create_authorization_url(
                about["authorization_endpoint"],
                state=errand.state,
                nonce=errand.nonce,
                code_verifier=errand.verifier,
            )
        return str(url)

    def who(self, code: str, errand: Errand, now: float) -> Who:
        """Raises Forged."""
        about, keys = self._about()
        way = about.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        post = "client_secret_basic" not in way and "client_secret_post" in way
        with self._session(post=post) as session, _reaching():
            token = session.fetch_token(
                about["token_endpoint"],
                grant_type="authorization_code",
                code=code,
                code_verifier=errand.verifier,
                allow_redirects=False,
            )
            claims = self._claims(token, keys, errand, now)
            if "email" not in claims and safe(str(about.get("userinfo_endpoint", ""))):
                # with some it is only there; it must be of the same person (section 5.3.2)
                told = _json(session.get(about["userinfo_endpoint"], allow_redirects=False))
                claims = told if told.get("sub") == claims["sub"] else claims
        return Who(email=str(claims.get("email") or ""), verified=claims.get("email_verified") is True)

    def _claims(self, token: Json, keys: KeySet, errand: Errand, now: float) -> Json:
        text = str(token.get("id_token") or "")
        try:
            try:
                found = _signed(text, keys)
            except InvalidKeyIdError:  # the provider has new keys
                _, keys = self._about(fresh=True)
                found = _signed(text, keys)
            return self._hold(found, token, errand, now)
        except (JoseError, ValueError) as e:
            raise Forged(str(e)) from e

    def _hold(self, found: jwt.Token, token: Json, errand: Errand, now: float) -> Json:
        """What is signed, when it is for us, of this errand, and still good."""
        client = self._settings.oidc_client_id
        wanted = {
            "iss": {"essential": True, "value": self._settings.oidc_issuer},
            "aud": {"essential": True, "value": client},
        }
        told = {"nonce": errand.nonce, "client_id": client, "access_token": token.get("access_token")}
        claims = CodeIDToken(found.claims, found.header, wanted, told)
        claims.validate(now=int(now), leeway=LEEWAY)
        return dict(claims)

    def _about(self, *, fresh: bool = False) -> tuple[Json, KeySet]:
        """What the provider says of itself, and its keys."""
        said = self._said
        if said and not fresh and time.monotonic() - said[0] < KEPT:
            return said[1], said[2]
        issuer = self._settings.oidc_issuer
        with self._session() as session, _reaching():
            about = _json(_get(session, f"{issuer.rstrip('/')}/.well-known/openid-configuration"))
            if about.get("issuer") != issuer:
                raise OpenIdAway(f"{issuer} calls itself {about.get('issuer')!r}, not IVR_OIDC_ISSUER.")
            for name in NEEDED:
                if not safe(str(about.get(name, ""))):
                    raise OpenIdAway(f"{issuer} names no {name} that is https.")
            keys = KeySet.import_key_set(_json(_get(session, about["jwks_uri"])))  # type: ignore[arg-type]
        self._said = (time.monotonic(), about, keys)
        return about, keys

    def _session(self, *, post: bool = False) -> Any:
        return OAuth2Session(
            client_id=self._settings.oidc_client_id,
            client_secret=self._settings.oidc_client_secret.get_secret_value(),
            token_endpoint_auth_method="client_secret_post" if post else "client_secret_basic",
            scope="openid email",
            redirect_uri=f"{self._settings.public_url}{BACK}",
            code_challenge_method="S256",
            default_timeout=SECONDS,
        )


def _signed(text: str, keys: KeySet) -> jwt.Token:
    return jwt.decode(text, keys, registry=JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False))


def _get(session: Any, url: str) -> Any:
    return session.get(url, withhold_token=True, allow_redirects=False)


def _json(answer: Any) -> Json:
    if answer.status_code != 200:
        raise OpenIdAway(f"The provider of sign-ins answers {answer.status_code} at {answer.url}.")
    found = answer.json()
    if not isinstance(found, dict):
        raise OpenIdAway(f"The provider of sign-ins sends no JSON object at {answer.url}.")
    return found


@contextlib.contextmanager
def _reaching() -> Iterator[None]:
    try:
        yield
    except OAuthError as e:
        if e.error == "invalid_grant":  # a code that was used, is old or is another's
            raise Forged("the code") from e
        raise OpenIdAway(f"The provider of sign-ins refuses this app: {e.error}.") from e
    except (JoseError, RequestException, ValueError, KeyError) as e:
        raise OpenIdAway(f"The provider of sign-ins cannot be reached or understood: {e}") from e
