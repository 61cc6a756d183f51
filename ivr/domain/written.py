"""Times for a page: a day as a heading, and a stretch of it. `at` is aware and in the reader's zone."""

from __future__ import annotations

from datetime import date, datetime

from babel.dates import format_date, format_datetime, format_interval

_LOCALES = {"en": "en_US", "es": "es_US"}


def _locale(language: str) -> str:
    return _LOCALES.get(language.split("-", maxsplit=1)[0], "en_US")


def day(at: date, language: str) -> str:
    """Written like "Tuesday, November 24"."""
    told = format_date(
        at, "EEEE, MMMM d" if _locale(language) == "en_US" else "EEEE d 'de' MMMM", locale=_locale(language)
    )
    return told[0].upper() + told[1:]


def moment(at: datetime, language: str) -> str:
    """Written like "Mon, Nov 23, 2026, 2:05 PM"."""
    told = format_datetime(at, "EEE, MMM d, y, h:mm a", locale=_locale(language))
    return str(told).replace("\u202f", " ")


def stretch(since: datetime, until: datetime, language: str) -> str:
    """Written like "10:00 – 11:00 AM"."""
    return str(format_interval(since, until, "hm", locale=_locale(language))).replace("\u202f", " ")
