"""Signing in: an e-mail address and a password, asked for so often and no oftener.

Guesses are bound for each account, whoever guesses, and for each address, whomever they guess at. Nobody is locked out by that: from
one address only that address is shut out, a browser on which somebody has signed in before has a bound of its own (OWASP calls
it a device cookie), and after a quarter of an hour of waiting every bound has room again. What is answered, and the work it takes, do not tell whether an account exists.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from hashlib import sha256

import structlog
from itsdangerous import BadSignature, URLSafeSerializer
from prometheus_client import Counter

from ivr.domain.records import account as accounts_
from ivr.domain.records.account import Account
from ivr.domain.rules.rate_limit import RateLimit
from ivr.services import Services
from ivr.settings import Settings
from ivr.store.queries import sign_in_throttle
from ivr.usecases.staff import accounts, passwords

log = structlog.get_logger()

WINDOW_SECONDS = 900.0  # seconds
MAX_FAILURES_PER_ACCOUNT_AND_ADDRESS, MAX_FAILURES_PER_BROWSER = (
    10,
    10,
)  # failed attempts within, at one account from one address or browser
MAX_FAILURES_PER_ADDRESS, MAX_FAILURES_PER_ACCOUNT = 50, 100

REFUSED_METRIC = Counter("calor_sign_ins_refused", "Sign-ins that were refused", ["why"])


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """`ip_address`: of the network, as the nearest proxy tells it. `browser_mark`: the mark that an earlier sign-in left there."""

    email: str
    password: str
    ip_address: str
    browser_mark: str = ""


@dataclass(frozen=True, kw_only=True)
class SignInAccepted:
    account: Account


@dataclass(frozen=True, kw_only=True)
class WrongCredentials:
    """Nobody has this address, or another password."""


@dataclass(frozen=True, kw_only=True)
class SignInThrottled:
    seconds: float


def check_credentials(
    services: Services, credentials: Credentials
) -> SignInAccepted | WrongCredentials | SignInThrottled:
    """Raises Unavailable."""
    account = accounts.find_by_email(
        services, credentials.email
    )  # first: with it comes the time, when it is driven by hand
    return _check_password(
        services, account, credentials.password, _list_bounds(services.settings, credentials)
    )


def confirm_password(
    services: Services, account: Account, password: str
) -> SignInAccepted | WrongCredentials | SignInThrottled:
    """Somebody who is signed in says their password once more: a page that was left open is no way to guess it."""
    bound = RateLimit(
        name="sign-in",
        counted=f"own:{account.id}",
        max_count=MAX_FAILURES_PER_BROWSER,
        window_seconds=WINDOW_SECONDS,
    )
    return _check_password(services, account, password, [bound])


def _check_password(
    services: Services, account: Account | None, password: str, bounds: list[RateLimit]
) -> SignInAccepted | WrongCredentials | SignInThrottled:
    name = secrets.token_hex(8)
    if wait := sign_in_throttle.begin_attempt(services.store, name, bounds, services.clock.now()):
        REFUSED_METRIC.labels("often").inc()
        log.warning("sign_in_refused", why="often", wait=round(wait))
        return SignInThrottled(seconds=wait)
    if passwords.verify_password(password, account.password_hash if account else "") and account:
        sign_in_throttle.remove_attempt(services.store, name, bounds)
        return SignInAccepted(account=account)
    REFUSED_METRIC.labels("wrong").inc()
    log.warning("sign_in_refused", why="wrong")
    return WrongCredentials()


def _list_bounds(config: Settings, credentials: Credentials) -> list[RateLimit]:
    email = accounts_.normalize_email(credentials.email)
    marked = _parse_mark(config, credentials.browser_mark)
    whom = _hash_email(config, email)
    if marked and marked[0] == whom:
        bounds = {f"browser:{marked[1]}": MAX_FAILURES_PER_BROWSER}
    else:
        bounds = {
            f"both:{whom}:{credentials.ip_address}": MAX_FAILURES_PER_ACCOUNT_AND_ADDRESS,
            f"account:{whom}": MAX_FAILURES_PER_ACCOUNT,
            f"address:{credentials.ip_address}": MAX_FAILURES_PER_ADDRESS,
        }
    return [
        RateLimit(name="sign-in", counted=of, max_count=most, window_seconds=WINDOW_SECONDS)
        for of, most in bounds.items()
    ]


def _hash_email(config: Settings, email: str) -> str:
    """What was typed is not kept: people type their password there."""
    return sha256(f"{config.signing_key}\0{email}".encode()).hexdigest()[:24]


def create_browser_mark(config: Settings, account: Account) -> str:
    """For a browser that somebody has signed in on: guesses from elsewhere do not keep them out."""
    return str(_signer(config).dumps([_hash_email(config, account.email), secrets.token_urlsafe(12)]))


def read_browser_mark(config: Settings, mark: str) -> str:
    """The name of a browser that somebody has signed in on; "" without a mark of ours."""
    found = _parse_mark(config, mark)
    return found[1] if found else ""


def _parse_mark(config: Settings, text: str) -> tuple[str, str] | None:
    try:
        email, name = _signer(config).loads(text)
    except (BadSignature, ValueError, TypeError):
        return None
    return email, name


def _signer(config: Settings) -> URLSafeSerializer:
    return URLSafeSerializer(config.signing_key, salt="a browser that is known")
