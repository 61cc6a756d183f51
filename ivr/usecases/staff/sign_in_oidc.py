"""Signing in at an OpenID Connect provider: who has an account here is found by the e-mail address that it vouches for.

Nobody is added by it, and no role comes of it. A browser goes there with a signed cookie, which alone makes what comes back
worth something: once, on this browser, within ten minutes. What the provider is told is made of the cookie and our
key, so neither tells the other.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from hashlib import sha256

import structlog
from itsdangerous import BadSignature, URLSafeSerializer

from ivr.domain.errors import ForgedSignIn, OpenIdUnavailable
from ivr.domain.rules.rate_limit import RateLimit
from ivr.oidc import OidcIdentity, OidcProvider, SignInAttempt
from ivr.services import Services
from ivr.settings import Settings
from ivr.store.queries import sign_in_throttle, sign_ins
from ivr.usecases.staff import accounts, sign_in
from ivr.usecases.staff.sign_in import REFUSED_METRIC, SignInAccepted, SignInThrottled

log = structlog.get_logger()

MAX_ROUND_TRIP_SECONDS = 600  # from going there until coming back


@dataclass(frozen=True, kw_only=True)
class OidcReturn:
    """What a browser comes back with. `error`: the provider's word for why there is no code. `ip_address`, `browser_mark`: as in `Credentials`."""

    cookie: str
    state: str
    code: str
    error: str
    ip_address: str
    browser_mark: str = ""


@dataclass(frozen=True, kw_only=True)
class Unknown:
    """The provider vouches for an address that is nobody's here."""

    email: str


@dataclass(frozen=True, kw_only=True)
class Unverified:
    """The provider does not vouch for an address."""


@dataclass(frozen=True, kw_only=True)
class Cancelled:
    """They did not want to, at the provider."""


@dataclass(frozen=True, kw_only=True)
class Stale:
    """It is old, was used already, is of another browser, or forged."""


@dataclass(frozen=True, kw_only=True)
class ProviderUnavailable:
    """The provider cannot be used."""


OidcResult = SignInAccepted | Unknown | Unverified | Cancelled | Stale | ProviderUnavailable | SignInThrottled


def start_sign_in(
    services: Services, provider: OidcProvider, return_to: str
) -> tuple[str, str] | ProviderUnavailable:
    """Where to send the browser, and the cookie to send with it. `return_to`: the page that is wanted. Raises Unavailable."""
    services.clock.sync()
    secret = secrets.token_urlsafe(24)
    try:
        url = provider.make_sign_in_url(_derive_errand(services.settings, secret))
    except OpenIdUnavailable as e:
        return _on_provider_unavailable(e)
    return url, str(_signer(services.settings).dumps([secret, return_to, round(services.clock.now())]))


def finish_sign_in(
    services: Services, provider: OidcProvider, returned: OidcReturn
) -> tuple[OidcResult, str]:
    """Who it is, and the page that was wanted, "" when nobody was under way. Raises Unavailable."""
    services.clock.sync()  # with the time of Redis, as it is now, is compared until when the provider's word is good
    secret, back = _read_cookie(services, returned.cookie)
    bounds, name = _list_oidc_bounds(services, returned), secrets.token_hex(8)
    if wait := sign_in_throttle.begin_attempt(services.store, name, bounds, services.clock.now()):
        REFUSED_METRIC.labels("often").inc()
        log.warning("sign_in_refused", why="often", how="oidc", wait=round(wait))
        return SignInThrottled(seconds=wait), back
    came = _check_return(services, provider, returned, secret)
    if isinstance(came, SignInAccepted | Cancelled | ProviderUnavailable):
        sign_in_throttle.remove_attempt(services.store, name, bounds)
    else:
        why = type(came).__name__.lower()
        REFUSED_METRIC.labels(why).inc()
        log.warning("sign_in_refused", why=why, how="oidc")
    return came, back


def _check_return(
    services: Services, provider: OidcProvider, returned: OidcReturn, secret: str
) -> OidcResult:
    errand = _derive_errand(services.settings, secret)
    if not secret or not hmac.compare_digest(errand.state.encode(), returned.state.encode()):
        return Stale()
    if not _is_first_use(services, errand):
        return Stale()
    if returned.error or not returned.code:
        return _on_provider_error(returned.error)
    try:
        who = provider.fetch_identity(returned.code, errand, services.clock.now())
    except ForgedSignIn as e:
        log.warning("openid_answer_invalid", why=str(e))
        return Stale()
    except OpenIdUnavailable as e:
        return _on_provider_unavailable(e)
    return _find_account(services, who)


def _find_account(services: Services, identity: OidcIdentity) -> OidcResult:
    if not (identity.email and identity.email_verified):
        return Unverified()
    account = accounts.find_by_email(services, identity.email)
    return SignInAccepted(account=account) if account else Unknown(email=identity.email[:254])


def _on_provider_error(error: str) -> Cancelled | ProviderUnavailable:
    if error == "access_denied":
        return Cancelled()
    known = error if error.isascii() and error.replace("_", "").isalpha() and len(error) < 60 else "unknown"
    return _on_provider_unavailable(OpenIdUnavailable(f"The provider of sign-ins says {known}."))


def _on_provider_unavailable(e: OpenIdUnavailable) -> ProviderUnavailable:
    log.error("openid_unavailable", why=str(e))  # an operator's business: passwords go on
    return ProviderUnavailable()


def _is_first_use(services: Services, errand: SignInAttempt) -> bool:
    """Nobody came back with it before."""
    change = services.store.begin()
    digest = sha256(errand.state.encode()).hexdigest()[:24]
    sign_ins.claim_oidc_return(digest, change, ttl_seconds=MAX_ROUND_TRIP_SECONDS)
    return services.store.commit(change)


def _list_oidc_bounds(services: Services, returned: OidcReturn) -> list[RateLimit]:
    """Whose account it is comes last: until then it is a browser that is known, or an address."""
    mark = sign_in.read_browser_mark(services.settings, returned.browser_mark)
    of, most = (
        (f"browser:{mark}", sign_in.MAX_FAILURES_PER_BROWSER)
        if mark
        else (f"address:{returned.ip_address}", sign_in.MAX_FAILURES_PER_ADDRESS)
    )
    return [RateLimit(name="sign-in", counted=of, max_count=most, window_seconds=sign_in.WINDOW_SECONDS)]


def _derive_errand(config: Settings, secret: str) -> SignInAttempt:
    def of(what: str) -> str:
        return hmac.new(config.signing_key.encode(), f"openid {what}\0{secret}".encode(), sha256).hexdigest()

    return SignInAttempt(state=of("state"), nonce=of("nonce"), code_verifier=of("verifier"))


def _read_cookie(services: Services, cookie: str) -> tuple[str, str]:
    """What only this browser has, and the page that was wanted; nothing when it is too old or none of ours."""
    try:
        secret, back, begun = _signer(services.settings).loads(cookie)
    except (BadSignature, ValueError, TypeError):
        return "", ""
    return (secret, back) if services.clock.now() - begun < MAX_ROUND_TRIP_SECONDS else ("", "")


def _signer(config: Settings) -> URLSafeSerializer:
    return URLSafeSerializer(config.signing_key, salt="somebody at the provider")
