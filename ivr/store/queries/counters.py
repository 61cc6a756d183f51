"""Counters and report facts, as ivr/domain/metrics names them. Changes add to them; here they are read."""

from __future__ import annotations

from ivr.domain.metrics.rates import parse_counters
from ivr.store import keys
from ivr.store.query import Query, ask, parse_text


def get_totals() -> Query[dict[str, float]]:
    """`figure|label|...` -> how often, ever."""
    return ask(("HGETALL", keys.COUNTERS), parse_counters)


def get_day(day: str) -> Query[dict[str, float]]:
    """The same of one day of the line's clock, 2026-11-23; kept for some weeks."""
    return ask(("HGETALL", keys.counters(day)), parse_counters)


def get_report_facts(period: str, by: str) -> Query[dict[str, str]]:
    """`label|fact` -> how often, or seconds. `period`: a day or a month (2026-11); `by`: day, line, queue or agent."""
    return ask(("HGETALL", keys.report(period, by)), dict)


def get_first_report_day() -> Query[str]:
    """The first day of which there are report facts; "" when there is none."""
    return ask(("GET", keys.FIRST_REPORT_DAY), parse_text)
