"""Any language that Babel knows, without a file of its own: times and numbers in figures, days by their names.

Right in every language, and plain: nothing is declined, and no preposition is said. The words around it bring them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from babel import Locale
from babel.dates import format_date, format_skeleton
from babel.lists import format_list
from babel.units import format_unit

from ivr.domain.speech.languages import LocalMoment, SpokenLanguage


class PlainLanguage(SpokenLanguage):
    number_words = ()

    def __init__(self, locale: Locale) -> None:
        self.locale = str(locale)

    def clock_time(self, at: datetime) -> str:
        return self.written_time(at)

    def _day(self, moment: LocalMoment) -> str:
        if abs(moment.days_from_today) < 7:
            return self.weekday(moment.day)
        if abs(moment.days_from_today) < 180:
            return self.day_heading(moment.day)
        return str(format_date(moment.day, "long", locale=self.locale))

    def day_part(self, moment: LocalMoment) -> str:
        return self._day(moment)

    def time_of_day(self, moment: LocalMoment) -> str:
        # midnight ends a day here and begins the next one in figures: the day is said, so that it cannot be taken for the other
        if moment.days_from_today == 0 and not moment.is_midnight:
            return self.clock_time(moment.at)
        return f"{self._name_day(moment)} {self.clock_time(moment.at)}"

    def _name_day(self, moment: LocalMoment) -> str:
        begins = (
            LocalMoment(at=moment.at, days_from_today=moment.days_from_today + 1)
            if moment.is_midnight
            else moment
        )
        if abs(begins.days_from_today) < 7:
            return self.weekday(begins.at.date())
        return str(format_skeleton("MMMMEEEEd", begins.at, locale=self.locale))

    def at_when(self, moment: LocalMoment) -> str:
        return self.time_of_day(moment)

    def by_when(self, moment: LocalMoment) -> str:
        return self.time_of_day(moment)

    def between(self, since: LocalMoment, until: LocalMoment) -> str:
        if since.day == until.day and not until.is_midnight:
            return f"{self.time_of_day(since)} – {self.clock_time(until.at)}"
        return f"{self.time_of_day(since)} – {self.time_of_day(until)}"

    def ago(self, moment: LocalMoment) -> str:
        return self.clock_time(moment.at) if moment.days_from_today == 0 else self._day(moment)

    def minutes(self, n: int) -> str:
        if n < 60:
            return self._format_unit(max(1, n), "minute")
        hours = round(n / 30) / 2
        return self._format_unit(int(hours) if hours.is_integer() else hours, "hour")

    def duration(self, seconds: int) -> str:
        return self._format_unit(seconds, "second") if seconds < 60 else self.minutes(round(seconds / 60))

    def _format_unit(self, n: float, unit: str) -> str:
        return str(format_unit(n, f"duration-{unit}", "long", locale=self.locale))

    def count_today(self, n: int) -> str:
        return f"{n}×"

    def list_of(self, items: Sequence[str]) -> str:
        return format_list(list(items), locale=self.locale)

    def written_for_text(self, moment: LocalMoment) -> str:
        return self.time_of_day(moment)
