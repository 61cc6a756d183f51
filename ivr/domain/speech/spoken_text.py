"""Times, counts and numbers as a voice should say them. Plain text: whoever puts it into SSML escapes it.

`now` is aware and in the zone of whoever *listens*; every other time is moved into that zone before it is said.
A language may carry a region ("es-MX"); one without a file is spoken plainly, from what Babel knows of it, and one that Babel does not
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
from ivr.domain.speech.languages import LocalMoment, SpokenLanguage
from ivr.domain.speech.languages.any_language import PlainLanguage
from ivr.domain.speech.languages.english import English

_ENGLISH = English()


@cache
def _load_languages() -> Mapping[str, SpokenLanguage]:
    """Every spoken language by its code, as the files of the folder have them."""
    found: dict[str, SpokenLanguage] = {}
    for module in pkgutil.iter_modules(speech_languages.__path__):
        for value in vars(importlib.import_module(f"{speech_languages.__name__}.{module.name}")).values():
            if isinstance(value, type) and issubclass(value, SpokenLanguage) and value.language:
                found[value.language] = value()
    return found


def get_base_language(language: str) -> str:
    """Without its region: "es" of "es-MX"."""
    return language.replace("_", "-").split("-", maxsplit=1)[0].lower()


@cache
def _get_language(language: str) -> SpokenLanguage:
    known = _load_languages().get(get_base_language(language))
    if known:
        return known
    made = _parse_locale(language)
    return PlainLanguage(made) if made else _ENGLISH


def _parse_locale(tag: str) -> Locale | None:
    try:
        return Locale.parse(tag, sep="-") if tag else None
    except (UnknownLocaleError, ValueError):
        return None


def is_language(tag: str) -> bool:
    """Whether anybody speaks it: "en", "es-MX"; not "english"."""
    return _parse_locale(tag) is not None


def list_languages() -> tuple[str, ...]:
    """Those that have a file of their own."""
    return tuple(sorted(_load_languages()))


@cache
def get_voice_locale(language: str) -> str:
    """What a voice is asked for, as BCP 47: "en-US" of "en", "fr-FR" of "fr", "es-MX" of itself. Where most who speak it live."""
    text = language.replace("_", "-")
    if "-" in text:
        return text
    if own := _load_languages().get(text.lower()):
        return own.locale.replace("_", "-")
    likely = str(get_global("likely_subtags").get(text.lower(), "")).split("_")
    return f"{text}-{likely[-1]}" if len(likely) > 1 else text


def get_words_per_second(language: str) -> float:
    """Words a second of an unhurried voice."""
    return _get_language(language).words_per_second


def contract_words(sentence: str, language: str) -> str:
    """With the words contracted that met when it was put together: "del" for "de el"."""
    return _get_language(language).contract_words(sentence)


def phone_number(number: str, language: str) -> str:
    """A whole number (E.164) for reading back: "2 0 2, 5 5 5, 0 1 2 3"; "zéro six, douze, ..."."""
    shown = phonenumbers.format_number(
        phonenumbers.parse(number, None), phonenumbers.PhoneNumberFormat.NATIONAL
    )
    groups = "".join(c if c.isdigit() else " " for c in shown).split()
    return _get_language(language).read_digits(groups)


def day_heading(day: date, language: str) -> str:
    """A day, written: "Tuesday, November 24"."""
    return _get_language(language).day_heading(day)


def clock_time(dt: datetime, language: str, now: datetime) -> str:
    """The bare time, where the day is plain: "twenty to four", "las tres y cuarenta"."""
    return _get_language(language).clock_time(LocalMoment.of(dt, now).at)


def time_of_day(dt: datetime, language: str, now: datetime) -> str:
    """With its day and without a preposition: "twenty to four this afternoon", "eight on Thursday morning"."""
    return _get_language(language).time_of_day(LocalMoment.of(dt, now))


def at_when(dt: datetime, language: str, now: datetime) -> str:
    """Say "at twenty to four this afternoon", "tomorrow at eight in the morning"."""
    return _get_language(language).at_when(LocalMoment.of(dt, now))


def by_when(dt: datetime, language: str, now: datetime) -> str:
    """Say "by twenty to four this afternoon", "by eight tomorrow morning"."""
    return _get_language(language).by_when(LocalMoment.of(dt, now))


def between(since: datetime, until: datetime, language: str, now: datetime) -> str:
    """Say "between two and three this afternoon"."""
    return _get_language(language).between(LocalMoment.of(since, now), LocalMoment.of(until, now))


def ago(dt: datetime, language: str, now: datetime) -> str:
    """When something was: "this evening", "yesterday afternoon", "on Tuesday". The future counts as now."""
    return _get_language(language).ago(LocalMoment.of(min(dt, now), now))


def minutes(n: int, language: str) -> str:
    """An estimate: "about four minutes", "about an hour and a half"."""
    return _get_language(language).minutes(n)


def duration(seconds: int, language: str) -> str:
    """What has passed: "twelve seconds", "two minutes"."""
    return _get_language(language).duration(max(0, seconds))


def number_ending(number: str | None, language: str) -> str:
    """The last digits one by one: "5 5 5"; "" when there is no number. Digits alone, spaced, are read right in every language."""
    del language
    return " ".join(phone_numbers.last_digits(number))


def count_today(n: int, language: str) -> str:
    """Say "second call today"."""
    return _get_language(language).count_today(n)


def list_of(items: Sequence[str], language: str) -> str:
    """Say "a, b, and c"; "a, b y c"."""
    return _get_language(language).list_of(items)


def zone_name(dt: datetime, language: str, now: datetime) -> str:
    """The name of the listener's zone, to be added where their number leaves it open: "Eastern Time"."""
    return _get_language(language).zone_name(LocalMoment.of(dt, now).at)


def written_for_text(dt: datetime, language: str, now: datetime) -> str:
    """Written, for a text: "8:20 pm", "tomorrow, 8:20 am", "Thu, Aug 6, 8:20 am"."""
    return _get_language(language).written_for_text(LocalMoment.of(dt, now))
