"""Sign-ins: begun with a password, ended by whoever began them, by time, or by what became of the account.

A browser holds a signed name of the sign-in and when it was last used; the record holds the sign-in. So a copy of the cookie is worth
nothing once the sign-in has ended, and a stolen backup nothing without the key. One round trip says who it is and what they do.
"""

from __future__ import annotations

import hmac
import json
import secrets
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

from itsdangerous import BadSignature, URLSafeSerializer

from ivr.domain.actor import By, Where
from ivr.domain.records.account import Account
from ivr.domain.records.agent import Agent
from ivr.services import Services
from ivr.settings import Settings
from ivr.store import codec, keys
from ivr.store.change import Change
from ivr.store.queries import change_feed

FRESH = 60.0  # seconds in which the cookie need not be written anew


@dataclass(frozen=True, kw_only=True)
class Ticket:
    """What the browser holds. `seen`: when its owner last did something, epoch seconds."""

    session: str
    account: str
    seen: float


@dataclass(frozen=True, kw_only=True)
class SignedIn:
    """`agent`: None for whoever answers no telephone. `head`: the newest entry of store/queries/change_feed.py before anything was read."""

    ticket: Ticket
    account: Account
    agent: Agent | None
    head: str
    now: float
    idle: bool = (
        False  # its owner has done nothing for long: pages that may hang unattended are all that it opens
    )

    @property
    def by(self) -> By:
        return By(who=self.account.id, where=Where.DESK)

    @property
    def stale(self) -> bool:
        """The cookie should be written anew, as they have just done something."""
        return self.now - self.ticket.seen > FRESH


def begin(s: Services, account: Account, *, how: str = "password") -> Ticket:
    """Always a new one: nothing that a browser brought becomes a sign-in. `how` they showed who they are: `password`, `oidc`."""
    now = s.clock.now()
    ticket = Ticket(session=secrets.token_urlsafe(24), account=account.id, seen=now)
    told = json.dumps({"account": account.id, "era": account.era, "since": now})
    change = Change(now=now)
    change.op("SET", keys.session(ticket.session), told, "EX", s.settings.sign_in_hours * 3600)
    change.act("signed in", By(who=account.id, where=Where.DESK), account=account.id, how=how)
    s.store.commit(change)
    return ticket


def used(signed: SignedIn) -> Ticket:
    """Its owner has just done something."""
    return replace(signed.ticket, seen=signed.now)


def end(s: Services, signed: SignedIn) -> None:
    change = Change(now=s.clock.now())
    change.op("DEL", keys.session(signed.ticket.session))
    change.touch(signed.account.member)
    change.act("signed out", signed.by, account=signed.account.id)
    s.store.commit(change)


def look(s: Services, ticket: Ticket, *, unattended: bool = False) -> SignedIn | None:
    """Who it is; None when the sign-in has ended. One round trip. `unattended`: however long nobody has touched it."""
    raw, account_raw, agent_raw, head = s.store.read(
        [
            ("GET", keys.session(ticket.session)),
            ("HGETALL", f"{Account.noun}:{ticket.account}"),
            ("HGETALL", f"{Agent.noun}:{ticket.account}"),
            change_feed.HEAD,
        ]
    )
    if not raw or not account_raw:
        return None
    account = codec.load(Account, account_raw)
    now = s.clock.now()
    idle = now - ticket.seen >= s.settings.sign_in_idle * 60
    if not _goes_on(s.settings, json.loads(raw), account, now) or (idle and not unattended):
        return None
    agent = codec.load(Agent, agent_raw) if agent_raw else None
    return SignedIn(
        ticket=ticket, account=account, agent=agent, head=change_feed.head_of(head), now=now, idle=idle
    )


def _goes_on(config: Settings, told: dict[str, Any], account: Account, now: float) -> bool:
    return bool(
        told["account"] == account.id
        and told["era"] == account.era
        and now - told["since"] < config.sign_in_hours * 3600
    )


# ---- what the browser holds


def write(config: Settings, ticket: Ticket) -> str:
    return str(_signer(config).dumps([ticket.session, ticket.account, round(ticket.seen)]))


def read(config: Settings, text: str) -> Ticket | None:
    """None for what we have not signed."""
    try:
        session, account, seen = _signer(config).loads(text)
    except (BadSignature, ValueError, TypeError):
        return None
    return Ticket(session=session, account=account, seen=seen)


def form_token(config: Settings, session: str) -> str:
    """What every form and fetch of this sign-in carries: another site cannot know it."""
    return hmac.new(config.signing_key.encode(), f"form\0{session}".encode(), sha256).hexdigest()


def _signer(config: Settings) -> URLSafeSerializer:
    return URLSafeSerializer(config.signing_key, salt="a sign-in")
