"""Attempts that are counted before they are made, so that those made at the same instant count too."""

from __future__ import annotations

from collections.abc import Sequence

from ivr.domain.rules.rate_limit import Bound
from ivr.store import keys
from ivr.store.store import Store, reaching


def begin(store: Store, name: str, bounds: Sequence[Bound], now: float) -> float:
    """0: it may be made, and counts; else the seconds to wait, and it does not count. All bounds have the same `seconds`."""
    pairs = [text for b in bounds for text in (keys.attempts(b.of), b.most)]
    with reaching():
        told = store.attempt_script(args=[now, bounds[0].seconds, name, *pairs])
    return float(told) if told else 0.0


def forgive(store: Store, name: str, bounds: Sequence[Bound]) -> None:
    """It succeeded: it does not count after all."""
    store.read([("ZREM", keys.attempts(b.of), name) for b in bounds])
