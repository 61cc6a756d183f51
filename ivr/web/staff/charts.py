"""Charts as SVG: columns for days, bars for anything else. The page draws them; here is where everything stands. Pure.

A chart shows nobody anything that the table below it does not say, so a screen reader is spared it.
"""

from __future__ import annotations

from dataclasses import dataclass

from ivr.domain.metrics.report_figures import By, Figure, Unit
from ivr.usecases.reports.service_report import Report, Row

HIGH, WIDE = 100.0, 6.0  # of a chart, of a day in it: units of its viewBox
FEWEST = 7  # days for which there is room, so that one day is no wall
MOST = 8  # bars; the table has all of them
LEAST = 1.0  # a zero is seen as well
SCALES = (0.1, 0.25, 0.5, 1.0)


@dataclass(frozen=True, kw_only=True)
class Mark:
    """A column or a bar; `long`: None = there is nothing to tell it from, so nothing is drawn."""

    row: Row
    place: float
    long: float | None


@dataclass(frozen=True, kw_only=True)
class Chart:
    """`top`: the value at its full length. `more`: rows that have no bar."""

    marks: tuple[Mark, ...]
    days: bool
    wide: float
    top: float
    more: int

    @property
    def empty(self) -> bool:
        return all(mark.long is None for mark in self.marks)


def chart(report: Report, figure: Figure) -> Chart:
    days = report.asked.by is By.DAY
    rows = list(report.rows)
    if not days:  # those of whom most is known
        rows = sorted((r for r in rows if figure.of(r.counts) > 0), key=lambda r: -figure.of(r.counts))
    values = [figure.value(row.counts) for row in rows]
    top = _top(figure, [v for v in values if v is not None], days=days)
    kept = rows if days else rows[:MOST]
    marks = (
        Mark(row=row, place=n * WIDE, long=None if v is None else max(LEAST, round(v / top * HIGH, 2)))
        for n, (row, v) in enumerate(zip(kept, values, strict=False))
    )
    return Chart(
        marks=tuple(marks),
        days=days,
        wide=max(FEWEST, len(kept)) * WIDE,
        top=top,
        more=len(rows) - len(kept),
    )


def _top(figure: Figure, values: list[float], *, days: bool) -> float:
    """Bars reach to what they can be at most; columns of small shares have a scale on which their days differ."""
    match figure.unit:
        case Unit.SHARE:
            return next(scale for scale in SCALES if scale >= max([*values, 0.0])) if days else 1.0
        case Unit.STARS:
            return 5.0
        case Unit.SECONDS:
            return max([*values, 1.0])
