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

from ivr.domain.errors import Forged, OpenIdAway
from ivr.domain.rules.rate_limit import Bound
from ivr.oidc import Errand, OpenId, Who
from ivr.services import Services
from ivr.settings import Settings
from ivr.store import keys
from ivr.store.change import Change
from ivr.store.queries import sign_in_throttle
from ivr.usecases.staff import accounts, sign_in
from ivr.usecases.staff.sign_in import REFUSED, Wait, Welcome

log = structlog.get_logger()

SECONDS = 600  # from going there until coming back


@dataclass(frozen=True, kw_only=True)
class Return:
    """What a browser comes back with. `error`: the provider's word for why there is no code. `address`, `browser`: as in `Given`."""

    cookie: str
    state: str
    code: str
    error: str
    address: str
    browser: str = ""


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
class Away:
    """The provider cannot be used."""


Came = Welcome | Unknown | Unverified | Cancelled | Stale | Away | Wait


def go(s: Services, provider: OpenId, back: str) -> tuple[str, str] | Away:
    """Where to send the browser, and the cookie to send with it. `back`: the page that is wanted. Raises Unavailable."""
    s.clock.follow()
    secret = secrets.token_urlsafe(24)
    try:
        url = provider.address(_errand(s.settings, secret))
    except OpenIdAway as e:
        return _away(e)
    return url, str(_signer(s.settings).dumps([secret, back, round(s.clock.now())]))


def come(s: Services, provider: OpenId, given: Return) -> tuple[Came, str]:
    """Who it is, and the page that was wanted, "" when nobody was under way. Raises Unavailable."""
    s.clock.follow()  # with the record's time, as it is now, is compared until when the provider's word is good
    secret, back = _read(s, given.cookie)
    bounds, name = _bounds(s, given), secrets.token_hex(8)
    if wait := sign_in_throttle.begin(s.store, name, bounds, s.clock.now()):
        REFUSED.labels("often").inc()
        log.warning("sign_in_refused", why="often", how="oidc", wait=round(wait))
        return Wait(seconds=wait), back
    came = _come(s, provider, given, secret)
    if isinstance(came, Welcome | Cancelled | Away):
        sign_in_throttle.forgive(s.store, name, bounds)
    else:
        why = type(came).__name__.lower()
        REFUSED.labels(why).inc()
        log.warning("sign_in_refused", why=why, how="oidc")
    return came, back


def _come(s: Services, provider: OpenId, given: Return, secret: str) -> Came:
    errand = _errand(s.settings, secret)
    if not secret or not hmac.compare_digest(errand.state.encode(), given.state.encode()):
        return Stale()
    if not _first(s, errand):
        return Stale()
    if given.error or not given.code:
        return _refused(given.error)
    try:
        who = provider.who(given.code, errand, s.clock.now())
    except Forged as e:
        log.warning("openid_answer_invalid", why=str(e))
        return Stale()
    except OpenIdAway as e:
        return _away(e)
    return _whose(s, who)


def _whose(s: Services, who: Who) -> Came:
    if not (who.email and who.verified):
        return Unverified()
    account = accounts.by_email(s, who.email)
    return Welcome(account=account) if account else Unknown(email=who.email[:254])


def _refused(error: str) -> Cancelled | Away:
    if error == "access_denied":
        return Cancelled()
    known = error if error.isascii() and error.replace("_", "").isalpha() and len(error) < 60 else "unknown"
    return _away(OpenIdAway(f"The provider of sign-ins says {known}."))


def _away(e: OpenIdAway) -> Away:
    log.error("openid_unavailable", why=str(e))  # an operator's business: passwords go on
    return Away()


def _first(s: Services, errand: Errand) -> bool:
    """Nobody came back with it before."""
    change = Change(now=s.clock.now())
    change.once(keys.returned(sha256(errand.state.encode()).hexdigest()[:24]), "1", seconds=SECONDS)
    return s.store.commit(change)


def _bounds(s: Services, given: Return) -> list[Bound]:
    """Whose account it is comes last: until then it is a browser that is known, or an address."""
    mark = sign_in.browser(s.settings, given.browser)
    of, most = (
        (f"browser:{mark}", sign_in.OF_BROWSER) if mark else (f"address:{given.address}", sign_in.OF_ADDRESS)
    )
    return [Bound(name="sign-in", of=of, most=most, seconds=sign_in.WITHIN)]


def _errand(config: Settings, secret: str) -> Errand:
    def of(what: str) -> str:
        return hmac.new(config.signing_key.encode(), f"openid {what}\0{secret}".encode(), sha256).hexdigest()

    return Errand(state=of("state"), nonce=of("nonce"), verifier=of("verifier"))


def _read(s: Services, cookie: str) -> tuple[str, str]:
    """What only this browser has, and the page that was wanted; nothing when it is too old or none of ours."""
    try:
        secret, back, begun = _signer(s.settings).loads(cookie)
    except (BadSignature, ValueError, TypeError):
        return "", ""
    return (secret, back) if s.clock.now() - begun < SECONDS else ("", "")


def _signer(config: Settings) -> URLSafeSerializer:
    return URLSafeSerializer(config.signing_key, salt="somebody at the provider")
