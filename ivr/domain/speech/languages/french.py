"""French: the twelve hours of the day as people say them ("ce soir avant dix heures"), telephone numbers in pairs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from babel.dates import format_date
from babel.lists import format_list

from ivr.domain.speech.languages import LocalMoment, SpokenLanguage

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
_IN_DAY_PART = {"nuit": "du matin", "matin": "du matin", "après-midi": "de l'après-midi", "soir": "du soir"}
_DAY_PARTS_TODAY = {
    "nuit": "cette nuit",
    "matin": "ce matin",
    "après-midi": "cet après-midi",
    "soir": "ce soir",
}
_DIGITS_IN_PAIR = 2


def _spell_below_100(n: int) -> str:
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


def _spell_feminine(n: int) -> str:
    """Of hours, minutes and seconds: "une", "vingt et une"."""
    said = _spell_below_100(n)
    return f"{said}e" if said.endswith("un") else said


class French(SpokenLanguage):
    language = "fr"
    locale = "fr_FR"
    words_per_second = 2.9
    number_words = tuple(_spell_below_100(n) for n in range(13))
    contractions = (("de le ", "du "), ("de les ", "des "), ("à le ", "au "), ("à les ", "aux "))

    def clock_time(self, at: datetime) -> str:
        if at.hour in {0, 12}:
            named = "midi" if at.hour else "minuit"
            past = {0: "", 15: " et quart", 30: " et demi"}.get(at.minute)
        else:
            hour = (at.hour - 1) % 12 + 1
            named = "une heure" if hour == 1 else f"{_spell_below_100(hour)} heures"
            past = {0: "", 15: " et quart", 30: " et demie"}.get(at.minute)
        return named + (f" {_spell_feminine(at.minute)}" if past is None else past)

    def _name_day_part(self, moment: LocalMoment) -> str:
        # CLDR's day periods for French, except that the small hours last until people get up
        hour = moment.at.hour
        if moment.is_midnight or hour >= 18:
            return "soir"
        return "nuit" if hour < 5 else "matin" if hour < 12 else "après-midi"

    def day_part(self, moment: LocalMoment) -> str:
        name = self._name_day_part(moment)
        match moment.days_from_today:
            case 0:
                return _DAY_PARTS_TODAY[name]
            case 1:
                # the night that comes belongs to both days: "demain dans la nuit" would be taken for a day later
                return "cette nuit" if name == "nuit" else f"demain {name}"
            case -1 if name != "nuit":
                return f"hier {name}"
        if name == "nuit":
            return f"dans la nuit du {self._plain_day(moment.day - timedelta(days=1))} au {self._plain_day(moment.day)}"
        if abs(moment.days_from_today) < 7:
            return f"{self.weekday(moment.day)} {name}"
        return self._date(moment)

    def _plain_day(self, day: date) -> str:
        return self.ordinal_first(format_date(day, "EEEE d", locale=self.locale))

    def ordinal_first(self, written: str) -> str:
        """The first of a month is an ordinal: "le 1er juillet"."""
        return " ".join("1er" if word == "1" else word for word in written.split())

    def _date(self, moment: LocalMoment) -> str:
        pattern = "EEEE d MMMM" if abs(moment.days_from_today) < 180 else "d MMMM y"
        return "le " + self.ordinal_first(format_date(moment.day, pattern, locale=self.locale))

    def _day(self, moment: LocalMoment) -> str:
        named = {0: "aujourd'hui", 1: "demain", -1: "hier"}.get(moment.days_from_today)
        if named:
            return named
        return self.weekday(moment.day) if abs(moment.days_from_today) < 7 else self._date(moment)

    def _is_named_day(self, moment: LocalMoment) -> bool:
        """Whether the day and its part are one word to people: "demain matin", "ce soir"."""
        return abs(moment.days_from_today) < 7 and moment.at.hour != 12

    def _clock_with_day_part(self, moment: LocalMoment) -> str:
        """The time with its part of the day, beside a day that does not name it."""
        clock = self.clock_time(moment.at)
        return clock if moment.at.hour in {0, 12} else f"{clock} {_IN_DAY_PART[self._name_day_part(moment)]}"

    def _day_and_time(self, moment: LocalMoment, preposition: str) -> str:
        if self._is_named_day(moment):
            return f"{self.day_part(moment)} {preposition} {self.clock_time(moment.at)}"
        if moment.at.hour == 0 and not moment.is_midnight:
            return f"{self.day_part(moment)} {preposition} {self.clock_time(moment.at)}"
        return f"{self._day(moment)} {preposition} {self._clock_with_day_part(moment)}"

    def time_of_day(self, moment: LocalMoment) -> str:
        if self._is_named_day(moment):
            return f"{self.clock_time(moment.at)} {self.day_part(moment)}"
        return f"{self._clock_with_day_part(moment)} {self._day(moment)}"

    def at_when(self, moment: LocalMoment) -> str:
        return self._day_and_time(moment, "à")

    def by_when(self, moment: LocalMoment) -> str:
        return self._day_and_time(moment, "avant")

    def between(self, since: LocalMoment, until: LocalMoment) -> str:
        if since.day != until.day:
            return f"entre {self.time_of_day(since)} et {self.time_of_day(until)}"
        same = self._name_day_part(since) == self._name_day_part(until) or until.at.hour == 12
        if same and self._is_named_day(since):
            return f"{self.day_part(since)} entre {self.clock_time(since.at)} et {self.clock_time(until.at)}"
        return f"{self._day(since)} entre {self._clock_with_day_part(since)} et {self._clock_with_day_part(until)}"

    def ago(self, moment: LocalMoment) -> str:
        return self.day_part(moment) if moment.days_from_today >= -1 else self._day(moment)

    def minutes(self, n: int) -> str:
        if n < 1:
            return "moins d'une minute"
        if n < 50:
            return f"{self.duration(60 * n)} environ"
        hours, half = divmod(round(n / 30), 2)
        record_type = "heure" if hours == 1 else "heures"
        return f"{self._spell_count(hours)} {record_type}{' et demie' if half else ''} environ"

    def duration(self, seconds: int) -> str:
        n, record_type = (seconds, "seconde") if seconds < 60 else (round(seconds / 60), "minute")
        if record_type == "minute" and n >= 60:
            return self.minutes(n)
        return f"{self._spell_count(n)} {record_type}{'s' if n > 1 else ''}"

    def _spell_count(self, n: int) -> str:
        return _spell_feminine(n) if n < 100 else str(n)

    def count_today(self, n: int) -> str:
        ordinals = {1: "premier", 4: "quatrième", 5: "cinquième", 9: "neuvième"}
        if n in ordinals:
            return f"{ordinals[n]} appel aujourd'hui"
        return (
            f"{_spell_below_100(n)}ième appel aujourd'hui" if 0 < n <= 10 else f"appel numéro {n} aujourd'hui"
        )

    def list_of(self, items: Sequence[str]) -> str:
        return format_list(list(items), locale=self.locale)

    def read_digits(self, groups: Sequence[str]) -> str:
        """A number that is written in pairs is said in pairs: "zéro six, douze, trente-quatre"."""
        if groups and all(len(group) == _DIGITS_IN_PAIR for group in groups):
            return ", ".join(
                f"zéro {_UNITS[int(g[1])]}" if g[0] == "0" else _spell_below_100(int(g)) for g in groups
            )
        return super().read_digits(groups)

    def written_time(self, at: datetime) -> str:
        return f"{at.hour} h {at.minute:02}" if at.minute else f"{at.hour} h"

    def written_for_text(self, moment: LocalMoment) -> str:
        time = "minuit" if moment.is_midnight else self.written_time(moment.at)
        if moment.days_from_today == 0:
            return time
        if moment.days_from_today == 1:
            return f"demain, {time}"
        return f"{self.ordinal_first(format_date(moment.day, 'EEE d MMM', locale=self.locale))}, {time}"

    def day_heading(self, day: date) -> str:
        return self.ordinal_first(super().day_heading(day))
