"""Times as a colleague types them: "tomorrow 10:00", "mon 9am", "2026-11-24 15:30", "14:05"."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta

EXAMPLES = '"tomorrow 10:00", "mon 9am", "2026-11-24 15:30", "14:05"'
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_TIME = re.compile(r"(?:at )?(?P<hour>\d{1,2})(?:[:.](?P<minute>\d\d))? ?(?P<half>[ap]m)?")


def parse_moment(text: str, now: datetime) -> datetime | None:
    """The time that is meant, on the clock of `now` (aware); None when it cannot be read.

    A weekday is the next one, today's when its time is still to come; a time without a day is the next such time.
    """
    plain = " ".join(text.lower().replace(",", " ").split())
    head, _, rest = plain.partition(" ")
    day = _parse_day(head, now.date())
    clock = _parse_clock(rest if day else plain)
    if clock is None:
        return None
    at = datetime.combine(day or now.date(), clock, now.tzinfo)
    if at > now or head == "today" or _is_date(head):
        return at
    return at + timedelta(days=1 if day is None else 7)


def _parse_day(word: str, today: date) -> date | None:
    if word in ("today", "tomorrow"):
        return today + timedelta(days=word == "tomorrow")
    named = [n for n, name in enumerate(_DAYS) if len(word) >= 3 and name.startswith(word)]
    if named:
        return today + timedelta(days=(named[0] - today.weekday()) % 7)
    return date.fromisoformat(word) if _is_date(word) else None


def _is_date(word: str) -> bool:
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", word):
        return False
    try:
        date.fromisoformat(word)
    except ValueError:  # the 31st of a month that has none
        return False
    return True


def _parse_clock(text: str) -> time | None:
    found = _TIME.fullmatch(text)
    if not found:
        return None
    hour, minute = int(found["hour"]), int(found["minute"] or 0)
    if found["half"] and not 1 <= hour <= 12:
        return None
    if found["half"]:
        hour = hour % 12 + (12 if found["half"] == "pm" else 0)
    elif not found["minute"]:
        return None  # "9" alone is too little to move somebody's call by
    return time(hour, minute) if hour < 24 and minute < 60 else None
