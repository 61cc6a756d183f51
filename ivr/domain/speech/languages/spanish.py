"""Spanish, in the forms understood on both sides of the Atlantic ("las tres y cuarenta", not "veinte para las cuatro")."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime

from babel.dates import format_date

from ivr.domain.speech.languages import Moment, Tongue

_PAST = {
    5: "cinco",
    10: "diez",
    15: "cuarto",
    20: "veinte",
    25: "veinticinco",
    30: "media",
    35: "treinta y cinco",
}
_PAST |= {40: "cuarenta", 45: "cuarenta y cinco", 50: "cincuenta", 55: "cincuenta y cinco"}
_NAMED = {"la medianoche", "el mediodía"}
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


class Spanish(Tongue):
    language = "es"
    locale = "es_US"
    pace = 2.9  # its words are shorter in meaning and quicker in the mouth
    contractions = (("de el ", "del "),)
    words = (
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

    def clock(self, at: datetime) -> str:
        if at.minute == 0 and at.hour == 0:
            return "la medianoche"
        if at.minute == 0 and at.hour == 12:
            return "el mediodía"
        hour = (at.hour - 1) % 12 + 1
        article, name = ("la", "una") if hour == 1 else ("las", self.words[hour])
        if at.minute == 0:
            return f"{article} {name}"
        past = _PAST.get(at.minute)
        return f"{article} {name} y {past}" if past else f"{article} {hour}:{at.minute:02}"

    def part(self, moment: Moment) -> str:
        name = self._part(moment)
        match moment.days:
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

    def _part(self, moment: Moment) -> str:
        # CLDR's day periods for Spanish
        hour = moment.at.hour
        if moment.midnight or hour >= 20:
            return "noche"
        return "madrugada" if hour < 6 else "mañana" if hour < 12 else "tarde"

    def _date(self, moment: Moment) -> str:
        pattern = "EEEE d 'de' MMMM" if abs(moment.days) < 180 else "d 'de' MMMM 'de' y"
        return "el " + format_date(moment.day, pattern, locale=self.locale)

    def _day(self, moment: Moment) -> str:
        named = {0: "hoy", 1: "mañana", -1: "ayer"}.get(moment.days)
        if named:
            return named
        return f"el {self.weekday(moment.day)}" if abs(moment.days) < 7 else self._date(moment)

    def _clock_in(self, moment: Moment) -> str:
        clock = self.clock(moment.at)
        if clock in _NAMED:
            return clock
        return f"{clock} de la {self._part(moment)}"

    def time_of_day(self, moment: Moment) -> str:
        if moment.days == 0:
            clock = self.clock(moment.at)
            return f"{clock} de hoy" if clock in _NAMED else f"{clock} de {self.part(moment)}"
        day = self._day(moment)
        return f"{self._clock_in(moment)} {'d' + day if day.startswith('el ') else 'de ' + day}"

    def at_when(self, moment: Moment) -> str:
        clock = f"a {self._clock_in(moment)}".replace("a el ", "al ")
        if moment.days == 0:
            return f"a {self.time_of_day(moment)}".replace("a el ", "al ")
        return f"{self._day(moment)} {clock}"

    def by_when(self, moment: Moment) -> str:
        if moment.days == 0:
            return f"antes de {self.time_of_day(moment)}".replace("de el ", "del ")
        return f"{self._day(moment)} antes de {self._clock_in(moment)}".replace("de el ", "del ")

    def between(self, since: Moment, until: Moment) -> str:
        if since.day != until.day:
            return f"entre {self.time_of_day(since)} y {self.time_of_day(until)}"
        if since.days == 0:
            return f"entre {self.clock(since.at)} y {self.time_of_day(until)}"
        return f"{self._day(until)} entre {self.clock(since.at)} y {self._clock_in(until)}"

    def ago(self, moment: Moment) -> str:
        return self.part(moment) if moment.days >= -1 else self._day(moment)

    def minutes(self, n: int) -> str:
        if n < 1:
            return "menos de un minuto"
        if n == 1:
            return "alrededor de un minuto"
        if n < 50:
            return f"unos {self.number(n)} minutos"
        hours, half = divmod(round(n / 30), 2)
        if hours == 1:
            return "alrededor de hora y media" if half else "alrededor de una hora"
        return f"unas {self.number(hours)} horas{' y media' if half else ''}"

    def duration(self, seconds: int) -> str:
        if seconds < 60:
            return "un segundo" if seconds == 1 else f"{self.number(seconds)} segundos"
        n = round(seconds / 60)
        if n >= 60:
            return self.minutes(n)
        return "un minuto" if n == 1 else f"{self.number(n)} minutos"

    def count_today(self, n: int) -> str:
        return f"{_ORDINALS[n]} llamada de hoy" if 0 < n < len(_ORDINALS) else f"llamada número {n} de hoy"

    def list_of(self, items: Sequence[str]) -> str:
        if len(items) < 2:
            return "".join(items)
        joint = "e" if _SOUNDS_I.match(items[-1]) else "y"
        return f"{', '.join(items[:-1])} {joint} {items[-1]}"

    def heading(self, day: date) -> str:
        return str(format_date(day, "EEEE d 'de' MMMM", locale=self.locale))

    def for_text(self, moment: Moment) -> str:
        time = "medianoche" if moment.midnight else self.written_time(moment.at)
        if moment.days == 0:
            return time
        if moment.days == 1:
            return f"mañana, {time}"
        return f"{format_date(moment.day, 'EEE d MMM', locale=self.locale)}, {time}"
