"""The figures that changes have counted (domain/metrics/counters.py), read, and what is worked out of them.

They are counted in the change itself, so they are the same whichever process is asked, and a restart forgets nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ivr.domain.metrics import counters
from ivr.domain.records.promise import PromiseState

Counted = Mapping[str, float]
"""By figure and labels, joined with "|"."""


@dataclass(frozen=True, kw_only=True)
class Service:
    """Of one queue, or of several. A rate is None while there is nothing to tell it from."""

    answered: int = 0
    within: int = 0  # answered within the queue's threshold
    abandoned: int = 0
    promised: int = 0  # chose to be called instead of waiting
    waited: float = 0.0  # seconds of all who were answered

    @property
    def offered(self) -> int:
        """Who asked for a person and waits no longer."""
        return self.answered + self.abandoned + self.promised

    @property
    def level(self) -> float | None:
        """Answered within the threshold / offered, the abandoned ones included."""
        return self.within / self.offered if self.offered else None

    @property
    def asa(self) -> float | None:
        """Average wait of those who were answered, seconds."""
        return self.waited / self.answered if self.answered else None

    def __add__(self, other: Service) -> Service:
        return Service(
            answered=self.answered + other.answered,
            within=self.within + other.within,
            abandoned=self.abandoned + other.abandoned,
            promised=self.promised + other.promised,
            waited=self.waited + other.waited,
        )


@dataclass(frozen=True, kw_only=True)
class Kept:
    """Promises that came to their time. Declined ones are in none of these: the customer did not want the call."""

    on_time: int = 0
    late: int = 0  # kept after it, or passed into a person's hands after it
    overdue: int = 0  # open, and their time has passed

    @property
    def rate(self) -> float | None:
        """On time / all three; None while there are none."""
        all_ = self.on_time + self.late + self.overdue
        return self.on_time / all_ if all_ else None


def service(counted: Counted, queue: str, threshold: int) -> Service:
    waits = wait_counts(counted, queue)
    return Service(
        answered=sum(waits.values()),
        within=sum(many for seconds, many in waits.items() if seconds <= threshold),
        abandoned=whole(counted, "left", queue, counters.ABANDONED),
        promised=whole(counted, "left", queue, counters.CALLED_INSTEAD),
        waited=counted.get(f"waited|{queue}", 0.0),
    )


def wait_counts(counted: Counted, queue: str) -> dict[int, int]:
    """Who was answered, by whole seconds of waiting; LONGEST + 1: longer than LONGEST."""
    start = f"answered|{queue}|"
    return {int(name[len(start) :]): int(n) for name, n in counted.items() if name.startswith(start)}


def kept(counted: Counted, overdue: int = 0) -> Kept:
    ended, hands = ("promise ended", PromiseState.KEPT.value), ("promise ended", PromiseState.OWNED.value)
    return Kept(
        on_time=whole(counted, *ended, counters.ON_TIME),
        late=whole(counted, *ended, counters.LATE) + whole(counted, *hands, counters.LATE),
        overdue=overdue,
    )


def whole(counted: Counted, *name: str) -> int:
    return int(counted.get("|".join(name), 0))


def read(answer: Mapping[str, str]) -> dict[str, float]:
    """A hash, as it came."""
    return {name: float(n) for name, n in answer.items()}


def together(days: list[dict[str, float]]) -> dict[str, float]:
    found: dict[str, float] = {}
    for day in days:
        for name, n in day.items():
            found[name] = found.get(name, 0.0) + n
    return found
