"""One OpenID Connect provider, by authorization code and PKCE (OpenID Connect Core 1.0, section 3.1; RFC 7636).

Nothing is believed but an ID token that the provider itself handed to us over https, signed with a key of its own,
for us, for this attempt, and still good.
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

from ivr.domain.errors import ForgedSignIn, OpenIdUnavailable
from ivr.oidc import CALLBACK_PATH, OidcIdentity, SignInAttempt
from ivr.settings import Settings
from ivr.settings.values import is_secure_url

log = structlog.get_logger()

TIMEOUT_SECONDS = 5.0  # for a connection, and for an answer
METADATA_TTL_SECONDS = 3600.0  # seconds for which is believed what the provider said of itself
LEEWAY_SECONDS = 60  # seconds by which its clock and ours may differ
# with a key of which the provider alone has the secret half: never `none`, never HS*
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"]
REQUIRED_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")

Json = dict[str, Any]


class AuthlibProvider:
    """One per process; safe to share between threads and greenlets. Every method raises OpenIdUnavailable."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._cached_metadata: tuple[float, Json, KeySet] | None = None

    def check_reachable(self) -> None:
        self._get_metadata(force_refresh=True)

    def make_sign_in_url(self, attempt: SignInAttempt) -> str:
        about, _ = self._get_metadata()
        with self._session() as session:
            url, _ = session.create_authorization_url(
                about["authorization_endpoint"],
                state=attempt.state,
                nonce=attempt.nonce,
                code_verifier=attempt.code_verifier,
            )
        return str(url)

    def fetch_identity(self, code: str, attempt: SignInAttempt, now: float) -> OidcIdentity:
        """Raises ForgedSignIn."""
        about, keys = self._get_metadata()
        way = about.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        post = "client_secret_basic" not in way and "client_secret_post" in way
        with self._session(post=post) as session, _translate_errors():
            token = session.fetch_token(
                about["token_endpoint"],
                grant_type="authorization_code",
                code=code,
                code_verifier=attempt.code_verifier,
                allow_redirects=False,
            )
            claims = self._get_claims(token, keys, attempt, now)
            if "email" not in claims and is_secure_url(str(about.get("userinfo_endpoint", ""))):
                # with some it is only there; it must be of the same person (section 5.3.2)
                told = _parse_json(session.get(about["userinfo_endpoint"], allow_redirects=False))
                claims = told if told.get("sub") == claims["sub"] else claims
        return OidcIdentity(
            email=str(claims.get("email") or ""), email_verified=claims.get("email_verified") is True
        )

    def _get_claims(self, token: Json, keys: KeySet, attempt: SignInAttempt, now: float) -> Json:
        text = str(token.get("id_token") or "")
        try:
            try:
                found = _decode_id_token(text, keys)
            except InvalidKeyIdError:  # the provider has new keys
                _, keys = self._get_metadata(force_refresh=True)
                found = _decode_id_token(text, keys)
            return self._validate_claims(found, token, attempt, now)
        except (JoseError, ValueError) as e:
            raise ForgedSignIn(str(e)) from e

    def _validate_claims(self, id_token: jwt.Token, token: Json, attempt: SignInAttempt, now: float) -> Json:
        """What is signed, when it is for us, of this attempt, and still good."""
        client = self._settings.oidc_client_id
        wanted = {
            "iss": {"essential": True, "value": self._settings.oidc_issuer},
            "aud": {"essential": True, "value": client},
        }
        told = {"nonce": attempt.nonce, "client_id": client, "access_token": token.get("access_token")}
        claims = CodeIDToken(id_token.claims, id_token.header, wanted, told)
        claims.validate(now=int(now), leeway=LEEWAY_SECONDS)
        return dict(claims)

    def _get_metadata(self, *, force_refresh: bool = False) -> tuple[Json, KeySet]:
        """What the provider says of itself, and its keys."""
        said = self._cached_metadata
        if said and not force_refresh and time.monotonic() - said[0] < METADATA_TTL_SECONDS:
            return said[1], said[2]
        issuer = self._settings.oidc_issuer
        with self._session() as session, _translate_errors():
            about = _parse_json(_get(session, f"{issuer.rstrip('/')}/.well-known/openid-configuration"))
            if about.get("issuer") != issuer:
                raise OpenIdUnavailable(
                    f"{issuer} calls itself {about.get('issuer')!r}, not IVR_OIDC_ISSUER."
                )
            for name in REQUIRED_ENDPOINTS:
                if not is_secure_url(str(about.get(name, ""))):
                    raise OpenIdUnavailable(f"{issuer} names no {name} that is https.")
            keys = KeySet.import_key_set(_parse_json(_get(session, about["jwks_uri"])))  # type: ignore[arg-type]
        self._cached_metadata = (time.monotonic(), about, keys)
        return about, keys

    def _session(self, *, post: bool = False) -> Any:
        return OAuth2Session(
            client_id=self._settings.oidc_client_id,
            client_secret=self._settings.oidc_client_secret.get_secret_value(),
            token_endpoint_auth_method="client_secret_post" if post else "client_secret_basic",
            scope="openid email",
            redirect_uri=f"{self._settings.public_url}{CALLBACK_PATH}",
            code_challenge_method="S256",
            default_timeout=TIMEOUT_SECONDS,
        )


def _decode_id_token(text: str, keys: KeySet) -> jwt.Token:
    return jwt.decode(text, keys, registry=JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False))


def _get(session: Any, url: str) -> Any:
    return session.get(url, withhold_token=True, allow_redirects=False)


def _parse_json(response: Any) -> Json:
    if response.status_code != 200:
        raise OpenIdUnavailable(f"The provider of sign-ins answers {response.status_code} at {response.url}.")
    found = response.json()
    if not isinstance(found, dict):
        raise OpenIdUnavailable(f"The provider of sign-ins sends no JSON object at {response.url}.")
    return found


@contextlib.contextmanager
def _translate_errors() -> Iterator[None]:
    try:
        yield
    except OAuthError as e:
        if e.error == "invalid_grant":  # a code that was used, is old or is another's
            raise ForgedSignIn("the code") from e
        raise OpenIdUnavailable(f"The provider of sign-ins refuses this app: {e.error}.") from e
    except (JoseError, RequestException, ValueError, KeyError) as e:
        raise OpenIdUnavailable(f"The provider of sign-ins cannot be reached or understood: {e}") from e
