"""Reports of a stretch of days, by day, line, queue or agent. Looking changes nothing.

One round trip, and what is read does not depend on how many called: a hash for each day; of agents, whole months from a hash each.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from ivr.domain.errors import CalorError
from ivr.domain.metrics import csv_line, report_facts
from ivr.domain.metrics.report_figures import (
    FactCounts,
    ReportDimension,
    add_counts,
    format_csv_cells,
    list_csv_columns,
)
from ivr.domain.records.agent import Agent
from ivr.services import RedisServices
from ivr.store.queries import counters
from ivr.store.query import combine, each

MAX_DAYS = 366  # days of one report
DEFAULT_DAYS = 28
ALLOWED_DATES = date(2001, 1, 1), date(2100, 12, 31)
_ONE_DAY = timedelta(days=1)


class InvalidPeriod(CalorError):
    """These days cannot be reported on."""


@dataclass(frozen=True, kw_only=True)
class ReportRequest:
    """From the first to the last day, both included, by the line's clock. Raises InvalidPeriod."""

    first: date
    last: date
    group_by: ReportDimension = ReportDimension.DAY

    def __post_init__(self) -> None:
        if self.first > self.last:
            raise InvalidPeriod("The first day comes after the last one.")
        if (self.last - self.first).days >= MAX_DAYS:
            raise InvalidPeriod(f"That is more than {MAX_DAYS} days. Ask for less at a time.")

    @property
    def days(self) -> list[date]:
        return [self.first + n * _ONE_DAY for n in range((self.last - self.first).days + 1)]


@dataclass(frozen=True, kw_only=True)
class ReportRow:
    """`key`: the day, line, queue or agent, as it is kept; `label`: as people call it."""

    key: str
    label: str
    counts: FactCounts


@dataclass(frozen=True, kw_only=True)
class ServiceReport:
    """`rows`: by day, each day in order; otherwise those of which there is something, by name. `total`: of everything together.

    `counted_since`: the first day that was ever counted; None = nothing was.
    """

    request: ReportRequest
    rows: tuple[ReportRow, ...]
    total: FactCounts
    counted_since: date | None


def parse_day(text: str) -> date:
    """2026-11-23, of this century. Raises InvalidPeriod."""
    try:
        found = date.fromisoformat(text)
    except ValueError as e:
        raise InvalidPeriod(f"{text[:20]!r} is no day. Write it as 2026-11-23.") from e
    if not ALLOWED_DATES[0] <= found <= ALLOWED_DATES[1]:
        raise InvalidPeriod(f"{found} is too far away.")
    return found


def today(s: RedisServices) -> date:
    return datetime.fromtimestamp(s.clock.now(), s.store.zone).date()


def get_report(s: RedisServices, request: ReportRequest) -> ServiceReport:
    days, parts = request.days, list_periods(request)
    by_group = request.group_by is not ReportDimension.DAY
    since, facts_by_day, facts_by_period = s.store.read(
        combine(
            counters.get_first_report_day(),
            each(days, lambda day: counters.get_report_facts(day.isoformat(), ReportDimension.DAY)),
            each(
                parts if by_group else (),
                lambda period: counters.get_report_facts(period, request.group_by),
            ),
        )
    )
    by_day = [_group_by_label(answer).get("", {}) for answer in facts_by_day.values()]
    every: FactCounts = {}
    for counts in by_day:
        every = add_counts(every, counts)
    if request.group_by is ReportDimension.DAY:
        rows = [
            ReportRow(key=day.isoformat(), label=day.isoformat(), counts=counts)
            for day, counts in zip(days, by_day, strict=True)
        ]
    else:
        found: dict[str, FactCounts] = {}
        for answer in facts_by_period.values():
            for key, counts in _group_by_label(answer).items():
                found[key] = add_counts(found.get(key, {}), counts)
        names = _get_labels(s, request.group_by, list(found))
        rows = [ReportRow(key=key, label=names[key], counts=counts) for key, counts in found.items()]
        rows.sort(key=lambda row: (row.label.casefold(), row.key))
    return ServiceReport(
        request=request,
        rows=tuple(rows),
        total=every,
        counted_since=date.fromisoformat(since) if since else None,
    )


def to_csv_lines(report: ServiceReport) -> Iterator[str]:
    """Lines of CSV: each row, then all of it."""
    by = report.request.group_by
    yield csv_line.format_line(list_csv_columns(by))
    for row in report.rows:
        yield csv_line.format_line((row.key, row.label, *format_csv_cells(by, row.counts)))
    yield csv_line.format_line(("all", "all", *format_csv_cells(by, report.total)))


def list_periods(request: ReportRequest) -> list[str]:
    """What has to be read: days; of what is counted by months too, each month that lies within whole."""
    found: list[str] = []
    for day in request.days:
        month = f"{day:%Y-%m}"
        if found and found[-1] == month:
            continue
        whole = (
            day.day == 1
            and _last_day_of_month(day) <= request.last
            and request.group_by in report_facts.MONTHLY_DIMENSIONS
        )
        found.append(month if whole else day.isoformat())
    return found


def _last_day_of_month(day: date) -> date:
    """The last day of its month."""
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - _ONE_DAY


def _group_by_label(answer: dict[str, str]) -> dict[str, dict[str, float]]:
    """A hash as it came: label -> fact -> how much."""
    found: dict[str, dict[str, float]] = {}
    for field, many in answer.items():
        label, _, name = field.rpartition("|")
        found.setdefault(label, {})[name] = float(many)
    return found


def _get_labels(s: RedisServices, group_by: ReportDimension, row_keys: list[str]) -> dict[str, str]:
    """As people call them. An agent who has left is called by their id."""
    if group_by is ReportDimension.AGENT:
        return {**{key: key for key in row_keys}, **{a.id: a.name for a in s.store.get_many(Agent, row_keys)}}
    return {key: key for key in row_keys}
