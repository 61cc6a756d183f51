"""What a report tells, and what each figure in it means. Pure: figures are worked out of counts (domain/metrics/report_facts.py makes these).

The definition stands beside the figure wherever it is shown, and is the same everywhere, so both are data here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

REPEAT_DAYS = 7  # a call within so many days of the last one is a repeat
RATINGS = range(1, 6)

FactCounts = Mapping[str, float]
"""By the name of a fact: how often, or how many seconds."""


class ReportDimension(StrEnum):
    DAY = "day"
    OUR_NUMBER = "line"
    QUEUE = "queue"
    AGENT = "agent"


class Unit(StrEnum):
    SHARE = "share"  # of 1
    SECONDS = "seconds"
    STARS = "stars"  # from 1 to 5


@dataclass(frozen=True, kw_only=True)
class ReportFigure:
    """`numerator` / `denominator` is the figure, and None while there is nothing to tell it from.

    `name`: for machines. `basis`: what `denominator` counts, in words. `dimensions`: for what it can be told.
    """

    name: str
    label: str
    definition: str
    unit: Unit
    basis: str
    numerator: Callable[[FactCounts], float]
    denominator: Callable[[FactCounts], float]
    dimensions: frozenset[ReportDimension] = frozenset(ReportDimension)

    def value(self, counts: FactCounts) -> float | None:
        of = self.denominator(counts)
        return self.numerator(counts) / of if of > 0 else None


def _sum_of(*names: str) -> Callable[[FactCounts], float]:
    return lambda counts: sum(counts.get(name, 0.0) for name in names)


def _sum_of_ratings(counts: FactCounts) -> float:
    return sum(n * counts.get(f"rated {n}", 0.0) for n in RATINGS)


_SUM_OF_OFFERED = _sum_of("answered", "abandoned", "instead")
_ALL_BUT_AGENT = frozenset({ReportDimension.DAY, ReportDimension.OUR_NUMBER, ReportDimension.QUEUE})
_DAY_AND_AGENT = frozenset({ReportDimension.DAY, ReportDimension.AGENT})

FIGURES: tuple[ReportFigure, ...] = (
    ReportFigure(
        name="service_level",
        label="Service level",
        definition="Answered within the time that the queue had set then, of all who asked for a person and wait no longer: "
        "answered, abandoned, or called back instead.",
        unit=Unit.SHARE,
        basis="asked for a person",
        numerator=_sum_of("within"),
        denominator=_SUM_OF_OFFERED,
        dimensions=_ALL_BUT_AGENT,
    ),
    ReportFigure(
        name="asa",
        label="Average speed of answer",
        definition="How long those who were answered had waited, on average, from asking for a person to the yes of one.",
        unit=Unit.SECONDS,
        basis="answered",
        numerator=_sum_of("waited"),
        denominator=_sum_of("answered"),
    ),
    ReportFigure(
        name="abandonment",
        label="Abandonment",
        definition="Left before an answer, of all who asked for a person and wait no longer. They are owed a call; "
        "who chose to be called instead of waiting has not abandoned.",
        unit=Unit.SHARE,
        basis="asked for a person",
        numerator=_sum_of("abandoned"),
        denominator=_SUM_OF_OFFERED,
        dimensions=_ALL_BUT_AGENT,
    ),
    ReportFigure(
        name="promises_on_time",
        label="Promises kept on time",
        definition="Kept by the time that the customer was told last, of all that were kept, or went into somebody's hands "
        "too late. By the day on which they ended; those the customer declined are in neither. "
        "Who promised is whose it is. What is open and late now is on the page of promises.",
        unit=Unit.SHARE,
        basis="kept, or late",
        numerator=_sum_of("kept in time"),
        denominator=_sum_of("kept in time", "kept late"),
    ),
    ReportFigure(
        name="repeat_calls",
        label="Repeat calls",
        definition=f"Calls from a number that had called in the {REPEAT_DAYS} days before, of all calls that are over. By the "
        "day on which they came in. Calls of one caller at once are one; numbers that several people use are never a repeat.",
        unit=Unit.SHARE,
        basis="calls",
        numerator=_sum_of("repeats"),
        denominator=_sum_of("calls"),
    ),
    ReportFigure(
        name="fcr",
        label="Resolved at first contact (FCR)",
        definition=f"Helped in one talk, by the agent's word, with no call of theirs in the {REPEAT_DAYS} days before and none in "
        f"the {REPEAT_DAYS} days after, of all contacts that came to a talk. By the day on which they came in: it may still "
        f"fall for {REPEAT_DAYS} days.",
        unit=Unit.SHARE,
        basis="came to a talk",
        numerator=_sum_of("resolved"),
        denominator=_sum_of("talked"),
    ),
    ReportFigure(
        name="rating",
        label="Rating",
        definition="How it was, from 1, poor, to 5, on average of those who said it, by key or by text. By the day on which they "
        "said it, and by the agent they had talked with last.",
        unit=Unit.STARS,
        basis="said how it was",
        numerator=_sum_of_ratings,
        denominator=_sum_of(*(f"rated {n}" for n in RATINGS)),
    ),
    ReportFigure(
        name="aht",
        label="Average handle time (AHT)",
        definition="Talk, hold and wrap-up of agents for each contact that came to a talk, callbacks with their dialling. "
        "A contact that was handed on counts for whoever had it last. A supervisor who listens is left out.",
        unit=Unit.SECONDS,
        basis="talks",
        numerator=_sum_of("handling"),
        denominator=_sum_of("handled"),
        dimensions=_DAY_AND_AGENT,
    ),
    ReportFigure(
        name="occupancy",
        label="Occupancy",
        definition="Of the time in which agents were in a call, wrapping up or available: the time in a call or wrapping up. "
        "A stretch of time is counted on the day on which it ends; being rung and briefed is in neither.",
        unit=Unit.SHARE,
        basis="seconds at work",
        numerator=_sum_of("handling"),
        denominator=_sum_of("handling", "available"),
        dimensions=_DAY_AND_AGENT,
    ),
)

COUNT_COLUMNS: tuple[tuple[str, str], ...] = (
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
    *((f"rated {n}", f"rated_{n}") for n in RATINGS),
)
"""Facts as they are kept, and as a table for machines calls them."""


def list_figures(dimension: ReportDimension) -> tuple[ReportFigure, ...]:
    return tuple(f for f in FIGURES if dimension in f.dimensions)


def add_counts(some: FactCounts, more: FactCounts) -> dict[str, float]:
    return {name: some.get(name, 0.0) + more.get(name, 0.0) for name in {**some, **more}}


def list_csv_columns(dimension: ReportDimension) -> tuple[str, ...]:
    """Of a table for machines: whose row it is, as it is kept and as people call it; what was counted; the figures."""
    return (
        dimension.value,
        "name",
        *(name for _, name in COUNT_COLUMNS),
        *(f.name for f in list_figures(dimension)),
    )


def format_csv_cells(dimension: ReportDimension, counts: FactCounts) -> tuple[str, ...]:
    """What `list_csv_columns` names, from the third on: shares of 1, seconds, stars; "" where there is nothing to tell it from."""
    told = (f.value(counts) for f in list_figures(dimension))
    return (
        *(f"{round(counts.get(fact, 0.0), 3):g}" for fact, _ in COUNT_COLUMNS),
        *("" if value is None else f"{value:.4f}" for value in told),
    )
