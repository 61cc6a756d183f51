"""Sign-ins: begun with a password, ended by whoever began them, by time, or by what became of the account.

A browser holds a signed name of the sign-in and when it was last used; Redis holds the sign-in. So a copy of the cookie is worth
nothing once the sign-in has ended, and a stolen backup nothing without the key. One round trip says who it is and what they do.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

from itsdangerous import BadSignature, URLSafeSerializer

from ivr.domain.actor import Actor, Channel
from ivr.domain.records.account import Account
from ivr.domain.records.agent import Agent
from ivr.services import Services
from ivr.settings import Settings
from ivr.store.queries import change_feed, records, sign_ins
from ivr.store.query import combine

COOKIE_REFRESH_SECONDS = 60.0  # seconds in which the cookie need not be written anew


@dataclass(frozen=True, kw_only=True)
class SessionCookie:
    """What the browser holds. `last_used_at`: when its owner last did something, epoch seconds."""

    session_id: str
    account_id: str
    last_used_at: float


@dataclass(frozen=True, kw_only=True)
class SignedIn:
    """`agent`: None for whoever answers no telephone. `feed_head`: the newest entry of store/queries/change_feed.py before anything was read."""

    cookie: SessionCookie
    account: Account
    agent: Agent | None
    feed_head: str
    now: float
    idle: bool = (
        False  # its owner has done nothing for long: pages that may hang unattended are all that it opens
    )

    @property
    def actor(self) -> Actor:
        return Actor(id=self.account.id, channel=Channel.PAGE)

    @property
    def needs_new_cookie(self) -> bool:
        """The cookie should be written anew, as they have just done something."""
        return self.now - self.cookie.last_used_at > COOKIE_REFRESH_SECONDS


def begin_session(services: Services, account: Account, *, method: str = "password") -> SessionCookie:
    """Always a new one: nothing that a browser brought becomes a sign-in. `method`: how they showed who they are: `password`, `oidc`."""
    now = services.clock.now()
    ticket = SessionCookie(session_id=secrets.token_urlsafe(24), account_id=account.id, last_used_at=now)
    session = {"account": account.id, "era": account.session_generation, "since": now}
    change = services.store.begin(now=now)
    sign_ins.set_session(
        ticket.session_id, session, change, ttl_seconds=services.settings.sign_in_hours * 3600
    )
    change.log_action("signed in", Actor(id=account.id, channel=Channel.PAGE), account=account.id, how=method)
    services.store.commit_best_effort(change)
    return ticket


def refresh_cookie(signed: SignedIn) -> SessionCookie:
    """Its owner has just done something."""
    return replace(signed.cookie, last_used_at=signed.now)


def end_session(services: Services, signed: SignedIn) -> None:
    change = services.store.begin()
    sign_ins.delete_session(signed.cookie.session_id, change)
    change.touch_topic(signed.account.key)
    change.log_action("signed out", signed.actor, account=signed.account.id)
    services.store.commit_best_effort(change)


def load_session(services: Services, cookie: SessionCookie, *, allow_idle: bool = False) -> SignedIn | None:
    """Who it is; None when the sign-in has ended. One round trip. `allow_idle`: however long nobody has touched it."""
    session, account, agent, head = services.store.read(
        combine(
            sign_ins.get_session(cookie.session_id),
            records.get(Account, cookie.account_id),
            records.get(Agent, cookie.account_id),
            change_feed.get_last_id(),
        )
    )
    if session is None or account is None:
        return None
    now = services.clock.now()
    idle = now - cookie.last_used_at >= services.settings.sign_in_idle_minutes * 60
    if not _is_valid(services.settings, session, account, now) or (idle and not allow_idle):
        return None
    return SignedIn(
        cookie=cookie,
        account=account,
        agent=agent,
        feed_head=head,
        now=now,
        idle=idle,
    )


def _is_valid(config: Settings, stored: dict[str, Any], account: Account, now: float) -> bool:
    return bool(
        stored["account"] == account.id
        and stored["era"] == account.session_generation
        and now - stored["since"] < config.sign_in_hours * 3600
    )


# ---- what the browser holds


def sign_cookie(config: Settings, cookie: SessionCookie) -> str:
    return str(_signer(config).dumps([cookie.session_id, cookie.account_id, round(cookie.last_used_at)]))


def read_cookie(config: Settings, text: str) -> SessionCookie | None:
    """None for what we have not signed."""
    try:
        session, account, seen = _signer(config).loads(text)
    except (BadSignature, ValueError, TypeError):
        return None
    return SessionCookie(session_id=session, account_id=account, last_used_at=seen)


def create_form_token(config: Settings, session_id: str) -> str:
    """What every form and fetch of this sign-in carries: another site cannot know it."""
    return hmac.new(config.signing_key.encode(), f"form\0{session_id}".encode(), sha256).hexdigest()


def _signer(config: Settings) -> URLSafeSerializer:
    return URLSafeSerializer(config.signing_key, salt="a sign-in")
