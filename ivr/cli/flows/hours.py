"""`ivr flows hours`: a month of opening hours, day by day, with the reasons."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

if TYPE_CHECKING:
    from ivr.domain.schedule.month_view import CalendarDay, CalendarWeek, OpenSpan
    from ivr.domain.schedule.opening_hours import Hours
    from ivr.flow.model import Library


@click.command()
@click.argument("name", required=False)
@click.option(
    "--folder", type=click.Path(path_type=Path, exists=True, file_okay=False), default=Path("flows")
)
@click.option("--month", "month", default="", help='As "2026-12"; the present one without it.')
@click.option("--json", "as_json", is_flag=True, help="For machines.")
def hours(name: str | None, folder: Path, month: str, as_json: bool) -> None:
    """When people are here, day by day: NAME is one of hours.yaml or a queue; all of hours.yaml without it."""
    from ivr.domain.schedule.month_view import build_month
    from ivr.flow.loader.library import load_flows

    shown = []
    for one in _list_hours(load_flows(folder), name):
        at = _parse_month(month) or datetime.now(UTC).astimezone(ZoneInfo(one.zone))
        shown.append((one, at, build_month(one, at.year, at.month)))
    if as_json:
        found = [{"name": h.name, "zone": h.zone, "weeks": _weeks_to_json(weeks)} for h, _, weeks in shown]
        click.echo(json.dumps(found, indent=2, ensure_ascii=False))
        return
    for n, (one, at, weeks) in enumerate(shown):
        click.echo(f"{chr(10) if n else ''}{one.name}  {one.zone}  {at:%B %Y}")
        for week in weeks:
            click.echo("")
            for day in week:
                if day:
                    click.echo(_format_day(day))


def _list_hours(library: Library, name: str | None) -> tuple[Hours, ...]:
    if name is None:
        return tuple(library.hours.values())
    found = library.get_hours(name)
    if found is None and name in library.queues:
        raise click.ClickException(f'the queue "{name}" is open all the time: it names no hours')
    if found is None:
        known = dict.fromkeys([*library.hours, *library.queues])
        raise click.ClickException(f'there are no hours "{name}"; there are: {", ".join(known)}')
    return (found,)


def _parse_month(text: str) -> datetime | None:
    try:
        return datetime.strptime(text, "%Y-%m").replace(tzinfo=UTC) if text else None
    except ValueError as error:
        raise click.ClickException(f'"{text}" is not a month like 2026-12') from error


def _format_day(day: CalendarDay) -> str:
    times = ", ".join(_format_span(span) for span in day.open_spans) or "closed"
    why = day.holiday or ("" if day.hours_source == "weekly" else day.hours_source.value)
    past = (
        "until then: since the evening before" if any(span.past_midnight for span in day.open_spans) else ""
    )
    notes = "; ".join(note for note in (why, past) if note)
    return f"{day.date:%a} {day.date.day:>2}  {times:<24} {notes}".rstrip()


def _format_span(span: OpenSpan) -> str:
    closes = "24:00" if span.closes.date() > span.opens.date() else f"{span.closes:%-H:%M}"
    return f"{span.opens:%-H:%M}-{closes}"


def _weeks_to_json(weeks: tuple[CalendarWeek, ...]) -> list[list[dict[str, Any] | None]]:
    return [[_day_to_json(day) if day else None for day in week] for week in weeks]


def _day_to_json(day: CalendarDay) -> dict[str, Any]:
    return {
        "date": day.date.isoformat(),
        "why": day.hours_source.value,
        "holiday": day.holiday,
        "open": [
            {"opens": s.opens.isoformat(), "closes": s.closes.isoformat(), "past_midnight": s.past_midnight}
            for s in day.open_spans
        ],
    }
