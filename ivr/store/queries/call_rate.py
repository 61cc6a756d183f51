"""When the next call may be started: callers who wait now go before callbacks."""

from __future__ import annotations

from ivr.store.store import Store, translate_redis_errors


def reserve_start(store: Store, now: float, *, interval_seconds: float, for_caller: bool) -> float:
    """0: the call may be started now, and counts; else the seconds after which to try again. One round trip."""
    with translate_redis_errors():
        wait = store.call_rate_script(args=[now, interval_seconds, "live" if for_caller else "callback"])
    return float(wait)
