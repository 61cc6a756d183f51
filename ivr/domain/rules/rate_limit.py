"""How often is too often: against toll fraud, against harassing somebody by way of us, and against a flood.

A bound is asked before anything is promised, or it makes a call wait. It never takes back what was promised (I2).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class RateLimit:
    name: str  # what the caller is told of, and what is counted in the figures: "number", "other", "line"
    counted: str  # what is counted: "promised:+12025550155"
    max_count: int
    window_seconds: float  # in any stretch of so many


def next_allowed_at(limit: RateLimit, nth_latest: float | None, now: float) -> float:
    """When one more is within the bound: now, or later. `nth_latest`: when the `max_count`-th latest was, None when there were fewer.

    What is put off takes the place that it is put off to, so that whatever comes after it is put off further.
    """
    return now if nth_latest is None else max(now, nth_latest + limit.window_seconds)
