"""French: the twelve hours of the day as people say them ("ce soir avant dix heures"), telephone numbers in pairs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from babel.dates import format_date
from babel.lists import format_list

from ivr.domain.speech.languages import Moment, Tongue

_UNITS = [
    "zéro",
    "un",
    "deux",
    "trois",
    "quatre",
    "cinq",
    "six",
    "sept",
    "huit",
    "neuf",
    "dix",
    "onze",
    "douze",
    "treize",
    "quatorze",
    "quinze",
    "seize",
    "dix-sept",
    "dix-huit",
    "dix-neuf",
]
_TENS = {2: "vingt", 3: "trente", 4: "quarante", 5: "cinquante", 6: "soixante", 8: "quatre-vingt"}
_OF_THE_DAY = {"nuit": "du matin", "matin": "du matin", "après-midi": "de l'après-midi", "soir": "du soir"}
_TODAY = {"nuit": "cette nuit", "matin": "ce matin", "après-midi": "cet après-midi", "soir": "ce soir"}
_PAIR = 2


def _number(n: int) -> str:
    """From 0 to 99."""
    if n < len(_UNITS):
        return _UNITS[n]
    tens, unit = divmod(n, 10)
    if tens in {7, 9}:  # "soixante et onze", "quatre-vingt-onze"
        tens, unit = tens - 1, unit + 10
    if unit == 0:
        return _TENS[tens] + ("s" if tens == 8 else "")
    joint = " et " if unit in {1, 11} and tens != 8 else "-"
    return f"{_TENS[tens]}{joint}{_UNITS[unit]}"


def _feminine(n: int) -> str:
    """Of hours, minutes and seconds: "une", "vingt et une"."""
    said = _number(n)
    return f"{said}e" if said.endswith("un") else said


class French(Tongue):
    language = "fr"
    locale = "fr_FR"
    pace = 2.9
    words = tuple(_number(n) for n in range(13))
    contractions = (("de le ", "du "), ("de les ", "des "), ("à le ", "au "), ("à les ", "aux "))

    def clock(self, at: datetime) -> str:
        if at.hour in {0, 12}:
            named = "midi" if at.hour else "minuit"
            past = {0: "", 15: " et quart", 30: " et demi"}.get(at.minute)
        else:
            hour = (at.hour - 1) % 12 + 1
            named = "une heure" if hour == 1 else f"{_number(hour)} heures"
            past = {0: "", 15: " et quart", 30: " et demie"}.get(at.minute)
        return named + (f" {_feminine(at.minute)}" if past is None else past)

    def _part(self, moment: Moment) -> str:
        # CLDR's day periods for French, except that the small hours last until people get up
        hour = moment.at.hour
        if moment.midnight or hour >= 18:
            return "soir"
        return "nuit" if hour < 5 else "matin" if hour < 12 else "après-midi"

    def part(self, moment: Moment) -> str:
        name = self._part(moment)
        match moment.days:
            case 0:
                return _TODAY[name]
            case 1:
                # the night that comes belongs to both days: "demain dans la nuit" would be taken for a day later
                return "cette nuit" if name == "nuit" else f"demain {name}"
            case -1 if name != "nuit":
                return f"hier {name}"
        if name == "nuit":
            return f"dans la nuit du {self._plain_day(moment.day - timedelta(days=1))} au {self._plain_day(moment.day)}"
        if abs(moment.days) < 7:
            return f"{self.weekday(moment.day)} {name}"
        return self._date(moment)

    def _plain_day(self, day: date) -> str:
        return self.first(format_date(day, "EEEE d", locale=self.locale))

    def first(self, written: str) -> str:
        """The first of a month is an ordinal: "le 1er juillet"."""
        return " ".join("1er" if word == "1" else word for word in written.split())

    def _date(self, moment: Moment) -> str:
        pattern = "EEEE d MMMM" if abs(moment.days) < 180 else "d MMMM y"
        return "le " + self.first(format_date(moment.day, pattern, locale=self.locale))

    def _day(self, moment: Moment) -> str:
        named = {0: "aujourd'hui", 1: "demain", -1: "hier"}.get(moment.days)
        if named:
            return named
        return self.weekday(moment.day) if abs(moment.days) < 7 else self._date(moment)

    def _near(self, moment: Moment) -> bool:
        """Whether the day and its part are one word to people: "demain matin", "ce soir"."""
        return abs(moment.days) < 7 and moment.at.hour != 12

    def _clock_in(self, moment: Moment) -> str:
        """The time with its part of the day, beside a day that does not name it."""
        clock = self.clock(moment.at)
        return clock if moment.at.hour in {0, 12} else f"{clock} {_OF_THE_DAY[self._part(moment)]}"

    def _when(self, moment: Moment, preposition: str) -> str:
        if self._near(moment):
            return f"{self.part(moment)} {preposition} {self.clock(moment.at)}"
        if moment.at.hour == 0 and not moment.midnight:
            return f"{self.part(moment)} {preposition} {self.clock(moment.at)}"
        return f"{self._day(moment)} {preposition} {self._clock_in(moment)}"

    def time_of_day(self, moment: Moment) -> str:
        if self._near(moment):
            return f"{self.clock(moment.at)} {self.part(moment)}"
        return f"{self._clock_in(moment)} {self._day(moment)}"

    def at_when(self, moment: Moment) -> str:
        return self._when(moment, "à")

    def by_when(self, moment: Moment) -> str:
        return self._when(moment, "avant")

    def between(self, since: Moment, until: Moment) -> str:
        if since.day != until.day:
            return f"entre {self.time_of_day(since)} et {self.time_of_day(until)}"
        same = self._part(since) == self._part(until) or until.at.hour == 12
        if same and self._near(since):
            return f"{self.part(since)} entre {self.clock(since.at)} et {self.clock(until.at)}"
        return f"{self._day(since)} entre {self._clock_in(since)} et {self._clock_in(until)}"

    def ago(self, moment: Moment) -> str:
        return self.part(moment) if moment.days >= -1 else self._day(moment)

    def minutes(self, n: int) -> str:
        if n < 1:
            return "moins d'une minute"
        if n < 50:
            return f"{self.duration(60 * n)} environ"
        hours, half = divmod(round(n / 30), 2)
        noun = "heure" if hours == 1 else "heures"
        return f"{self._count(hours)} {noun}{' et demie' if half else ''} environ"

    def duration(self, seconds: int) -> str:
        n, noun = (seconds, "seconde") if seconds < 60 else (round(seconds / 60), "minute")
        if noun == "minute" and n >= 60:
            return self.minutes(n)
        return f"{self._count(n)} {noun}{'s' if n > 1 else ''}"

    def _count(self, n: int) -> str:
        return _feminine(n) if n < 100 else str(n)

    def count_today(self, n: int) -> str:
        ordinals = {1: "premier", 4: "quatrième", 5: "cinquième", 9: "neuvième"}
        if n in ordinals:
            return f"{ordinals[n]} appel aujourd'hui"
        return f"{_number(n)}ième appel aujourd'hui" if 0 < n <= 10 else f"appel numéro {n} aujourd'hui"

    def list_of(self, items: Sequence[str]) -> str:
        return format_list(list(items), locale=self.locale)

    def digits(self, groups: Sequence[str]) -> str:
        """A number that is written in pairs is said in pairs: "zéro six, douze, trente-quatre"."""
        if groups and all(len(group) == _PAIR for group in groups):
            return ", ".join(f"zéro {_UNITS[int(g[1])]}" if g[0] == "0" else _number(int(g)) for g in groups)
        return super().digits(groups)

    def written_time(self, at: datetime) -> str:
        return f"{at.hour} h {at.minute:02}" if at.minute else f"{at.hour} h"

    def for_text(self, moment: Moment) -> str:
        time = "minuit" if moment.midnight else self.written_time(moment.at)
        if moment.days == 0:
            return time
        if moment.days == 1:
            return f"demain, {time}"
        return f"{self.first(format_date(moment.day, 'EEE d MMM', locale=self.locale))}, {time}"

    def heading(self, day: date) -> str:
        return self.first(super().heading(day))
