"""Reports of a stretch of days, by day, line, queue or agent. Looking changes nothing.

One round trip, and what is read does not depend on how many called: a hash for each day; of agents, whole months from a hash each.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from ivr.domain.errors import CalorError
from ivr.domain.metrics import csv_line, report_facts
from ivr.domain.metrics.report_figures import By, Counts, add, cells, heads
from ivr.domain.records.agent import Agent
from ivr.services import RedisServices
from ivr.store import keys

MOST = 366  # days of one report
USUAL = 28
CENTURY = date(2001, 1, 1), date(2100, 12, 31)
_DAY = timedelta(days=1)


class WrongSpan(CalorError):
    """These days cannot be reported on."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """From the first to the last day, both included, by the line's clock. Raises WrongSpan."""

    first: date
    last: date
    by: By = By.DAY

    def __post_init__(self) -> None:
        if self.first > self.last:
            raise WrongSpan("The first day comes after the last one.")
        if (self.last - self.first).days >= MOST:
            raise WrongSpan(f"That is more than {MOST} days. Ask for less at a time.")

    @property
    def days(self) -> list[date]:
        return [self.first + n * _DAY for n in range((self.last - self.first).days + 1)]


@dataclass(frozen=True, kw_only=True)
class Row:
    """`key`: the day, line, queue or agent, as it is kept; `label`: as people call it."""

    key: str
    label: str
    counts: Counts


@dataclass(frozen=True, kw_only=True)
class Report:
    """`rows`: by day, each day in order; otherwise those of which there is something, by name. `all`: of everything together.

    `since`: the first day that was ever counted; None = nothing was.
    """

    asked: Asked
    rows: tuple[Row, ...]
    all: Counts
    since: date | None


def day(text: str) -> date:
    """2026-11-23, of this century. Raises WrongSpan."""
    try:
        found = date.fromisoformat(text)
    except ValueError as e:
        raise WrongSpan(f"{text[:20]!r} is no day. Write it as 2026-11-23.") from e
    if not CENTURY[0] <= found <= CENTURY[1]:
        raise WrongSpan(f"{found} is too far away.")
    return found


def today(s: RedisServices) -> date:
    return datetime.fromtimestamp(s.clock.now(), s.store.zone).date()


def look(s: RedisServices, asked: Asked) -> Report:
    days, parts = asked.days, periods(asked)
    since, *answers = s.store.read(
        [
            ("GET", keys.REPORTED),
            *(("HGETALL", keys.report(day.isoformat(), By.DAY)) for day in days),
            *(("HGETALL", keys.report(part, asked.by)) for part in parts if asked.by is not By.DAY),
        ]
    )
    by_day = [_parts(answer).get("", {}) for answer in answers[: len(days)]]
    every: Counts = {}
    for counts in by_day:
        every = add(every, counts)
    if asked.by is By.DAY:
        rows = [
            Row(key=day.isoformat(), label=day.isoformat(), counts=counts)
            for day, counts in zip(days, by_day, strict=True)
        ]
    else:
        found: dict[str, Counts] = {}
        for answer in answers[len(days) :]:
            for key, counts in _parts(answer).items():
                found[key] = add(found.get(key, {}), counts)
        names = _names(s, asked.by, list(found))
        rows = [Row(key=key, label=names[key], counts=counts) for key, counts in found.items()]
        rows.sort(key=lambda row: (row.label.casefold(), row.key))
    return Report(
        asked=asked, rows=tuple(rows), all=every, since=date.fromisoformat(since) if since else None
    )


def table(report: Report) -> Iterator[str]:
    """Lines of CSV: each row, then all of it."""
    by = report.asked.by
    yield csv_line.line(heads(by))
    for row in report.rows:
        yield csv_line.line((row.key, row.label, *cells(by, row.counts)))
    yield csv_line.line(("all", "all", *cells(by, report.all)))


def periods(asked: Asked) -> list[str]:
    """What has to be read: days; of what is counted by months too, each month that lies within whole."""
    found: list[str] = []
    for day in asked.days:
        month = f"{day:%Y-%m}"
        if found and found[-1] == month:
            continue
        whole = day.day == 1 and _end(day) <= asked.last and asked.by in report_facts.MONTHLY
        found.append(month if whole else day.isoformat())
    return found


def _end(day: date) -> date:
    """The last day of its month."""
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - _DAY


def _parts(answer: dict[str, str]) -> dict[str, dict[str, float]]:
    """A hash as it came: label -> fact -> how much."""
    found: dict[str, dict[str, float]] = {}
    for field, many in answer.items():
        label, _, name = field.rpartition("|")
        found.setdefault(label, {})[name] = float(many)
    return found


def _names(s: RedisServices, by: By, found: list[str]) -> dict[str, str]:
    """As people call them. An agent who has left is called by their id."""
    if by is By.AGENT:
        return {**{key: key for key in found}, **{a.id: a.name for a in s.store.get_all(Agent, found)}}
    return {key: key for key in found}
