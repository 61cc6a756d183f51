"""What every process that writes asks of the record before it starts."""

from __future__ import annotations

import time

import structlog
from redis import Redis

from ivr.domain.errors import Unavailable
from ivr.settings import RedisSettings, Settings
from ivr.store import safety
from ivr.store.connection import connect

SECONDS = 2.0
AGAIN = 0.5


def reach(settings: RedisSettings) -> Redis:
    """A connection for a question or two."""
    return connect(settings.redis_url, patience=SECONDS, most=2)


def fit(settings: Settings) -> None:
    """Raises BadSetting when promises could be lost in it, Unavailable when it cannot be reached."""
    with reach(settings) as redis:
        safety.check(redis, accept_one_second_loss=settings.accept_one_second_loss)
    if settings.accept_one_second_loss:
        structlog.get_logger(__name__).warning("one_second_of_promises_may_be_lost")


def wait_until_fit(settings: Settings) -> None:
    """For those who can do nothing without it: there as soon as it is, told of once. Raises BadSetting like `fit`."""
    told = False
    while True:
        try:
            fit(settings)
        except Unavailable as e:
            if not told:
                structlog.get_logger(__name__).error("record_unreachable", why=str(e))
            told = True
            time.sleep(AGAIN)
        else:
            return
