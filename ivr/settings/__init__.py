"""Every setting of the line: read once, from the environment and `.env`, checked before anything starts.

The fields here are the only description there is: `.env.example` is printed from them (`ivr doctor --env-example`), and
the messages of `BadSetting` are made of them.
"""

from __future__ import annotations

from ivr.settings.load import load_local_settings, load_redis_settings, load_settings
from ivr.settings.model import LocalSettings, RedisSettings, Settings

__all__ = [
    "LocalSettings",
    "RedisSettings",
    "Settings",
    "load_local_settings",
    "load_redis_settings",
    "load_settings",
]
