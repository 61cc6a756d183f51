"""Times, counts and numbers as a voice should say them. Plain text: whoever puts it into SSML escapes it.

`now` is aware and in the zone of whoever *listens*; every other time is moved into that zone before it is said.
A language may carry a region ("es-MX"); one without a tongue is spoken plainly, from what Babel knows of it, and one that Babel does not
know as English, so that a call goes on.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import cache

import phonenumbers
from babel import Locale
from babel.core import UnknownLocaleError, get_global

from ivr.domain import phone_numbers
from ivr.domain.speech import languages as speech_languages
from ivr.domain.speech.languages import Moment, Tongue
from ivr.domain.speech.languages.any_language import Plain
from ivr.domain.speech.languages.english import English

_ENGLISH = English()


@cache
def _tongues() -> Mapping[str, Tongue]:
    """Every tongue by its language, as the files of the folder have them."""
    found: dict[str, Tongue] = {}
    for module in pkgutil.iter_modules(speech_languages.__path__):
        for value in vars(importlib.import_module(f"{speech_languages.__name__}.{module.name}")).values():
            if isinstance(value, type) and issubclass(value, Tongue) and value.language:
                found[value.language] = value()
    return found


def short(language: str) -> str:
    """Without its region: "es" of "es-MX"."""
    return language.replace("_", "-").split("-", maxsplit=1)[0].lower()


@cache
def _tongue(language: str) -> Tongue:
    known = _tongues().get(short(language))
    if known:
        return known
    made = _babel(language)
    return Plain(made) if made else _ENGLISH


def _babel(language: str) -> Locale | None:
    try:
        return Locale.parse(language, sep="-") if language else None
    except (UnknownLocaleError, ValueError):
        return None


def is_language(tag: str) -> bool:
    """Whether anybody speaks it: "en", "es-MX"; not "english"."""
    return _babel(tag) is not None


def languages() -> tuple[str, ...]:
    """Those that have a tongue of their own."""
    return tuple(sorted(_tongues()))


@cache
def locale(language: str) -> str:
    """What a voice is asked for, as BCP 47: "en-US" of "en", "fr-FR" of "fr", "es-MX" of itself. Where most who speak it live."""
    text = language.replace("_", "-")
    if "-" in text:
        return text
    if own := _tongues().get(text.lower()):
        return own.locale.replace("_", "-")
    likely = str(get_global("likely_subtags").get(text.lower(), "")).split("_")
    return f"{text}-{likely[-1]}" if len(likely) > 1 else text


def pace(language: str) -> float:
    """Words a second of an unhurried voice."""
    return _tongue(language).pace


def tidy(sentence: str, language: str) -> str:
    """With the words contracted that met when it was put together: "del" for "de el"."""
    return _tongue(language).tidy(sentence)


def telephone(number: str, language: str) -> str:
    """A whole number (E.164) for reading back: "2 0 2, 5 5 5, 0 1 2 3"; "zéro six, douze, ..."."""
    shown = phonenumbers.format_number(
        phonenumbers.parse(number, None), phonenumbers.PhoneNumberFormat.NATIONAL
    )
    groups = "".join(c if c.isdigit() else " " for c in shown).split()
    return _tongue(language).digits(groups)


def heading(day: date, language: str) -> str:
    """A day, written: "Tuesday, November 24"."""
    return _tongue(language).heading(day)


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
    return " ".join(phone_numbers.ending(number))


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
