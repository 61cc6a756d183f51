"""Charts as SVG: columns for days, bars for anything else. The page draws them; here is where everything stands. Pure.

A chart shows nobody anything that the table below it does not say, so a screen reader is spared it.
"""

from __future__ import annotations

from dataclasses import dataclass

from ivr.domain.metrics.report_figures import ReportDimension, ReportFigure, Unit
from ivr.usecases.reports.service_report import ReportRow, ServiceReport

MARK_LENGTH, DAY_WIDTH = 100.0, 6.0  # of a chart, of a day in it: units of its viewBox
MIN_DAYS = 7  # days for which there is room, so that one day is no wall
MAX_BARS = 8  # bars; the table has all of them
MIN_MARK_LENGTH = 1.0  # a zero is seen as well
SHARE_SCALES = (0.1, 0.25, 0.5, 1.0)


@dataclass(frozen=True, kw_only=True)
class ChartMark:
    """A column or a bar; `length`: None = there is nothing to tell it from, so nothing is drawn."""

    row: ReportRow
    position: float
    length: float | None


@dataclass(frozen=True, kw_only=True)
class Chart:
    """`max_value`: the value at its full length. `hidden_count`: rows that have no bar."""

    marks: tuple[ChartMark, ...]
    is_by_day: bool
    width: float
    max_value: float
    hidden_count: int

    @property
    def is_empty(self) -> bool:
        return all(mark.length is None for mark in self.marks)


def make_chart(report: ServiceReport, figure: ReportFigure) -> Chart:
    days = report.request.group_by is ReportDimension.DAY
    rows = list(report.rows)
    if not days:  # those of whom most is known
        rows = sorted(
            (r for r in rows if figure.denominator(r.counts) > 0), key=lambda r: -figure.denominator(r.counts)
        )
    values = [figure.value(row.counts) for row in rows]
    top = _find_max_value(figure, [v for v in values if v is not None], is_by_day=days)
    kept = rows if days else rows[:MAX_BARS]
    marks = (
        ChartMark(
            row=row,
            position=n * DAY_WIDTH,
            length=None if v is None else max(MIN_MARK_LENGTH, round(v / top * MARK_LENGTH, 2)),
        )
        for n, (row, v) in enumerate(zip(kept, values, strict=False))
    )
    return Chart(
        marks=tuple(marks),
        is_by_day=days,
        width=max(MIN_DAYS, len(kept)) * DAY_WIDTH,
        max_value=top,
        hidden_count=len(rows) - len(kept),
    )


def _find_max_value(figure: ReportFigure, values: list[float], *, is_by_day: bool) -> float:
    """Bars reach to what they can be at most; columns of small shares have a scale on which their days differ."""
    match figure.unit:
        case Unit.SHARE:
            return next(scale for scale in SHARE_SCALES if scale >= max([*values, 0.0])) if is_by_day else 1.0
        case Unit.STARS:
            return 5.0
        case Unit.SECONDS:
            return max([*values, 1.0])
