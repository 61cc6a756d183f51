"""The composition root: settings in, everything a use case needs out. Nothing is built at import."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property, partial

from ivr.flow.loader.library import load_flows
from ivr.flow.loader.lookup_hosts import refuse_unlisted_hosts
from ivr.flow.model import Library
from ivr.jobs import JobQueues
from ivr.lookup import LookupClient
from ivr.oidc import OidcProvider, make_provider
from ivr.photo_storage import PhotoStorage, make_photo_storage
from ivr.settings import LocalSettings, RedisSettings, Settings
from ivr.store.clock import Clock
from ivr.store.queries.flow_versions import FlowVersions
from ivr.store.server.connection import connect
from ivr.store.store import Store, translate_redis_errors
from ivr.telephony.client import JOB_TIMEOUT_SECONDS, WEBHOOK_TIMEOUT_SECONDS, Telephony
from ivr.telephony.media import MediaClient
from ivr.telephony.urls import WebhookUrls

_ID_LETTERS = "23456789abcdefghjkmnpqrstvwxyz"  # no two that are read for one another


@dataclass(frozen=True, kw_only=True)
class RedisServices:
    """What a use case needs that only reads Redis, and the flows, which are read when they are first asked for."""

    settings: RedisSettings
    store: Store
    jobs: JobQueues

    @cached_property
    def flow_versions(self) -> FlowVersions:
        """The versions of the flows. Raises InvalidFlows, and BadSetting without any."""
        return make_flow_versions(self.settings, self.store)

    @property
    def library(self) -> Library:
        """The flows as they are now. A call goes on with those that it began with: `flow_runner.library_for`."""
        return self.flow_versions.get_current()

    @property
    def clock(self) -> Clock:
        return self.store.clock

    def new_id(self) -> str:
        """Eight letters a person can read out; 6e11 of them."""
        return "".join(secrets.choice(_ID_LETTERS) for _ in range(8))


@dataclass(frozen=True, kw_only=True)
class Services(RedisServices):
    """What every other use case needs."""

    settings: Settings
    telephony: Telephony
    media: MediaClient
    photo_storage: PhotoStorage
    lookup_client: LookupClient
    oidc: OidcProvider | None  # None: people sign in with passwords only
    urls: WebhookUrls


def derive_id(text: str) -> str:
    """An id that the same text always gets: a repeated webhook finds what the first one made."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def build_services(settings: Settings, *, for_worker: bool = False) -> Services:
    """Make the services. `jobs`: for workers, who may wait longer for Twilio than a webhook. Raises InvalidFlows."""
    account = {
        "account_sid": settings.twilio_account_sid,
        "auth_token": settings.twilio_auth_token.get_secret_value(),
        "api_url": settings.twilio_api_url,
    }
    services = Services(
        settings=settings,
        store=_make_store(settings),
        telephony=Telephony(
            **account, timeout_seconds=JOB_TIMEOUT_SECONDS if for_worker else WEBHOOK_TIMEOUT_SECONDS
        ),
        media=MediaClient(**account, timeout_seconds=JOB_TIMEOUT_SECONDS),
        photo_storage=make_photo_storage(settings),
        lookup_client=LookupClient(settings),
        oidc=make_provider(settings),
        jobs=_make_job_queues(settings),
        urls=WebhookUrls(settings.public_url),
    )
    services.flow_versions  # noqa: B018 - flows with faults stop the start, not the first call
    return services


def build_redis_services(settings: RedisSettings) -> RedisServices:
    """Make the services of a command that only reads Redis."""
    return RedisServices(settings=settings, store=_make_store(settings), jobs=_make_job_queues(settings))


def _make_store(settings: RedisSettings) -> Store:
    store = Store(
        connect(settings.redis_url),
        manual_clock=settings.clock == "manual",
        replicas=settings.replicas,
        zone=settings.default_time_zone,
    )
    store.clock.sync()
    store.get_line_status()
    return store


def _make_job_queues(settings: RedisSettings) -> JobQueues:
    return JobQueues(connect(settings.redis_url, decode_responses=False))


def load_library(settings: LocalSettings) -> Library:
    """The flows of the files, in the company's name. Raises InvalidFlows, also for a `lookup` at a host that may not be asked."""
    found = load_flows(settings.flows)
    refuse_unlisted_hosts(found, settings.lookup_hosts, settings.lookup_private)
    return _add_company(settings.company, found)


def make_flow_versions(settings: LocalSettings, store: Store) -> FlowVersions:
    """The flows as they are run: published ones before files. Raises InvalidFlows for the files'."""
    return FlowVersions(store, load_library(settings), partial(_add_company, settings.company))


def _add_company(company: str, found: Library) -> Library:
    books = {
        name: replace(book, common_fields={**book.common_fields, "company": company})
        for name, book in found.phrasebooks.items()
    }
    return replace(found, phrasebooks=books)


def build_services_lazily(settings: Settings, *, for_worker: bool = False) -> Callable[[], Services]:
    """The services, made at the first call and kept; tried again while Redis cannot be reached."""
    made: list[Services] = []

    def get() -> Services:
        if not made:
            with translate_redis_errors():
                made.append(build_services(settings, for_worker=for_worker))
        return made[0]

    return get
