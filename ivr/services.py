"""The composition root: settings in, everything a use case needs out. Nothing is built at import."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property, partial

from ivr.flow.loader.library import load_flows
from ivr.flow.loader.lookup_hosts import refuse_strangers
from ivr.flow.model import Library
from ivr.jobs import Bell
from ivr.lookup import Lookups
from ivr.oidc import OpenId, openid
from ivr.photo_storage import Album, album
from ivr.settings import LocalSettings, RedisSettings, Settings
from ivr.store.clock import Clock
from ivr.store.queries.flow_versions import Shelf
from ivr.store.server.connection import connect
from ivr.store.store import Store, reaching
from ivr.telephony.client import IN_JOB, IN_WEBHOOK, Telephony
from ivr.telephony.media import Media
from ivr.telephony.urls import Urls

_LETTERS = "23456789abcdefghjkmnpqrstvwxyz"  # no two that are read for one another


@dataclass(frozen=True, kw_only=True)
class RedisServices:
    """What a use case needs that only reads Redis, and the flows, which are read when they are first asked for."""

    settings: RedisSettings
    store: Store
    bell: Bell

    @cached_property
    def shelf(self) -> Shelf:
        """The versions of the flows. Raises FlowFaults, and BadSetting without any."""
        return shelf(self.settings, self.store)

    @property
    def library(self) -> Library:
        """The flows as they are now. A call goes on with those that it began with: `flow_runner.library_of`."""
        return self.shelf.current()

    @property
    def clock(self) -> Clock:
        return self.store.clock

    def new_id(self) -> str:
        """Eight letters a person can read out; 6e11 of them."""
        return "".join(secrets.choice(_LETTERS) for _ in range(8))


@dataclass(frozen=True, kw_only=True)
class Services(RedisServices):
    """What every other use case needs."""

    settings: Settings
    telephony: Telephony
    media: Media
    album: Album
    lookups: Lookups
    openid: OpenId | None  # None: people sign in with passwords only
    urls: Urls


def id_of(text: str) -> str:
    """An id that the same text always gets: a repeated webhook finds what the first one made."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def build(settings: Settings, *, jobs: bool = False) -> Services:
    """Make the services. `jobs`: for workers, who may wait longer for Twilio than a webhook. Raises FlowFaults."""
    account = {
        "account_sid": settings.twilio_account_sid,
        "auth_token": settings.twilio_auth_token.get_secret_value(),
        "api_url": settings.twilio_api_url,
    }
    services = Services(
        settings=settings,
        store=_store(settings),
        telephony=Telephony(**account, seconds=IN_JOB if jobs else IN_WEBHOOK),
        media=Media(**account, seconds=IN_JOB),
        album=album(settings),
        lookups=Lookups(settings),
        openid=openid(settings),
        bell=_bell(settings),
        urls=Urls(settings.public_url),
    )
    services.shelf  # noqa: B018 - flows with faults stop the start, not the first call
    return services


def build_redis(settings: RedisSettings) -> RedisServices:
    """Make the services of a command that only reads Redis."""
    return RedisServices(settings=settings, store=_store(settings), bell=_bell(settings))


def _store(settings: RedisSettings) -> Store:
    store = Store(
        connect(settings.redis_url),
        manual_clock=settings.clock == "manual",
        replicas=settings.replicas,
        zone=settings.default_zone,
    )
    store.clock.follow()
    store.standing()
    return store


def _bell(settings: RedisSettings) -> Bell:
    return Bell(connect(settings.redis_url, decode=False))


def library(settings: LocalSettings) -> Library:
    """The flows of the files, in the company's name. Raises FlowFaults, also for a `lookup` at a host that may not be asked."""
    found = load_flows(settings.flows)
    refuse_strangers(found, settings.lookup_hosts, settings.lookup_private)
    return _named(settings.company, found)


def shelf(settings: LocalSettings, store: Store) -> Shelf:
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
