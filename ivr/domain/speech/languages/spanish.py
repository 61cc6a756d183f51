"""Spanish, in the forms understood on both sides of the Atlantic ("las tres y cuarenta", not "veinte para las cuatro")."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime

from babel.dates import format_date

from ivr.domain.speech.languages import LocalMoment, SpokenLanguage

_MINUTES_PAST = {
    5: "cinco",
    10: "diez",
    15: "cuarto",
    20: "veinte",
    25: "veinticinco",
    30: "media",
    35: "treinta y cinco",
}
_MINUTES_PAST |= {40: "cuarenta", 45: "cuarenta y cinco", 50: "cincuenta", 55: "cincuenta y cinco"}
_NAMED_TIMES = {"la medianoche", "el mediodía"}
_ORDINALS = (
    "",
    "primera",
    "segunda",
    "tercera",
    "cuarta",
    "quinta",
    "sexta",
    "séptima",
    "octava",
    "novena",
    "décima",
)
# "y" becomes "e" before the sound i ("Ana e Inés"), but not before a diphthong ("agua y hielo")
_SOUNDS_I = re.compile(r"h?[ií](?![aeou])", re.IGNORECASE)


class Spanish(SpokenLanguage):
    language = "es"
    locale = "es_US"
    words_per_second = 2.9  # its words are shorter in meaning and quicker in the mouth
    contractions = (("de el ", "del "),)
    number_words = (
        "cero",
        "uno",
        "dos",
        "tres",
        "cuatro",
        "cinco",
        "seis",
        "siete",
        "ocho",
        "nueve",
        "diez",
        "once",
        "doce",
    )

    def clock_time(self, at: datetime) -> str:
        if at.minute == 0 and at.hour == 0:
            return "la medianoche"
        if at.minute == 0 and at.hour == 12:
            return "el mediodía"
        hour = (at.hour - 1) % 12 + 1
        article, name = ("la", "una") if hour == 1 else ("las", self.number_words[hour])
        if at.minute == 0:
            return f"{article} {name}"
        past = _MINUTES_PAST.get(at.minute)
        return f"{article} {name} y {past}" if past else f"{article} {hour}:{at.minute:02}"

    def day_part(self, moment: LocalMoment) -> str:
        name = self._name_day_part(moment)
        match moment.days_from_today:
            case 0:
                return f"esta {name}"
            case 1:
                return "mañana de madrugada" if name == "madrugada" else f"mañana por la {name}"
            case -1:
                if name == "noche":
                    return "anoche"
                return "ayer de madrugada" if name == "madrugada" else f"ayer por la {name}"
            case days if abs(days) < 7:
                return f"el {self.weekday(moment.day)} por la {name}"
        return f"{self._date(moment)} por la {name}"

    def _name_day_part(self, moment: LocalMoment) -> str:
        # CLDR's day periods for Spanish
        hour = moment.at.hour
        if moment.is_midnight or hour >= 20:
            return "noche"
        return "madrugada" if hour < 6 else "mañana" if hour < 12 else "tarde"

    def _date(self, moment: LocalMoment) -> str:
        pattern = "EEEE d 'de' MMMM" if abs(moment.days_from_today) < 180 else "d 'de' MMMM 'de' y"
        return "el " + format_date(moment.day, pattern, locale=self.locale)

    def _day(self, moment: LocalMoment) -> str:
        named = {0: "hoy", 1: "mañana", -1: "ayer"}.get(moment.days_from_today)
        if named:
            return named
        return f"el {self.weekday(moment.day)}" if abs(moment.days_from_today) < 7 else self._date(moment)

    def _clock_with_day_part(self, moment: LocalMoment) -> str:
        clock = self.clock_time(moment.at)
        if clock in _NAMED_TIMES:
            return clock
        return f"{clock} de la {self._name_day_part(moment)}"

    def time_of_day(self, moment: LocalMoment) -> str:
        if moment.days_from_today == 0:
            clock = self.clock_time(moment.at)
            return f"{clock} de hoy" if clock in _NAMED_TIMES else f"{clock} de {self.day_part(moment)}"
        day = self._day(moment)
        return f"{self._clock_with_day_part(moment)} {'d' + day if day.startswith('el ') else 'de ' + day}"

    def at_when(self, moment: LocalMoment) -> str:
        clock = f"a {self._clock_with_day_part(moment)}".replace("a el ", "al ")
        if moment.days_from_today == 0:
            return f"a {self.time_of_day(moment)}".replace("a el ", "al ")
        return f"{self._day(moment)} {clock}"

    def by_when(self, moment: LocalMoment) -> str:
        if moment.days_from_today == 0:
            return f"antes de {self.time_of_day(moment)}".replace("de el ", "del ")
        return f"{self._day(moment)} antes de {self._clock_with_day_part(moment)}".replace("de el ", "del ")

    def between(self, since: LocalMoment, until: LocalMoment) -> str:
        if since.day != until.day:
            return f"entre {self.time_of_day(since)} y {self.time_of_day(until)}"
        if since.days_from_today == 0:
            return f"entre {self.clock_time(since.at)} y {self.time_of_day(until)}"
        return f"{self._day(until)} entre {self.clock_time(since.at)} y {self._clock_with_day_part(until)}"

    def ago(self, moment: LocalMoment) -> str:
        return self.day_part(moment) if moment.days_from_today >= -1 else self._day(moment)

    def minutes(self, n: int) -> str:
        if n < 1:
            return "menos de un minuto"
        if n == 1:
            return "alrededor de un minuto"
        if n < 50:
            return f"unos {self.spell_number(n)} minutos"
        hours, half = divmod(round(n / 30), 2)
        if hours == 1:
            return "alrededor de hora y media" if half else "alrededor de una hora"
        return f"unas {self.spell_number(hours)} horas{' y media' if half else ''}"

    def duration(self, seconds: int) -> str:
        if seconds < 60:
            return "un segundo" if seconds == 1 else f"{self.spell_number(seconds)} segundos"
        n = round(seconds / 60)
        if n >= 60:
            return self.minutes(n)
        return "un minuto" if n == 1 else f"{self.spell_number(n)} minutos"

    def count_today(self, n: int) -> str:
        return f"{_ORDINALS[n]} llamada de hoy" if 0 < n < len(_ORDINALS) else f"llamada número {n} de hoy"

    def list_of(self, items: Sequence[str]) -> str:
        if len(items) < 2:
            return "".join(items)
        joint = "e" if _SOUNDS_I.match(items[-1]) else "y"
        return f"{', '.join(items[:-1])} {joint} {items[-1]}"

    def day_heading(self, day: date) -> str:
        return str(format_date(day, "EEEE d 'de' MMMM", locale=self.locale))

    def written_for_text(self, moment: LocalMoment) -> str:
        time = "medianoche" if moment.is_midnight else self.written_time(moment.at)
        if moment.days_from_today == 0:
            return time
        if moment.days_from_today == 1:
            return f"mañana, {time}"
        return f"{format_date(moment.day, 'EEE d MMM', locale=self.locale)}, {time}"
