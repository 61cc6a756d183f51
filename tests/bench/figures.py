"""What a measurement came to, and how it is shown."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

ABOVE, BELOW, TOLD, SKIPPED = "ok", "below the bar", "", "skipped"


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One line of the result. `value`: None when it was not measured; `bar`: None when there is none to reach."""

    name: str
    value: float | None
    unit: str = ""
    bar: float | None = None
    least: bool = False  # the bar is the least that is good enough, not the most
    note: str = ""

    @property
    def verdict(self) -> str:
        if self.value is None:
            return SKIPPED
        if self.bar is None:
            return TOLD
        reached = self.value >= self.bar if self.least else self.value <= self.bar
        return ABOVE if reached else BELOW

    def line(self) -> str:
        value = "-" if self.value is None else f"{_short(self.value)}{self.unit}"
        bar = "" if self.bar is None else f"{'>=' if self.least else '<='} {_short(self.bar)}{self.unit}"
        return f"{self.name:<47} {value:>10}  {bar:<10} {self.verdict:<14} {self.note}".rstrip()

    def record(self) -> dict[str, Any]:
        return {**asdict(self), "verdict": self.verdict}


@dataclass(frozen=True, kw_only=True)
class Run:
    """How to measure. `quick`: a look, not a result."""

    quick: bool = False

    def pick(self, whole: int, quick: int) -> int:
        return quick if self.quick else whole


def skipped(name: str, why: str) -> Figure:
    return Figure(name=name, value=None, note=why)


def progress(words: str) -> None:
    sys.stderr.write(f"  {words}\n")
    sys.stderr.flush()


def spread(values: Sequence[float]) -> str:
    return f"{_short(min(values))} to {_short(max(values))}"


def centile(values: Sequence[float], part: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


def middle(values: Sequence[float]) -> float:
    return median(values)


def _short(value: float) -> str:
    if value == int(value) and abs(value) < 1e6:
        return str(int(value))
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"
