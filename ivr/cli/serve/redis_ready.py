"""What every process that writes asks of the record before it starts."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

import structlog

from ivr.redis_errors import is_outage
from ivr.settings import RedisSettings, Settings
from ivr.store.server import fitness
from ivr.store.server.connection import RedisConnection, connect

log = structlog.get_logger(__name__)

T = TypeVar("T")

TIMEOUT_SECONDS = 2.0
RETRY_SECONDS = 0.5


def open_connection(settings: RedisSettings) -> RedisConnection:
    """A connection for a question or two."""
    return connect(settings.redis_url, timeout_seconds=TIMEOUT_SECONDS, max_connections=2)


def check_fitness(settings: Settings) -> None:
    """Raises BadSetting when promises could be lost in it, Unavailable when it cannot be reached."""
    with open_connection(settings) as redis:
        fitness.require_fit(redis, accept_one_second_loss=settings.accept_one_second_loss)
    if settings.accept_one_second_loss:
        log.warning("one_second_of_promises_may_be_lost")


def wait_until_fit(settings: Settings) -> None:
    """Wait until promises are safe in Redis, for a process that can do nothing without it. Raises BadSetting like `fit`."""
    retry_until_reached(lambda: check_fitness(settings))


def retry_until_reached(start: Callable[[], T]) -> T:
    """Call `start` again and again until Redis can be reached, and return its result. Logs an outage once."""
    told = False
    while True:
        try:
            return start()
        except Exception as e:
            if not is_outage(e):
                raise
            if not told:
                log.error("redis_unreachable", why=str(e))  # noqa: TRY400 - an outage, not a bug
            told = True
            time.sleep(RETRY_SECONDS)
