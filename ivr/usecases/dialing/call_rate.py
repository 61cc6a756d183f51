"""Calls are started no faster than the account allows (IVR_CALLS_PER_SECOND); people on the line now go before callbacks."""

from __future__ import annotations

from ivr.services import Services
from ivr.store.queries import call_rate


def reserve_start(services: Services, *, for_caller: bool, now: float) -> float:
    """0 = go now; else the seconds after which to try again. One round trip."""
    interval = 1.0 / services.settings.calls_per_second
    return call_rate.reserve_start(services.store, now, interval_seconds=interval, for_caller=for_caller)
