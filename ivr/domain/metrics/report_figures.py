"""What a report tells, and what each figure in it means. Pure: figures are worked out of counts (domain/metrics/report_facts.py makes these).

The definition stands beside the figure wherever it is shown, and is the same everywhere, so both are data here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

REPEAT_DAYS = 7  # a call within so many days of the last one is a repeat
STARS = range(1, 6)

Counts = Mapping[str, float]
"""By the name of a fact: how often, or how many seconds."""


class By(StrEnum):
    DAY = "day"
    LINE = "line"
    QUEUE = "queue"
    AGENT = "agent"


class Unit(StrEnum):
    SHARE = "share"  # of 1
    SECONDS = "seconds"
    STARS = "stars"  # from 1 to 5


@dataclass(frozen=True, kw_only=True)
class Figure:
    """`part` / `of` is the figure, and None while there is nothing to tell it from.

    `name`: for machines. `basis`: what `of` counts, in words. `by`: for what it can be told.
    """

    name: str
    label: str
    means: str
    unit: Unit
    basis: str
    part: Callable[[Counts], float]
    of: Callable[[Counts], float]
    by: frozenset[By] = frozenset(By)

    def value(self, counts: Counts) -> float | None:
        of = self.of(counts)
        return self.part(counts) / of if of > 0 else None


def _sum(*names: str) -> Callable[[Counts], float]:
    return lambda counts: sum(counts.get(name, 0.0) for name in names)


def _stars(counts: Counts) -> float:
    return sum(n * counts.get(f"rated {n}", 0.0) for n in STARS)


_OFFERED = _sum("answered", "abandoned", "instead")
_NOT_AGENT = frozenset({By.DAY, By.LINE, By.QUEUE})
_HANDLING = frozenset({By.DAY, By.AGENT})

FIGURES: tuple[Figure, ...] = (
    Figure(
        name="service_level",
        label="Service level",
        means="Answered within the time that the queue had set then, of all who asked for a person and wait no longer: "
        "answered, abandoned, or called back instead.",
        unit=Unit.SHARE,
        basis="asked for a person",
        part=_sum("within"),
        of=_OFFERED,
        by=_NOT_AGENT,
    ),
    Figure(
        name="asa",
        label="Average speed of answer",
        means="How long those who were answered had waited, on average, from asking for a person to the yes of one.",
        unit=Unit.SECONDS,
        basis="answered",
        part=_sum("waited"),
        of=_sum("answered"),
    ),
    Figure(
        name="abandonment",
        label="Abandonment",
        means="Left before an answer, of all who asked for a person and wait no longer. They are owed a call; "
        "who chose to be called instead of waiting has not abandoned.",
        unit=Unit.SHARE,
        basis="asked for a person",
        part=_sum("abandoned"),
        of=_OFFERED,
        by=_NOT_AGENT,
    ),
    Figure(
        name="promises_on_time",
        label="Promises kept on time",
        means="Kept by the time that the customer was told last, of all that were kept, or went into somebody's hands "
        "too late. By the day on which they ended; those the customer declined are in neither. "
        "Who promised is whose it is. What is open and late now is on the page of promises.",
        unit=Unit.SHARE,
        basis="kept, or late",
        part=_sum("kept in time"),
        of=_sum("kept in time", "kept late"),
    ),
    Figure(
        name="repeat_calls",
        label="Repeat calls",
        means=f"Calls from a number that had called in the {REPEAT_DAYS} days before, of all calls that are over. By the "
        "day on which they came in. Calls of one caller at once are one; numbers that several people use are never a repeat.",
        unit=Unit.SHARE,
        basis="calls",
        part=_sum("repeats"),
        of=_sum("calls"),
    ),
    Figure(
        name="fcr",
        label="Resolved at first contact (FCR)",
        means=f"Helped in one talk, by the agent's word, with no call of theirs in the {REPEAT_DAYS} days before and none in "
        f"the {REPEAT_DAYS} days after, of all contacts that came to a talk. By the day on which they came in: it may still "
        f"fall for {REPEAT_DAYS} days.",
        unit=Unit.SHARE,
        basis="came to a talk",
        part=_sum("resolved"),
        of=_sum("talked"),
    ),
    Figure(
        name="rating",
        label="Rating",
        means="How it was, from 1, poor, to 5, on average of those who said it, by key or by text. By the day on which they "
        "said it, and by the agent they had talked with last.",
        unit=Unit.STARS,
        basis="said how it was",
        part=_stars,
        of=_sum(*(f"rated {n}" for n in STARS)),
    ),
    Figure(
        name="aht",
        label="Average handle time (AHT)",
        means="Talk, hold and wrap-up of agents for each contact that came to a talk, callbacks with their dialling. "
        "A contact that was handed on counts for whoever had it last. A supervisor who listens is left out.",
        unit=Unit.SECONDS,
        basis="talks",
        part=_sum("handling"),
        of=_sum("handled"),
        by=_HANDLING,
    ),
    Figure(
        name="occupancy",
        label="Occupancy",
        means="Of the time in which agents were in a call, wrapping up or available: the time in a call or wrapping up. "
        "A stretch of time is counted on the day on which it ends; being rung and briefed is in neither.",
        unit=Unit.SHARE,
        basis="seconds at work",
        part=_sum("handling"),
        of=_sum("handling", "available"),
        by=_HANDLING,
    ),
)

COUNTED: tuple[tuple[str, str], ...] = (
    ("calls", "calls"),
    ("repeats", "repeat_calls_counted"),
    ("answered", "answered"),
    ("within", "answered_within_threshold"),
    ("waited", "seconds_waited"),
    ("abandoned", "abandoned"),
    ("instead", "called_back_instead"),
    ("promised", "promised"),
    ("kept in time", "promises_kept_on_time"),
    ("kept late", "promises_kept_late"),
    ("declined", "promises_declined"),
    ("talked", "contacts_with_a_talk"),
    ("resolved", "resolved_at_first_contact"),
    ("handled", "talks"),
    ("handling", "seconds_handling"),
    ("available", "seconds_available"),
    *((f"rated {n}", f"rated_{n}") for n in STARS),
)
"""Facts as they are kept, and as a table for machines calls them."""


def shown(by: By) -> tuple[Figure, ...]:
    return tuple(f for f in FIGURES if by in f.by)


def add(some: Counts, more: Counts) -> dict[str, float]:
    return {name: some.get(name, 0.0) + more.get(name, 0.0) for name in {**some, **more}}


def heads(by: By) -> tuple[str, ...]:
    """Of a table for machines: whose row it is, as it is kept and as people call it; what was counted; the figures."""
    return (by.value, "name", *(name for _, name in COUNTED), *(f.name for f in shown(by)))


def cells(by: By, counts: Counts) -> tuple[str, ...]:
    """What `heads` names, from the third on: shares of 1, seconds, stars; "" where there is nothing to tell it from."""
    told = (f.value(counts) for f in shown(by))
    return (
        *(f"{round(counts.get(fact, 0.0), 3):g}" for fact, _ in COUNTED),
        *("" if value is None else f"{value:.4f}" for value in told),
    )
