"""English, as spoken in the United States."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from babel.dates import format_date
from babel.lists import format_list

from ivr.domain.speech.languages import Moment, Tongue

_PAST = {5: "five past", 10: "ten past", 15: "a quarter past", 20: "twenty past", 25: "twenty-five past"}
_PAST |= {30: "half past"}
_TO = {35: "twenty-five to", 40: "twenty to", 45: "a quarter to", 50: "ten to", 55: "five to"}
_IN = {
    "morning": "in the morning",
    "afternoon": "in the afternoon",
    "evening": "in the evening",
    "night": "at night",
}
_NAMED = {"noon", "midnight"}
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


class English(Tongue):
    language = "en"
    locale = "en_US"
    pace = 2.7
    words = (
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

    def clock(self, at: datetime) -> str:
        if at.minute == 0 and at.hour in {0, 12}:
            return "noon" if at.hour else "midnight"
        if at.minute in _TO:
            return f"{_TO[at.minute]} {self._hour(at.hour + 1)}"
        if at.minute in _PAST:
            return f"{_PAST[at.minute]} {self._hour(at.hour)}"
        return self._hour(at.hour) if at.minute == 0 else f"{(at.hour - 1) % 12 + 1}:{at.minute:02}"

    def _hour(self, hour: int) -> str:
        return self.words[(hour - 1) % 12 + 1]

    def part(self, moment: Moment) -> str:
        name = self._part(moment)
        match moment.days:
            case 0:
                return "tonight" if name == "night" else f"this {name}"
            case 1:
                return f"tomorrow {name}"
            case -1:
                return "last night" if name == "night" else f"yesterday {name}"
            case days if abs(days) < 7:
                return f"on {self.weekday(moment.day)} {name}"
        return f"{_IN[name]} {self._date(moment)}"

    def _part(self, moment: Moment) -> str:
        if moment.midnight:
            return "night"
        # CLDR's day periods for English, except that the small hours count as morning: "two in the morning"
        hour = moment.at.hour
        return "morning" if hour < 12 else "afternoon" if hour < 18 else "evening" if hour < 21 else "night"

    def _date(self, moment: Moment) -> str:
        pattern = "EEEE, MMMM d" if abs(moment.days) < 180 else "MMMM d, y"
        return "on " + format_date(moment.day, pattern, locale=self.locale)

    def _day(self, moment: Moment) -> str:
        named = {0: "today", 1: "tomorrow", -1: "yesterday"}.get(moment.days)
        if named:
            return named
        return f"on {self.weekday(moment.day)}" if abs(moment.days) < 7 else self._date(moment)

    def time_of_day(self, moment: Moment) -> str:
        if self.clock(moment.at) in _NAMED:
            return f"{self.clock(moment.at)} {self._day(moment)}"
        return f"{self.clock(moment.at)} {self.part(moment)}"

    def at_when(self, moment: Moment) -> str:
        if moment.days == 0:
            return f"at {self.time_of_day(moment)}"
        clock = self.clock(moment.at)
        if clock not in _NAMED:
            clock = f"{clock} {_IN[self._part(moment)]}"
        return f"{self._day(moment)} at {clock}"

    def by_when(self, moment: Moment) -> str:
        return f"by {self.time_of_day(moment)}"

    def between(self, since: Moment, until: Moment) -> str:
        if self.part(since) == self.part(until) or since.day == until.day:
            return f"between {self.clock(since.at)} and {self.time_of_day(until)}"
        return f"between {self.time_of_day(since)} and {self.time_of_day(until)}"

    def ago(self, moment: Moment) -> str:
        if moment.days >= -1:
            return self.part(moment)
        return f"on {self.weekday(moment.day)}" if moment.days > -7 else self._date(moment)

    def minutes(self, n: int) -> str:
        if n < 1:
            return "less than a minute"
        if n == 1:
            return "about a minute"
        if n < 50:
            return f"about {self.number(n)} minutes"
        hours, half = divmod(round(n / 30), 2)
        if hours == 1:
            return "about an hour and a half" if half else "about an hour"
        return f"about {self.number(hours)}{' and a half' if half else ''} hours"

    def duration(self, seconds: int) -> str:
        if seconds < 60:
            return f"{self.number(seconds)} second{'s' if seconds != 1 else ''}"
        n = round(seconds / 60)
        return f"{self.number(n)} minute{'s' if n != 1 else ''}" if n < 60 else self.minutes(n)

    def count_today(self, n: int) -> str:
        return f"{_ORDINALS[n]} call today" if 0 < n < len(_ORDINALS) else f"call number {n} today"

    def list_of(self, items: Sequence[str]) -> str:
        return format_list(list(items), locale=self.locale)

    def for_text(self, moment: Moment) -> str:
        time = "midnight" if moment.midnight else self.written_time(moment.at).lower()
        if moment.days == 0:
            return time
        if moment.days == 1:
            return f"tomorrow, {time}"
        return f"{format_date(moment.day, 'EEE, MMM d', locale=self.locale)}, {time}"
