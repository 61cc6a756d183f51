"""Times, counts and numbers as a voice should say them. Plain text: whoever puts it into SSML escapes it.

`now` is aware and in the zone of whoever *listens*; every other time is moved into that zone before it is said.
A language may carry a region ("es-MX"); one that nobody has written yet is spoken as English, so that a call goes on.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ivr.domain import numbers
from ivr.domain.tongues import Moment, Tongue
from ivr.domain.tongues.english import English
from ivr.domain.tongues.spanish import Spanish

_ENGLISH = English()
_TONGUES: dict[str, Tongue] = {"en": _ENGLISH, "es": Spanish()}

LANGUAGES = tuple(_TONGUES)


def _tongue(language: str) -> Tongue:
    return _TONGUES.get(language.replace("_", "-").split("-")[0].lower(), _ENGLISH)


def clock(dt: datetime, language: str, now: datetime) -> str:
    """The bare time, where the day is plain: "twenty to four", "las tres y cuarenta"."""
    return _tongue(language).clock(Moment.of(dt, now).at)


def time_of_day(dt: datetime, language: str, now: datetime) -> str:
    """With its day and without a preposition: "twenty to four this afternoon", "eight on Thursday morning"."""
    return _tongue(language).time_of_day(Moment.of(dt, now))


def at_when(dt: datetime, language: str, now: datetime) -> str:
    """Say "at twenty to four this afternoon", "tomorrow at eight in the morning"."""
    return _tongue(language).at_when(Moment.of(dt, now))


def by_when(dt: datetime, language: str, now: datetime) -> str:
    """Say "by twenty to four this afternoon", "by eight tomorrow morning"."""
    return _tongue(language).by_when(Moment.of(dt, now))


def between(since: datetime, until: datetime, language: str, now: datetime) -> str:
    """Say "between two and three this afternoon"."""
    return _tongue(language).between(Moment.of(since, now), Moment.of(until, now))


def ago(dt: datetime, language: str, now: datetime) -> str:
    """When something was: "this evening", "yesterday afternoon", "on Tuesday". The future counts as now."""
    return _tongue(language).ago(Moment.of(min(dt, now), now))


def minutes(n: int, language: str) -> str:
    """An estimate: "about four minutes", "about an hour and a half"."""
    return _tongue(language).minutes(n)


def duration(seconds: int, language: str) -> str:
    """What has passed: "twelve seconds", "two minutes"."""
    return _tongue(language).duration(max(0, seconds))


def ending(number: str | None, language: str) -> str:
    """The last digits one by one: "5 5 5"; "" when there is no number. Digits alone, spaced, are read right in every language."""
    del language
    return " ".join(numbers.ending(number))


def count_today(n: int, language: str) -> str:
    """Say "second call today"."""
    return _tongue(language).count_today(n)


def list_of(items: Sequence[str], language: str) -> str:
    """Say "a, b, and c"; "a, b y c"."""
    return _tongue(language).list_of(items)


def zone(dt: datetime, language: str, now: datetime) -> str:
    """The name of the listener's zone, to be added where their number leaves it open: "Eastern Time"."""
    return _tongue(language).zone(Moment.of(dt, now).at)


def for_text(dt: datetime, language: str, now: datetime) -> str:
    """Written, for a text: "8:20 pm", "tomorrow, 8:20 am", "Thu, Aug 6, 8:20 am"."""
    return _tongue(language).for_text(Moment.of(dt, now))
