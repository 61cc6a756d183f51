"""What a command works with that only reads Redis: it asks for REDIS_URL, and for no other setting."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ivr.services import RedisServices


def redis_services() -> RedisServices:
    """Connect to Redis. Raises BadSetting without REDIS_URL, Unavailable when it does not answer."""
    from ivr.services import build_redis_services
    from ivr.settings import load_redis_settings

    return build_redis_services(load_redis_settings())
