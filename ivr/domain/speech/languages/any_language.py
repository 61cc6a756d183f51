"""Any language that Babel knows, without a tongue of its own: times and numbers in figures, days by their names.

Right in every language, and plain: nothing is declined, and no preposition is said. The words around it bring them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from babel import Locale
from babel.dates import format_date, format_skeleton
from babel.lists import format_list
from babel.units import format_unit

from ivr.domain.speech.languages import Moment, Tongue


class Plain(Tongue):
    words = ()

    def __init__(self, locale: Locale) -> None:
        self.locale = str(locale)

    def clock(self, at: datetime) -> str:
        return self.written_time(at)

    def _day(self, moment: Moment) -> str:
        if abs(moment.days) < 7:
            return self.weekday(moment.day)
        if abs(moment.days) < 180:
            return self.heading(moment.day)
        return str(format_date(moment.day, "long", locale=self.locale))

    def part(self, moment: Moment) -> str:
        return self._day(moment)

    def time_of_day(self, moment: Moment) -> str:
        # midnight ends a day here and begins the next one in figures: the day is said, so that it cannot be taken for the other
        if moment.days == 0 and not moment.midnight:
            return self.clock(moment.at)
        return f"{self._said_day(moment)} {self.clock(moment.at)}"

    def _said_day(self, moment: Moment) -> str:
        begins = Moment(at=moment.at, days=moment.days + 1) if moment.midnight else moment
        if abs(begins.days) < 7:
            return self.weekday(begins.at.date())
        return str(format_skeleton("MMMMEEEEd", begins.at, locale=self.locale))

    def at_when(self, moment: Moment) -> str:
        return self.time_of_day(moment)

    def by_when(self, moment: Moment) -> str:
        return self.time_of_day(moment)

    def between(self, since: Moment, until: Moment) -> str:
        if since.day == until.day and not until.midnight:
            return f"{self.time_of_day(since)} – {self.clock(until.at)}"
        return f"{self.time_of_day(since)} – {self.time_of_day(until)}"

    def ago(self, moment: Moment) -> str:
        return self.clock(moment.at) if moment.days == 0 else self._day(moment)

    def minutes(self, n: int) -> str:
        if n < 60:
            return self._counted(max(1, n), "minute")
        hours = round(n / 30) / 2
        return self._counted(int(hours) if hours.is_integer() else hours, "hour")

    def duration(self, seconds: int) -> str:
        return self._counted(seconds, "second") if seconds < 60 else self.minutes(round(seconds / 60))

    def _counted(self, n: float, unit: str) -> str:
        return str(format_unit(n, f"duration-{unit}", "long", locale=self.locale))

    def count_today(self, n: int) -> str:
        return f"{n}×"

    def list_of(self, items: Sequence[str]) -> str:
        return format_list(list(items), locale=self.locale)

    def for_text(self, moment: Moment) -> str:
        return self.time_of_day(moment)
