"""The composition root: settings in, everything a use case needs out. Nothing is built at import."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from ivr.album import Album, album
from ivr.bell import Bell
from ivr.flow.hosts import refuse_strangers
from ivr.flow.library import load_flows
from ivr.flow.model import Library
from ivr.lookup import Lookups
from ivr.openid import OpenId, openid
from ivr.settings import Settings
from ivr.store.clock import Clock
from ivr.store.connection import connect
from ivr.store.shelf import Shelf
from ivr.store.store import Store, reaching
from ivr.telephony.client import IN_JOB, IN_WEBHOOK, Telephony
from ivr.telephony.media import Media
from ivr.telephony.urls import Urls

_LETTERS = "23456789abcdefghjkmnpqrstvwxyz"  # no two that are read for one another


@dataclass(frozen=True, kw_only=True)
class Services:
    settings: Settings
    store: Store
    telephony: Telephony
    media: Media
    album: Album
    lookups: Lookups
    openid: OpenId | None  # None: people sign in with passwords only
    bell: Bell
    shelf: Shelf
    urls: Urls

    @property
    def library(self) -> Library:
        """The flows as they are now. A call goes on with those that it began with: `dialogue.library_of`."""
        return self.shelf.current()

    @property
    def clock(self) -> Clock:
        return self.store.clock

    def new_id(self) -> str:
        """Eight letters a person can read out; 6e11 of them."""
        return "".join(secrets.choice(_LETTERS) for _ in range(8))


def id_of(text: str) -> str:
    """An id that the same text always gets: a repeated webhook finds what the first one made."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def build(settings: Settings, *, jobs: bool = False) -> Services:
    """`jobs`: for workers, who may wait longer for Twilio than a webhook. Raises FlowFaults."""
    store = Store(
        connect(settings.redis_url),
        manual_clock=settings.clock == "manual",
        replicas=settings.replicas,
        zone=settings.default_zone,
    )
    store.clock.follow()
    store.standing()
    account = {
        "account_sid": settings.twilio_account_sid,
        "auth_token": settings.twilio_auth_token.get_secret_value(),
        "api_url": settings.twilio_api_url,
    }
    return Services(
        settings=settings,
        store=store,
        telephony=Telephony(**account, seconds=IN_JOB if jobs else IN_WEBHOOK),
        media=Media(**account, seconds=IN_JOB),
        album=album(settings),
        lookups=Lookups(settings),
        openid=openid(settings),
        bell=Bell(connect(settings.redis_url, decode=False)),
        shelf=shelf(settings, store),
        urls=Urls(settings.public_url),
    )


def library(settings: Settings) -> Library:
    """The flows of the files, in the company's name. Raises FlowFaults, also for a `lookup` at a host that may not be asked."""
    found = load_flows(settings.flows)
    refuse_strangers(found, settings.lookup_hosts, settings.lookup_private)
    return _named(settings.company, found)


def shelf(settings: Settings, store: Store) -> Shelf:
    """The flows as they are run: published ones before files. Raises FlowFaults for the files'."""
    return Shelf(store, library(settings), partial(_named, settings.company))


def _named(company: str, found: Library) -> Library:
    books = {
        name: replace(book, everywhere={**book.everywhere, "company": company})
        for name, book in found.books.items()
    }
    return replace(found, books=books)


def lazy(settings: Settings, *, jobs: bool = False) -> Callable[[], Services]:
    """The services, made at the first call and kept; tried again while the record cannot be reached."""
    made: list[Services] = []

    def get() -> Services:
        if not made:
            with reaching():
                made.append(build(settings, jobs=jobs))
        return made[0]

    return get
