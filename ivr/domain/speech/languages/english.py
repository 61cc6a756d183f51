"""English, as spoken in the United States."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from babel.dates import format_date
from babel.lists import format_list

from ivr.domain.speech.languages import LocalMoment, SpokenLanguage

_MINUTES_PAST = {
    5: "five past",
    10: "ten past",
    15: "a quarter past",
    20: "twenty past",
    25: "twenty-five past",
}
_MINUTES_PAST |= {30: "half past"}
_MINUTES_TO = {35: "twenty-five to", 40: "twenty to", 45: "a quarter to", 50: "ten to", 55: "five to"}
_IN_DAY_PART = {
    "morning": "in the morning",
    "afternoon": "in the afternoon",
    "evening": "in the evening",
    "night": "at night",
}
_NAMED_TIMES = {"noon", "midnight"}
_ORDINALS = (
    "",
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
)


class English(SpokenLanguage):
    language = "en"
    locale = "en_US"
    words_per_second = 2.7
    number_words = (
        "no",
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
    )

    def clock_time(self, at: datetime) -> str:
        if at.minute == 0 and at.hour in {0, 12}:
            return "noon" if at.hour else "midnight"
        if at.minute in _MINUTES_TO:
            return f"{_MINUTES_TO[at.minute]} {self._hour(at.hour + 1)}"
        if at.minute in _MINUTES_PAST:
            return f"{_MINUTES_PAST[at.minute]} {self._hour(at.hour)}"
        return self._hour(at.hour) if at.minute == 0 else f"{(at.hour - 1) % 12 + 1}:{at.minute:02}"

    def _hour(self, hour: int) -> str:
        return self.number_words[(hour - 1) % 12 + 1]

    def day_part(self, moment: LocalMoment) -> str:
        name = self._name_day_part(moment)
        match moment.days_from_today:
            case 0:
                return "tonight" if name == "night" else f"this {name}"
            case 1:
                return f"tomorrow {name}"
            case -1:
                return "last night" if name == "night" else f"yesterday {name}"
            case days if abs(days) < 7:
                return f"on {self.weekday(moment.day)} {name}"
        return f"{_IN_DAY_PART[name]} {self._date(moment)}"

    def _name_day_part(self, moment: LocalMoment) -> str:
        if moment.is_midnight:
            return "night"
        # CLDR's day periods for English, except that the small hours count as morning: "two in the morning"
        hour = moment.at.hour
        return "morning" if hour < 12 else "afternoon" if hour < 18 else "evening" if hour < 21 else "night"

    def _date(self, moment: LocalMoment) -> str:
        pattern = "EEEE, MMMM d" if abs(moment.days_from_today) < 180 else "MMMM d, y"
        return "on " + format_date(moment.day, pattern, locale=self.locale)

    def _day(self, moment: LocalMoment) -> str:
        named = {0: "today", 1: "tomorrow", -1: "yesterday"}.get(moment.days_from_today)
        if named:
            return named
        return f"on {self.weekday(moment.day)}" if abs(moment.days_from_today) < 7 else self._date(moment)

    def time_of_day(self, moment: LocalMoment) -> str:
        if self.clock_time(moment.at) in _NAMED_TIMES:
            return f"{self.clock_time(moment.at)} {self._day(moment)}"
        return f"{self.clock_time(moment.at)} {self.day_part(moment)}"

    def at_when(self, moment: LocalMoment) -> str:
        if moment.days_from_today == 0:
            return f"at {self.time_of_day(moment)}"
        clock = self.clock_time(moment.at)
        if clock not in _NAMED_TIMES:
            clock = f"{clock} {_IN_DAY_PART[self._name_day_part(moment)]}"
        return f"{self._day(moment)} at {clock}"

    def by_when(self, moment: LocalMoment) -> str:
        return f"by {self.time_of_day(moment)}"

    def between(self, since: LocalMoment, until: LocalMoment) -> str:
        if self.day_part(since) == self.day_part(until) or since.day == until.day:
            return f"between {self.clock_time(since.at)} and {self.time_of_day(until)}"
        return f"between {self.time_of_day(since)} and {self.time_of_day(until)}"

    def ago(self, moment: LocalMoment) -> str:
        if moment.days_from_today >= -1:
            return self.day_part(moment)
        return f"on {self.weekday(moment.day)}" if moment.days_from_today > -7 else self._date(moment)

    def minutes(self, n: int) -> str:
        if n < 1:
            return "less than a minute"
        if n == 1:
            return "about a minute"
        if n < 50:
            return f"about {self.spell_number(n)} minutes"
        hours, half = divmod(round(n / 30), 2)
        if hours == 1:
            return "about an hour and a half" if half else "about an hour"
        return f"about {self.spell_number(hours)}{' and a half' if half else ''} hours"

    def duration(self, seconds: int) -> str:
        if seconds < 60:
            return f"{self.spell_number(seconds)} second{'s' if seconds != 1 else ''}"
        n = round(seconds / 60)
        return f"{self.spell_number(n)} minute{'s' if n != 1 else ''}" if n < 60 else self.minutes(n)

    def count_today(self, n: int) -> str:
        return f"{_ORDINALS[n]} call today" if 0 < n < len(_ORDINALS) else f"call number {n} today"

    def list_of(self, items: Sequence[str]) -> str:
        return format_list(list(items), locale=self.locale)

    def written_for_text(self, moment: LocalMoment) -> str:
        time = "midnight" if moment.is_midnight else self.written_time(moment.at).lower()
        if moment.days_from_today == 0:
            return time
        if moment.days_from_today == 1:
            return f"tomorrow, {time}"
        return f"{format_date(moment.day, 'EEE, MMM d', locale=self.locale)}, {time}"
