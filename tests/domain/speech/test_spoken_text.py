"""Times and numbers as a voice says them. It is Monday, 27 July 2026, 15:20 in New York."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.domain.speech import spoken_text

HERE = ZoneInfo("America/New_York")
NOW = datetime(2026, 7, 27, 15, 20, tzinfo=HERE)


def on(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 7, day, hour, minute, tzinfo=HERE)


@pytest.mark.parametrize(
    ("when", "english", "spanish"),
    [
        (on(27, 15, 40), "by twenty to four this afternoon", "antes de las tres y cuarenta de esta tarde"),
        (on(27, 20, 20), "by twenty past eight this evening", "antes de las ocho y veinte de esta noche"),
        (on(27, 21, 30), "by half past nine tonight", "antes de las nueve y media de esta noche"),
        (on(27, 12), "by noon today", "antes del mediodía de hoy"),
        (on(28, 0), "by midnight today", "antes de la medianoche de hoy"),
        (on(28, 8), "by eight tomorrow morning", "mañana antes de las ocho de la mañana"),
        (on(30, 13, 7), "by 1:07 on Thursday afternoon", "el jueves antes de la 1:07 de la tarde"),
        (on(30, 12, 45), "by a quarter to one on Thursday afternoon", "el jueves antes de las doce y cuarenta y cinco de la tarde"),
    ],
)  # fmt: skip
def test_a_deadline_is_said_as_people_say_it(when: datetime, english: str, spanish: str) -> None:
    assert spoken_text.by_when(when, "en", NOW) == english
    assert spoken_text.by_when(when, "es", NOW) == spanish


@pytest.mark.parametrize(
    ("when", "english", "spanish"),
    [
        (on(27, 15, 40), "at twenty to four this afternoon", "a las tres y cuarenta de esta tarde"),
        (on(28, 8), "tomorrow at eight in the morning", "mañana a las ocho de la mañana"),
        (on(28, 12), "tomorrow at noon", "mañana al mediodía"),
        (on(31, 1), "on Friday at one in the morning", "el viernes a la una de la madrugada"),
        (on(3, 9) + timedelta(days=31), "on Monday, August 3 at nine in the morning", "el lunes 3 de agosto a las nueve de la mañana"),
    ],
)  # fmt: skip
def test_an_appointment_is_said_as_people_say_it(when: datetime, english: str, spanish: str) -> None:
    assert spoken_text.at_when(when, "en", NOW) == english
    assert spoken_text.at_when(when, "es", NOW) == spanish


@pytest.mark.parametrize(
    ("when", "english", "spanish"),
    [
        (on(27, 9), "this morning", "esta mañana"),
        (on(26, 15), "yesterday afternoon", "ayer por la tarde"),
        (on(26, 22), "last night", "anoche"),
        (on(21, 10), "on Tuesday", "el martes"),
        (on(20, 10), "on Monday, July 20", "el lunes 20 de julio"),
        (on(1, 10) - timedelta(days=365), "on July 1, 2025", "el 1 de julio de 2025"),
        (on(29, 9), "this afternoon", "esta tarde"),  # clocks that disagree must not produce nonsense
    ],
)
def test_the_past_is_named_no_finer_than_people_remember_it(
    when: datetime, english: str, spanish: str
) -> None:
    assert spoken_text.ago(when, "en", NOW) == english
    assert spoken_text.ago(when, "es", NOW) == spanish


def test_an_evening_contact_is_this_evening_to_a_caller_the_same_evening() -> None:
    assert spoken_text.ago(on(27, 20), "en", on(27, 20, 40)) == "this evening"


def test_times_are_said_in_the_listeners_zone() -> None:
    there = NOW.astimezone(ZoneInfo("America/Los_Angeles"))
    assert (
        spoken_text.by_when(on(27, 15, 40).astimezone(UTC), "en", there) == "by twenty to one this afternoon"
    )
    assert spoken_text.zone_name(on(27, 15, 40), "en", there) == "Pacific Time"


def test_a_window_is_said_with_its_day_once() -> None:
    assert spoken_text.between(on(27, 16), on(27, 17), "en", NOW) == "between four and five this afternoon"
    assert spoken_text.between(on(28, 11), on(28, 12), "en", NOW) == "between eleven and noon tomorrow"
    assert (
        spoken_text.between(on(28, 9), on(28, 10), "es", NOW)
        == "mañana entre las nueve y las diez de la mañana"
    )


def test_a_text_names_the_time_in_figures_and_in_plain_characters() -> None:
    assert spoken_text.written_for_text(on(27, 20, 20), "en", NOW) == "8:20 pm"
    assert spoken_text.written_for_text(on(28, 8), "en", NOW) == "tomorrow, 8:00 am"
    assert spoken_text.written_for_text(on(30, 8), "en", NOW) == "Thu, Jul 30, 8:00 am"
    assert spoken_text.written_for_text(on(28, 8), "es", NOW) == "mañana, 8:00 a.m."


def test_estimates_are_round_and_never_promise_to_the_minute() -> None:
    assert [spoken_text.minutes(n, "en") for n in (0, 1, 4, 90)] == [
        "less than a minute",
        "about a minute",
        "about four minutes",
        "about an hour and a half",
    ]
    assert [spoken_text.minutes(n, "es") for n in (1, 4, 60)] == [
        "alrededor de un minuto",
        "unos cuatro minutos",
        "alrededor de una hora",
    ]


def test_what_has_passed_is_said_in_seconds_then_minutes() -> None:
    assert [spoken_text.duration(n, "en") for n in (-3, 1, 12, 130)] == [
        "no seconds",
        "one second",
        "twelve seconds",
        "two minutes",
    ]
    assert spoken_text.duration(12, "es") == "doce segundos"


def test_digits_are_read_one_by_one() -> None:
    assert spoken_text.number_ending("+12025550155", "en") == "1 5 5"
    assert spoken_text.number_ending(None, "es") == ""


def test_calls_are_counted_in_words() -> None:
    assert spoken_text.count_today(2, "en") == "second call today"
    assert spoken_text.count_today(2, "es") == "segunda llamada de hoy"
    assert spoken_text.count_today(26, "en") == "call number 26 today"


def test_a_list_ends_with_the_right_and() -> None:
    assert spoken_text.list_of(["a", "b", "c"], "en") == "a, b, and c"
    assert spoken_text.list_of(["Ana", "Inés"], "es") == "Ana e Inés"
    assert spoken_text.list_of(["agua", "hielo"], "es") == "agua y hielo"
    assert spoken_text.list_of([], "en") == spoken_text.list_of([], "es") == ""


def test_a_region_is_ignored_and_an_unknown_language_does_not_end_the_call() -> None:
    assert spoken_text.minutes(4, "es-MX") == spoken_text.minutes(4, "es_ES") == "unos cuatro minutos"
    assert spoken_text.minutes(4, "tlh") == "about four minutes"


@pytest.mark.parametrize(
    ("when", "deadline", "appointment"),
    [
        (on(27, 15, 40), "cet après-midi avant trois heures quarante", "cet après-midi à trois heures quarante"),
        (on(27, 22), "ce soir avant dix heures", "ce soir à dix heures"),
        (on(27, 21, 30), "ce soir avant neuf heures et demie", "ce soir à neuf heures et demie"),
        (on(27, 12), "aujourd'hui avant midi", "aujourd'hui à midi"),
        (on(28, 0), "ce soir avant minuit", "ce soir à minuit"),
        (on(28, 0, 20), "cette nuit avant minuit vingt", "cette nuit à minuit vingt"),
        (on(28, 8), "demain matin avant huit heures", "demain matin à huit heures"),
        (on(28, 12, 30), "demain avant midi et demi", "demain à midi et demi"),
        (on(30, 13, 21), "jeudi après-midi avant une heure vingt et une", "jeudi après-midi à une heure vingt et une"),
        (on(31, 1), "dans la nuit du jeudi 30 au vendredi 31 avant une heure", "dans la nuit du jeudi 30 au vendredi 31 à une heure"),
        (on(1, 9) + timedelta(days=62), "le mardi 1er septembre avant neuf heures du matin", "le mardi 1er septembre à neuf heures du matin"),
    ],
)  # fmt: skip
def test_french_names_the_day_first_and_counts_the_hours_by_twelve(
    when: datetime, deadline: str, appointment: str
) -> None:
    assert spoken_text.by_when(when, "fr", NOW) == deadline
    assert spoken_text.at_when(when, "fr", NOW) == appointment


def test_french_counts_and_measures_as_people_do() -> None:
    assert [spoken_text.minutes(n, "fr") for n in (0, 1, 4, 21, 60, 90, 150)] == [
        "moins d'une minute",
        "une minute environ",
        "quatre minutes environ",
        "vingt et une minutes environ",
        "une heure environ",
        "une heure et demie environ",
        "deux heures et demie environ",
    ]
    assert [spoken_text.duration(n, "fr") for n in (0, 1, 12, 130)] == [
        "zéro seconde",
        "une seconde",
        "douze secondes",
        "deux minutes",
    ]
    counted = ["premier", "deuxième", "quatrième", "cinquième", "neuvième", "dixième"]
    assert [spoken_text.count_today(n, "fr") for n in (1, 2, 4, 5, 9, 10)] == [
        f"{ordinal} appel aujourd'hui" for ordinal in counted
    ]
    assert spoken_text.count_today(26, "fr") == "appel numéro 26 aujourd'hui"
    assert spoken_text.list_of(["a", "b", "c"], "fr") == "a, b et c"
    assert spoken_text.ago(on(26, 22), "fr", NOW) == "hier soir"
    assert spoken_text.ago(on(26, 3), "fr", NOW) == "dans la nuit du samedi 25 au dimanche 26"
    assert spoken_text.ago(on(1, 10), "fr", NOW) == "le mercredi 1er juillet"
    assert spoken_text.between(on(28, 11), on(28, 12), "fr", NOW) == "demain matin entre onze heures et midi"
    assert spoken_text.written_for_text(on(28, 8), "fr", NOW) == "demain, 8 h"


@pytest.mark.parametrize(
    ("number", "language", "said"),
    [
        ("+12025550123", "en", "2 0 2, 5 5 5, 0 1 2 3"),
        ("+12025550123", "es", "2 0 2, 5 5 5, 0 1 2 3"),
        ("+33612347186", "en", "0 6, 1 2, 3 4, 7 1, 8 6"),
        ("+33612347186", "fr", "zéro six, douze, trente-quatre, soixante et onze, quatre-vingt-six"),
        (
            "+33180809199",
            "fr",
            "zéro un, quatre-vingts, quatre-vingts, quatre-vingt-onze, quatre-vingt-dix-neuf",
        ),
        (
            "+15145550123",
            "fr",
            "5 1 4, 5 5 5, 0 1 2 3",
        ),  # groups of three are said digit by digit in Montréal
    ],
)
def test_a_telephone_number_is_said_in_the_groups_of_its_country(
    number: str, language: str, said: str
) -> None:
    assert spoken_text.phone_number(number, language) == said


def test_a_language_without_a_tongue_is_spoken_plainly_and_not_in_english() -> None:
    assert spoken_text.by_when(on(27, 15, 40), "de", NOW) == "15:40"
    assert spoken_text.by_when(on(28, 8), "de", NOW) == "Dienstag 08:00"
    assert spoken_text.by_when(on(28, 0), "de", NOW) == "Dienstag 00:00"
    assert spoken_text.between(on(28, 9), on(28, 10), "pt", NOW) == "terça-feira 09:00 – 10:00"
    assert [spoken_text.minutes(n, "de") for n in (0, 4, 60, 90)] == [
        "1 Minute",
        "4 Minuten",
        "1 Stunde",
        "1,5 Stunden",
    ]
    assert spoken_text.list_of(["a", "b"], "it") == "a e b"


def test_a_voice_is_asked_for_where_most_who_speak_the_language_live_unless_it_names_a_country() -> None:
    asked = {
        language: spoken_text.get_voice_locale(language)
        for language in ("en", "es", "fr", "fr-CA", "es_MX", "de", "pt")
    }
    assert asked == {
        "en": "en-US",
        "es": "es-US",
        "fr": "fr-FR",
        "fr-CA": "fr-CA",
        "es_MX": "es-MX",
        "de": "de-DE",
        "pt": "pt-BR",
    }


MOMENTS = st.datetimes(min_value=datetime(2025, 1, 1), max_value=datetime(2027, 12, 31)).map(  # noqa: DTZ001  # made aware below
    lambda naive: naive.replace(tzinfo=UTC).astimezone(HERE)
)


@given(dt=MOMENTS, now=MOMENTS, language=st.sampled_from([*spoken_text.list_languages(), "de", "pt"]))
def test_every_moment_can_be_said(dt: datetime, now: datetime, language: str) -> None:
    for say in (
        spoken_text.clock_time,
        spoken_text.time_of_day,
        spoken_text.at_when,
        spoken_text.by_when,
        spoken_text.ago,
        spoken_text.written_for_text,
    ):
        said = say(dt, language, now)
        assert said == " ".join(said.split())
        assert said
        assert "a el " not in said
        assert "de el " not in said
        assert said.isprintable()
        assert len(said.split()) <= 18


@given(
    minute=st.integers(0, 1439),
    other=st.integers(0, 1439),
    language=st.sampled_from([*spoken_text.list_languages(), "de", "pt"]),
)
def test_two_times_of_a_day_never_sound_the_same(minute: int, other: int, language: str) -> None:
    midnight = on(28, 0)
    one = spoken_text.by_when(midnight + timedelta(minutes=minute), language, NOW)
    two = spoken_text.by_when(midnight + timedelta(minutes=other), language, NOW)
    assert (one == two) == (minute == other)
