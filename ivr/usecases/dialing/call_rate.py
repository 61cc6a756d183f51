"""Calls are started no faster than the account allows (IVR_CALLS_PER_SECOND); people on the line now go before callbacks."""

from __future__ import annotations

from ivr.services import Services
from ivr.store.store import translate_redis_errors


def reserve_start(services: Services, *, for_caller: bool, now: float) -> float:
    """0 = go now; else the seconds after which to try again. One round trip."""
    with translate_redis_errors():
        wait = services.store.call_rate_script(
            args=[now, 1.0 / services.settings.calls_per_second, "live" if for_caller else "callback"]
        )
    return float(wait)
