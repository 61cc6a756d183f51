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

from ivr.domain.schedule.opening_hours import MINUTES_PER_DAY, Hours, MinuteSpan
from ivr.flow.yaml_source.entry import YamlEntry, did_you_mean
from ivr.flow.yaml_source.fields import DAY_PATTERN, Field, field_names, get_field

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
GROUPS: Mapping[str, tuple[int, ...]] = {
    "everyday": tuple(range(7)),
    "weekdays": (0, 1, 2, 3, 4),
    "weekends": (5, 6),
    **{day: (index,) for index, day in enumerate(DAYS)},
}
_TIME_RANGE = r"([01]?\d|2[0-3]):[0-5]\d\s*-\s*(([01]?\d|2[0-3]):[0-5]\d|24:00)"
TIMES_PATTERN = rf"^(closed|{_TIME_RANGE}(\s*,\s*{_TIME_RANGE})*)$"
FIELDS = (
    Field(
        name="zone",
        kind="text",
        description="The time zone whose clock the times are of, like America/New_York",
        required=True,
    ),
    *(
        Field(
            name=name,
            kind="words",
            description=f'Times of {name}, like "8:00-12:00, 13:00-20:00", or closed; a day says more than a group',
            pattern=TIMES_PATTERN,
        )
        for name in GROUPS
    ),
    Field(
        name="holidays",
        kind="group",
        description="Whose public holidays are closed days",
        fields=(
            Field(name="country", kind="text", description="Two letters, like US", required=True),
            Field(name="subdivision", kind="text", description="A state or a part of it, like NY"),
        ),
    ),
    Field(
        name="closed",
        kind="words",
        description='Days off of your own, like ["2026-11-27"]',
        pattern=DAY_PATTERN,
    ),
    Field(
        name="exceptions",
        kind="named",
        description="By day, the times of that day, whatever else is said",
        name_pattern=DAY_PATTERN,
    ),
)
FIELD_NAMES = field_names(FIELDS)
_SPAN = re.compile(r"(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})")


@cache
def _list_zones() -> frozenset[str]:
    """Finding them walks through a folder of hundreds of files: most of the time that reading a file of hours took."""
    return frozenset(available_timezones())


def parse_hours(file: YamlEntry) -> dict[str, Hours]:
    return {
        name: _parse_hours_entry(name, file.get_entry(name, f'hours "{name}"')) for name in file.field_names()
    }


def _parse_hours_entry(name: str, entry: YamlEntry) -> Hours:
    entry.allow_only(FIELD_NAMES)
    zone = entry.get_text("zone")
    if zone and zone not in _list_zones():
        entry.add_fault(
            f'"{zone}" is not a time zone; expected one like America/New_York.{did_you_mean(zone, _list_zones())}',
            entry.value_location("zone"),
        )
        zone = "UTC"
    week: list[tuple[MinuteSpan, ...]] = [()] * 7
    for group, weekdays in GROUPS.items():  # the wider first, so that "saturday" says more than "weekends"
        if group in entry:
            spans = _parse_spans_of_key(entry, group)
            for index in weekdays:
                week[index] = spans
    if not any(week):
        entry.add_fault(f'{entry.label} is never open; expected days like weekdays: "8:00-20:00"')
    country, subdivision = _parse_holidays(entry)
    exceptions = entry.get_entry("exceptions")
    return Hours(
        name=name,
        zone=zone or "UTC",
        week=tuple(week),
        country=country,
        subdivision=subdivision,
        closed=frozenset(
            day for text in entry.get_texts("closed") if (day := _parse_day(entry, "closed", text))
        ),
        exceptions={
            day: _parse_spans_of_key(exceptions, text)
            for text in exceptions.field_names()
            if (day := _parse_day(exceptions, text, text))
        },
    )


def _parse_spans_of_key(entry: YamlEntry, key: str) -> tuple[MinuteSpan, ...]:
    spans = parse_spans(*entry.get_texts(key))
    if spans is None:
        entry.add_fault(
            f'{entry.label}: "{key}" should be closed or times like "8:00-12:00, 13:00-20:00"',
            entry.value_location(key),
        )
    return spans or ()


def parse_spans(*times: str) -> tuple[MinuteSpan, ...] | None:
    """Of "8:00-12:00, 13:00-20:00" or "closed", in order; None when it is neither."""
    texts = [text.strip() for value in times for text in value.split(",")]
    if texts in ([], ["closed"]):
        return ()
    found = [_SPAN.fullmatch(text) for text in texts]
    spans = [span for match in found if match and (span := _make_span(match))]
    return tuple(sorted(spans, key=lambda span: span.start)) if len(spans) == len(texts) else None


def _make_span(match: re.Match[str]) -> MinuteSpan | None:
    hours_from, minutes_from, hours_until, minutes_until = (int(group) for group in match.groups())
    if hours_from > 23 or hours_until > 24 or minutes_from > 59 or minutes_until > 59:
        return None
    start, until = hours_from * 60 + minutes_from, hours_until * 60 + minutes_until
    return MinuteSpan(start=start, until=until if until > start else until + MINUTES_PER_DAY)


def _parse_holidays(entry: YamlEntry) -> tuple[str, str]:
    if "holidays" not in entry:
        return "", ""
    group = entry.get_entry("holidays")
    group.allow_only(field_names(get_field(FIELDS, "holidays").fields))
    country, subdivision = group.get_text("country"), group.get_text("subdivision", "")
    known = holidays.list_supported_countries()
    if country not in known:
        group.add_fault(
            f'"{country}" is not a country whose holidays are known; expected two letters, like US.{did_you_mean(country, known)}',
            group.value_location("country"),
        )
        return "", ""
    if subdivision and subdivision not in known[country]:
        group.add_fault(
            f'"{subdivision}" is not a part of {country}; expected one of: {", ".join(known[country])}',
            group.value_location("subdivision"),
        )
        return country, ""
    return country, subdivision


def _parse_day(entry: YamlEntry, key: str, text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        entry.add_fault(f'"{text}" should be a day like "2026-12-24"', entry.value_location(key))
        return None
