"""Times for a page: a day as a heading, and a stretch of it. `at` is aware and in the reader's zone."""

from __future__ import annotations

from datetime import date, datetime

from babel.dates import format_datetime, format_interval

from ivr.domain.speech import spoken_text


def _locale(language: str) -> str:
    return spoken_text.get_voice_locale(language).replace("-", "_")


def format_day(at: date, language: str) -> str:
    """Written like "Tuesday, November 24"."""
    told = spoken_text.day_heading(at, language)
    return told[0].upper() + told[1:]


def format_moment(at: datetime, language: str) -> str:
    """Written like "Mon, Nov 23, 2026, 2:05 PM"."""
    told = format_datetime(at, "EEE, MMM d, y, h:mm a", locale=_locale(language))
    return str(told).replace("\u202f", " ")


def format_span(since: datetime, until: datetime, language: str) -> str:
    """Written like "10:00 – 11:00 AM"."""
    return str(format_interval(since, until, "hm", locale=_locale(language))).replace("\u202f", " ")
