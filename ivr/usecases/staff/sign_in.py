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
from ivr.domain.rules.rate_limit import Bound
from ivr.services import Services
from ivr.settings import Settings
from ivr.store.queries import sign_in_throttle
from ivr.usecases.staff import accounts, passwords

log = structlog.get_logger()

WITHIN = 900.0  # seconds
OF_BOTH, OF_BROWSER = 10, 10  # failed attempts within, at one account from one address or browser
OF_ADDRESS, OF_ACCOUNT = 50, 100

REFUSED = Counter("calor_sign_ins_refused", "Sign-ins that were refused", ["why"])


@dataclass(frozen=True, kw_only=True)
class Given:
    """`address`: of the network, as the nearest proxy tells it. `browser`: the mark that an earlier sign-in left there."""

    email: str
    password: str
    address: str
    browser: str = ""


@dataclass(frozen=True, kw_only=True)
class Welcome:
    account: Account


@dataclass(frozen=True, kw_only=True)
class Wrong:
    """Nobody has this address, or another password."""


@dataclass(frozen=True, kw_only=True)
class Wait:
    seconds: float


def sign_in(s: Services, given: Given) -> Welcome | Wrong | Wait:
    """Raises Unavailable."""
    account = accounts.by_email(s, given.email)  # first: with it comes the time, when it is driven by hand
    return _try(s, account, given.password, _bounds(s.settings, given))


def prove(s: Services, account: Account, password: str) -> Welcome | Wrong | Wait:
    """Somebody who is signed in says their password once more: a page that was left open is no way to guess it."""
    bound = Bound(name="sign-in", of=f"own:{account.id}", most=OF_BROWSER, seconds=WITHIN)
    return _try(s, account, password, [bound])


def _try(s: Services, account: Account | None, password: str, bounds: list[Bound]) -> Welcome | Wrong | Wait:
    name = secrets.token_hex(8)
    if wait := sign_in_throttle.begin(s.store, name, bounds, s.clock.now()):
        REFUSED.labels("often").inc()
        log.warning("sign_in_refused", why="often", wait=round(wait))
        return Wait(seconds=wait)
    if passwords.right(password, account.password if account else "") and account:
        sign_in_throttle.forgive(s.store, name, bounds)
        return Welcome(account=account)
    REFUSED.labels("wrong").inc()
    log.warning("sign_in_refused", why="wrong")
    return Wrong()


def _bounds(config: Settings, given: Given) -> list[Bound]:
    email = accounts_.mailbox(given.email)
    marked = _read(config, given.browser)
    whom = _digest(config, email)
    if marked and marked[0] == whom:
        bounds = {f"browser:{marked[1]}": OF_BROWSER}
    else:
        bounds = {
            f"both:{whom}:{given.address}": OF_BOTH,
            f"account:{whom}": OF_ACCOUNT,
            f"address:{given.address}": OF_ADDRESS,
        }
    return [Bound(name="sign-in", of=of, most=most, seconds=WITHIN) for of, most in bounds.items()]


def _digest(config: Settings, email: str) -> str:
    """What was typed is not kept: people type their password there."""
    return sha256(f"{config.signing_key}\0{email}".encode()).hexdigest()[:24]


def mark(config: Settings, account: Account) -> str:
    """For a browser that somebody has signed in on: guesses from elsewhere do not keep them out."""
    return str(_signer(config).dumps([_digest(config, account.email), secrets.token_urlsafe(12)]))


def browser(config: Settings, marked: str) -> str:
    """The name of a browser that somebody has signed in on; "" without a mark of ours."""
    found = _read(config, marked)
    return found[1] if found else ""


def _read(config: Settings, text: str) -> tuple[str, str] | None:
    try:
        email, name = _signer(config).loads(text)
    except (BadSignature, ValueError, TypeError):
        return None
    return email, name


def _signer(config: Settings) -> URLSafeSerializer:
    return URLSafeSerializer(config.signing_key, salt="a browser that is known")
