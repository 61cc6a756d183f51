"""Attempts that are counted before they are made, so that those made at the same instant count too."""

from __future__ import annotations

from collections.abc import Sequence

from ivr.domain.rules.rate_limit import RateLimit
from ivr.store import keys
from ivr.store.store import Store, translate_redis_errors


def begin_attempt(store: Store, attempt_id: str, limits: Sequence[RateLimit], now: float) -> float:
    """0: it may be made, and counts; else the seconds to wait, and it does not count. All bounds have the same `window_seconds`."""
    pairs = [text for b in limits for text in (keys.sign_in_attempts(b.counted), b.max_count)]
    with translate_redis_errors():
        told = store.sign_in_attempt_script(args=[now, limits[0].window_seconds, attempt_id, *pairs])
    return float(told) if told else 0.0


def remove_attempt(store: Store, attempt_id: str, limits: Sequence[RateLimit]) -> None:
    """It succeeded: it does not count after all."""
    store.send_commands([("ZREM", keys.sign_in_attempts(b.counted), attempt_id) for b in limits])
