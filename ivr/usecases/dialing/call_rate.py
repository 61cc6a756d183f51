"""Calls are started no faster than the account allows (IVR_CALLS_PER_SECOND); people on the line now go before callbacks."""

from __future__ import annotations

from ivr.services import Services
from ivr.store.store import reaching


def take(s: Services, *, live: bool, now: float) -> float:
    """0 = go now; else the seconds after which to try again. One round trip."""
    with reaching():
        wait = s.store.pace_script(args=[now, 1.0 / s.settings.cps, "live" if live else "callback"])
    return float(wait)
