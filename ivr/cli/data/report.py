"""`ivr report`: what /reports tells, at a terminal, for people and for other programs."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import click

from ivr.cli.redis_services import redis_services
from ivr.domain.metrics.report_figures import ReportDimension, Unit

if TYPE_CHECKING:
    from ivr.domain.metrics.report_figures import FactCounts, ReportFigure
    from ivr.usecases.reports.service_report import ReportRequest, ServiceReport

_DAYS_PATTERN = re.compile(r"(\d{1,3})d")


@click.command()
@click.option("--since", metavar="DAYS", help="So many days up to today: 7d. Default: 7d.")
@click.option("--from", "first", help="The first day: 2026-11-23.")
@click.option("--to", "last", help="The last day. Default: today.")
@click.option(
    "--by", type=click.Choice([by.value for by in ReportDimension]), default="day", show_default=True
)
@click.option("--json", "as_json", is_flag=True, help="For machines; shares of 1, times in seconds.")
@click.option("--csv", "as_csv", is_flag=True, help="As a table for other programs, with what was counted.")
def report(
    *, since: str | None, first: str | None, last: str | None, by: str, as_json: bool, as_csv: bool
) -> None:
    """Service level, speed of answer, abandonment, promises kept, repeat calls, FCR, ratings, handle time, occupancy.

    Days are those of the line's clock. Looking changes nothing.
    """
    from ivr.usecases.reports import service_report

    if as_json and as_csv:
        raise click.UsageError("Say one of --json and --csv.")
    if since and first:
        raise click.UsageError("Say one of --since and --from.")
    s = redis_services()
    s.clock.sync()
    until = service_report.parse_day(last) if last else service_report.today(s)
    begin = (
        service_report.parse_day(first) if first else until - timedelta(days=_parse_days(since or "7d") - 1)
    )
    found = service_report.get_report(
        s, service_report.ReportRequest(first=begin, last=until, group_by=ReportDimension(by))
    )
    if as_json:
        click.echo(json.dumps(_report_to_json(found), indent=2, ensure_ascii=False))
    elif as_csv:
        for line in service_report.to_csv_lines(found):
            click.echo(line, nl=False)
    else:
        click.echo(_format_report(found))


def _parse_days(text: str) -> int:
    told = _DAYS_PATTERN.fullmatch(text.strip())
    if told is None or not int(told[1]):
        raise click.UsageError(f"{text!r} is no stretch of days. Write it as 7d.")
    return int(told[1])


def _format_report(found: ServiceReport) -> str:
    """The whole of it with what each figure means, then row by row."""
    from ivr.domain.metrics.report_figures import list_figures

    figures, days = list_figures(found.request.group_by), _format_period(found.request)
    if not found.total:
        since = f" Reports begin with {found.counted_since}." if found.counted_since else ""
        return f"{days}: nothing to tell yet.{since}"
    wide = max(len(f.label) for f in figures)
    lines = [days]
    for f in figures:
        told = f"  {f.label:<{wide}}  {_format_value(f, found.total):>8}  {_format_basis(f, found.total)}"
        lines += [told.rstrip(), f"      {f.definition}"]
    heads = [found.request.group_by.value, *(_column_heading(f) for f in figures)]
    rows = [[row.label, *(_format_value(f, row.counts) for f in figures)] for row in found.rows]
    widths = [max(len(row[n]) for row in [heads, *rows]) for n in range(len(heads))]
    lines.append("")
    lines += [
        "  ".join(f"{cell:<{w}}" for cell, w in zip(row, widths, strict=True)).rstrip()
        for row in [heads, *rows]
    ]
    return "\n".join(lines)


def _format_period(request: ReportRequest) -> str:
    return f"{request.first} to {request.last}, by {request.group_by.value}"


def _column_heading(figure: ReportFigure) -> str:
    return figure.name.replace("_", " ")


def _format_basis(figure: ReportFigure, counts: FactCounts) -> str:
    of = figure.denominator(counts)
    return f"of {of:.0f} {figure.basis}" if of else ""


def _format_value(figure: ReportFigure, counts: FactCounts) -> str:
    value = figure.value(counts)
    if value is None:
        return "-"
    match figure.unit:
        case Unit.SHARE:
            return f"{value * 100:.1f} %"
        case Unit.SECONDS:
            return f"{value:.1f} s"
        case Unit.STARS:
            return f"{value:.2f}"


def _report_to_json(found: ServiceReport) -> dict[str, Any]:
    from ivr.domain.metrics.report_figures import list_figures

    figures = list_figures(found.request.group_by)

    def values_of(counts: FactCounts) -> dict[str, float | None]:
        return {f.name: f.value(counts) for f in figures}

    return {
        "from": found.request.first.isoformat(),
        "to": found.request.last.isoformat(),
        "by": found.request.group_by.value,
        "counted_since": found.counted_since.isoformat() if isinstance(found.counted_since, date) else None,
        "all": values_of(found.total),
        "rows": [
            {found.request.group_by.value: row.key, "name": row.label, **values_of(row.counts)}
            for row in found.rows
        ],
        "means": {f.name: f.definition for f in figures},
    }
