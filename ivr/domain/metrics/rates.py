"""The figures that changes have counted (domain/metrics/counters.py), read, and what is worked out of them.

They are counted in the change itself, so they are the same whichever process is asked, and a restart forgets nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ivr.domain.metrics import counters
from ivr.domain.records.promise import PromiseState

CounterValues = Mapping[str, float]
"""By figure and labels, joined with "|"."""


@dataclass(frozen=True, kw_only=True)
class ServiceRates:
    """Of one queue, or of several. A rate is None while there is nothing to tell it from."""

    answered: int = 0
    answered_in_target: int = 0  # answered within the queue's threshold
    abandoned: int = 0
    promised: int = 0  # chose to be called instead of waiting
    waited_seconds: float = 0.0  # seconds of all who were answered

    @property
    def offered(self) -> int:
        """Who asked for a person and waits no longer."""
        return self.answered + self.abandoned + self.promised

    @property
    def service_level(self) -> float | None:
        """Answered within the threshold / offered, the abandoned ones included."""
        return self.answered_in_target / self.offered if self.offered else None

    @property
    def average_speed_of_answer(self) -> float | None:
        """Average wait of those who were answered, seconds."""
        return self.waited_seconds / self.answered if self.answered else None

    def __add__(self, other: ServiceRates) -> ServiceRates:
        return ServiceRates(
            answered=self.answered + other.answered,
            answered_in_target=self.answered_in_target + other.answered_in_target,
            abandoned=self.abandoned + other.abandoned,
            promised=self.promised + other.promised,
            waited_seconds=self.waited_seconds + other.waited_seconds,
        )


@dataclass(frozen=True, kw_only=True)
class PromiseRates:
    """Promises that came to their time. Declined ones are in none of these: the customer did not want the call."""

    on_time: int = 0
    late: int = 0  # kept after it, or passed into a person's hands after it
    overdue: int = 0  # open, and their time has passed

    @property
    def on_time_rate(self) -> float | None:
        """On time / all three; None while there are none."""
        all_ = self.on_time + self.late + self.overdue
        return self.on_time / all_ if all_ else None


def compute_service_rates(values: CounterValues, queue: str, target_seconds: int) -> ServiceRates:
    waits = count_waits(values, queue)
    return ServiceRates(
        answered=sum(waits.values()),
        answered_in_target=sum(many for seconds, many in waits.items() if seconds <= target_seconds),
        abandoned=get_count(values, "left", queue, counters.ABANDONED),
        promised=get_count(values, "left", queue, counters.CALLBACK_INSTEAD),
        waited_seconds=values.get(f"waited|{queue}", 0.0),
    )


def count_waits(values: CounterValues, queue: str) -> dict[int, int]:
    """Who was answered, by whole seconds of waiting; MAX_WAIT_SECONDS + 1: longer than MAX_WAIT_SECONDS."""
    start = f"answered|{queue}|"
    return {int(name[len(start) :]): int(n) for name, n in values.items() if name.startswith(start)}


def compute_promise_rates(values: CounterValues, overdue: int = 0) -> PromiseRates:
    ended, hands = ("promise ended", PromiseState.KEPT.value), ("promise ended", PromiseState.OWNED.value)
    return PromiseRates(
        on_time=get_count(values, *ended, counters.ON_TIME),
        late=get_count(values, *ended, counters.LATE) + get_count(values, *hands, counters.LATE),
        overdue=overdue,
    )


def get_count(values: CounterValues, *name: str) -> int:
    return int(values.get("|".join(name), 0))


def parse_counters(raw: Mapping[str, str]) -> dict[str, float]:
    """A hash, as it came."""
    return {name: float(n) for name, n in raw.items()}


def add_days(days: list[dict[str, float]]) -> dict[str, float]:
    found: dict[str, float] = {}
    for day in days:
        for name, n in day.items():
            found[name] = found.get(name, 0.0) + n
    return found
