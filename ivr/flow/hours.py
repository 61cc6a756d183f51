"""`flows/hours.yaml`: when people are here.

support:
  zone: America/New_York
  weekdays: "8:00-20:00"
  saturday: "9:00-12:00, 13:00-17:00"
  sunday: closed
  holidays: {country: US, subdivision: NY}
  closed: ["2026-11-27"]
  exceptions: {"2026-12-24": "8:00-12:00"}
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from functools import cache
from zoneinfo import available_timezones

import holidays

from ivr.domain.schedule.opening_hours import MINUTES_A_DAY, Hours, Span
from ivr.flow.yaml_source.entry import Entry, nearest
from ivr.flow.yaml_source.fields import DAY, Field, named, names

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
GROUPS: Mapping[str, tuple[int, ...]] = {
    "everyday": tuple(range(7)),
    "weekdays": (0, 1, 2, 3, 4),
    "weekends": (5, 6),
    **{day: (index,) for index, day in enumerate(DAYS)},
}
_AT = r"([01]?\d|2[0-3]):[0-5]\d\s*-\s*(([01]?\d|2[0-3]):[0-5]\d|24:00)"
TIMES = rf"^(closed|{_AT}(\s*,\s*{_AT})*)$"
FIELDS = (
    Field(
        name="zone",
        kind="text",
        about="The time zone whose clock the times are of, like America/New_York",
        needed=True,
    ),
    *(
        Field(
            name=name,
            kind="words",
            about=f'Times of {name}, like "8:00-12:00, 13:00-20:00", or closed; a day says more than a group',
            like=TIMES,
        )
        for name in GROUPS
    ),
    Field(
        name="holidays",
        kind="group",
        about="Whose public holidays are closed days",
        fields=(
            Field(name="country", kind="text", about="Two letters, like US", needed=True),
            Field(name="subdivision", kind="text", about="A state or a part of it, like NY"),
        ),
    ),
    Field(name="closed", kind="words", about='Days off of your own, like ["2026-11-27"]', like=DAY),
    Field(
        name="exceptions",
        kind="named",
        about="By day, the times of that day, whatever else is said",
        names=DAY,
    ),
)
ALLOWED = names(FIELDS)
_SPAN = re.compile(r"(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})")


@cache
def _zones() -> frozenset[str]:
    """Finding them walks through a folder of hundreds of files: most of the time that reading a file of hours took."""
    return frozenset(available_timezones())


def parse_hours(file: Entry) -> dict[str, Hours]:
    return {name: _hours(name, file.entry(name, f'hours "{name}"')) for name in file.names()}


def _hours(name: str, entry: Entry) -> Hours:
    entry.only(ALLOWED)
    zone = entry.text("zone")
    if zone and zone not in _zones():
        entry.fault(
            f'"{zone}" is not a time zone; expected one like America/New_York.{nearest(zone, _zones())}',
            entry.value_place("zone"),
        )
        zone = "UTC"
    week: list[tuple[Span, ...]] = [()] * 7
    for group, weekdays in GROUPS.items():  # the wider first, so that "saturday" says more than "weekends"
        if group in entry:
            spans = _spans(entry, group)
            for index in weekdays:
                week[index] = spans
    if not any(week):
        entry.fault(f'{entry.what} is never open; expected days like weekdays: "8:00-20:00"')
    country, subdivision = _holidays(entry)
    exceptions = entry.entry("exceptions")
    return Hours(
        name=name,
        zone=zone or "UTC",
        week=tuple(week),
        country=country,
        subdivision=subdivision,
        closed=frozenset(day for text in entry.texts("closed") if (day := _day(entry, "closed", text))),
        exceptions={
            day: _spans(exceptions, text)
            for text in exceptions.names()
            if (day := _day(exceptions, text, text))
        },
    )


def _spans(entry: Entry, key: str) -> tuple[Span, ...]:
    spans = spans_in(*entry.texts(key))
    if spans is None:
        entry.fault(
            f'{entry.what}: "{key}" should be closed or times like "8:00-12:00, 13:00-20:00"',
            entry.value_place(key),
        )
    return spans or ()


def spans_in(*times: str) -> tuple[Span, ...] | None:
    """Of "8:00-12:00, 13:00-20:00" or "closed", in order; None when it is neither."""
    texts = [text.strip() for value in times for text in value.split(",")]
    if texts in ([], ["closed"]):
        return ()
    found = [_SPAN.fullmatch(text) for text in texts]
    spans = [span for match in found if match and (span := _span(match))]
    return tuple(sorted(spans, key=lambda span: span.start)) if len(spans) == len(texts) else None


def _span(match: re.Match[str]) -> Span | None:
    hours_from, minutes_from, hours_until, minutes_until = (int(group) for group in match.groups())
    if hours_from > 23 or hours_until > 24 or minutes_from > 59 or minutes_until > 59:
        return None
    start, until = hours_from * 60 + minutes_from, hours_until * 60 + minutes_until
    return Span(start=start, until=until if until > start else until + MINUTES_A_DAY)


def _holidays(entry: Entry) -> tuple[str, str]:
    if "holidays" not in entry:
        return "", ""
    group = entry.entry("holidays")
    group.only(names(named(FIELDS, "holidays").fields))
    country, subdivision = group.text("country"), group.text("subdivision", "")
    known = holidays.list_supported_countries()
    if country not in known:
        group.fault(
            f'"{country}" is not a country whose holidays are known; expected two letters, like US.{nearest(country, known)}',
            group.value_place("country"),
        )
        return "", ""
    if subdivision and subdivision not in known[country]:
        group.fault(
            f'"{subdivision}" is not a part of {country}; expected one of: {", ".join(known[country])}',
            group.value_place("subdivision"),
        )
        return country, ""
    return country, subdivision


def _day(entry: Entry, key: str, text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        entry.fault(f'"{text}" should be a day like "2026-12-24"', entry.value_place(key))
        return None
