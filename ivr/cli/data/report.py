"""`ivr report`: what /reports tells, at a terminal, for people and for other programs."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import click

from ivr.cli.redis_services import redis_services
from ivr.domain.metrics.report_figures import By, Unit

if TYPE_CHECKING:
    from ivr.domain.metrics.report_figures import Counts, Figure
    from ivr.usecases.reports.service_report import Asked, Report

_SINCE = re.compile(r"(\d{1,3})d")


@click.command()
@click.option("--since", metavar="DAYS", help="So many days up to today: 7d. Default: 7d.")
@click.option("--from", "first", help="The first day: 2026-11-23.")
@click.option("--to", "last", help="The last day. Default: today.")
@click.option("--by", type=click.Choice([by.value for by in By]), default="day", show_default=True)
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
    s.clock.follow()
    until = service_report.day(last) if last else service_report.today(s)
    begin = service_report.day(first) if first else until - timedelta(days=_days(since or "7d") - 1)
    found = service_report.look(s, service_report.Asked(first=begin, last=until, by=By(by)))
    if as_json:
        click.echo(json.dumps(_json(found), indent=2, ensure_ascii=False))
    elif as_csv:
        for line in service_report.table(found):
            click.echo(line, nl=False)
    else:
        click.echo(_page(found))


def _days(text: str) -> int:
    told = _SINCE.fullmatch(text.strip())
    if told is None or not int(told[1]):
        raise click.UsageError(f"{text!r} is no stretch of days. Write it as 7d.")
    return int(told[1])


def _page(found: Report) -> str:
    """The whole of it with what each figure means, then row by row."""
    from ivr.domain.metrics.report_figures import shown

    figures, days = shown(found.asked.by), _span(found.asked)
    if not found.all:
        since = f" Reports begin with {found.since}." if found.since else ""
        return f"{days}: nothing to tell yet.{since}"
    wide = max(len(f.label) for f in figures)
    lines = [days]
    for f in figures:
        told = f"  {f.label:<{wide}}  {_said(f, found.all):>8}  {_basis(f, found.all)}"
        lines += [told.rstrip(), f"      {f.means}"]
    heads = [found.asked.by.value, *(_short(f) for f in figures)]
    rows = [[row.label, *(_said(f, row.counts) for f in figures)] for row in found.rows]
    widths = [max(len(row[n]) for row in [heads, *rows]) for n in range(len(heads))]
    lines.append("")
    lines += [
        "  ".join(f"{cell:<{w}}" for cell, w in zip(row, widths, strict=True)).rstrip()
        for row in [heads, *rows]
    ]
    return "\n".join(lines)


def _span(asked: Asked) -> str:
    return f"{asked.first} to {asked.last}, by {asked.by.value}"


def _short(figure: Figure) -> str:
    return figure.name.replace("_", " ")


def _basis(figure: Figure, counts: Counts) -> str:
    of = figure.of(counts)
    return f"of {of:.0f} {figure.basis}" if of else ""


def _said(figure: Figure, counts: Counts) -> str:
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


def _json(found: Report) -> dict[str, Any]:
    from ivr.domain.metrics.report_figures import shown

    figures = shown(found.asked.by)

    def told(counts: Counts) -> dict[str, float | None]:
        return {f.name: f.value(counts) for f in figures}

    return {
        "from": found.asked.first.isoformat(),
        "to": found.asked.last.isoformat(),
        "by": found.asked.by.value,
        "counted_since": found.since.isoformat() if isinstance(found.since, date) else None,
        "all": told(found.all),
        "rows": [
            {found.asked.by.value: row.key, "name": row.label, **told(row.counts)} for row in found.rows
        ],
        "means": {f.name: f.means for f in figures},
    }
