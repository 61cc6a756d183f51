"""How a language speaks of time and number. A new one is one new file here: it is found by its `language`.

A language without a file is spoken by `plain`, from what Babel knows of it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache

from babel.dates import format_date, format_skeleton, format_time, get_timezone_name

_MIDNIGHT = (0, 0)


@dataclass(frozen=True, kw_only=True)
class LocalMoment:
    """An instant as its listener lives it: the wall clock of their zone, and how many days from today."""

    at: datetime
    days_from_today: int

    @classmethod
    def of(cls, dt: datetime, now: datetime) -> LocalMoment:
        """`now` is aware and in the listener's zone. Midnight belongs to the day it ends."""
        at = dt.astimezone(now.tzinfo)
        return cls(at=at, days_from_today=(_calendar_day(at) - now.date()).days)

    @property
    def day(self) -> date:
        return _calendar_day(self.at)

    @property
    def is_midnight(self) -> bool:
        return (self.at.hour, self.at.minute) == _MIDNIGHT


def _calendar_day(at: datetime) -> date:
    ends_a_day = (at.hour, at.minute) == _MIDNIGHT
    return at.date() - timedelta(days=1) if ends_a_day else at.date()


class SpokenLanguage(ABC):
    """One language. Everything it returns is plain text that a voice reads right."""

    language: str = ""  # ISO 639; "" = none of its own
    locale: str  # as Babel writes it: "fr_FR"
    words_per_second: float = (
        2.4  # words a second of an unhurried voice; a slow one where nobody has measured
    )
    contractions: Sequence[
        tuple[str, str]
    ] = ()  # two words that become one when they meet: "de el " is "del "
    number_words: Sequence[str]  # cardinal numbers from zero as far as they are spelled out

    @abstractmethod
    def clock_time(self, at: datetime) -> str:
        """The bare time: "twenty to four"."""

    @abstractmethod
    def day_part(self, moment: LocalMoment) -> str:
        """The part of the day with the day: "this afternoon", "on Thursday morning"."""

    @abstractmethod
    def time_of_day(self, moment: LocalMoment) -> str:
        """A time with its day, to stand after a preposition."""

    @abstractmethod
    def at_when(self, moment: LocalMoment) -> str: ...

    @abstractmethod
    def by_when(self, moment: LocalMoment) -> str: ...

    @abstractmethod
    def between(self, since: LocalMoment, until: LocalMoment) -> str: ...

    @abstractmethod
    def ago(self, moment: LocalMoment) -> str: ...

    @abstractmethod
    def minutes(self, n: int) -> str: ...

    @abstractmethod
    def duration(self, seconds: int) -> str: ...

    @abstractmethod
    def count_today(self, n: int) -> str: ...

    @abstractmethod
    def list_of(self, items: Sequence[str]) -> str: ...

    @abstractmethod
    def written_for_text(self, moment: LocalMoment) -> str: ...

    def spell_number(self, n: int) -> str:
        return self.number_words[n] if n < len(self.number_words) else str(n)

    def contract_words(self, sentence: str) -> str:
        """With the words contracted that met when the sentence was put together."""
        for apart, together in self.contractions:
            sentence = sentence.replace(apart, together)
        return sentence

    def read_digits(self, groups: Sequence[str]) -> str:
        """A telephone number, from the groups that it is written in: "2 0 2, 5 5 5, 0 1 2 3"."""
        return ", ".join(" ".join(group) for group in groups)

    def day_heading(self, day: date) -> str:
        """Written, with its weekday: "Tuesday, November 24"."""
        return str(format_skeleton("MMMMEEEEd", day, locale=self.locale))

    def weekday(self, day: date) -> str:
        return _weekday(self.locale, day.weekday())

    def written_time(self, at: datetime) -> str:
        # CLDR's narrow no-break space would turn a text of 160 characters into one of 70 (GSM-7 to UCS-2)
        return format_time(at, "short", locale=self.locale).replace("\u202f", " ").replace("\u00a0", " ")

    def zone_name(self, at: datetime) -> str:
        return get_timezone_name(at, "long", locale=self.locale, zone_variant="generic")


@cache
def _weekday(locale: str, day: int) -> str:
    monday = date(2026, 11, 23)
    return format_date(monday + timedelta(days=day), "EEEE", locale=locale)
