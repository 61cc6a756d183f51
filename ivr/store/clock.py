"""The time, from one place: the Redis server's in production, a key that a test drives with IVR_CLOCK=manual."""

from __future__ import annotations

import time

from redis import Redis
from redis.exceptions import RedisError

from ivr.domain.errors import Unavailable
from ivr.store import keys


class Clock:
    """Epoch seconds. Several hosts share the Redis server's time; the skew of this one is `skew_seconds`."""

    def __init__(self, redis: Redis, *, manual: bool) -> None:
        self._redis = redis
        self.manual = manual
        self._manual_time = 0.0
        self.skew_seconds = 0.0

    def now(self) -> float:
        return self._manual_time if self.manual else time.time() + self.skew_seconds  # noqa: TID251 - this is the clock

    def sync(self) -> None:
        """Ask Redis; once at start and now and then. One round trip. Raises Unavailable."""
        try:
            self._sync()
        except RedisError as e:
            raise Unavailable(f"The record (Redis) cannot be reached: {e}") from e

    def _sync(self) -> None:
        if self.manual:
            self.set_manual_time(self._redis.get(keys.MANUAL_CLOCK))
            return
        before = time.time()  # noqa: TID251
        seconds, micros = self._redis.time()
        after = time.time()  # noqa: TID251
        self.skew_seconds = seconds + micros / 1e6 - (before + after) / 2

    def set_manual_time(self, text: object) -> None:
        """What a read brought along."""
        if isinstance(text, str) and text:
            self._manual_time = float(text)
