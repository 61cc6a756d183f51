"""What a person is told before they take a call. It is Monday, 27 July 2026, 20:40 in New York."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.domain.phone_numbers import TrustLevel
from ivr.domain.rules.brief.content import Brief, Handover, ImportantNote, LastTalk, OwedCall
from ivr.domain.rules.brief.render import render_json as brief_as_json
from ivr.domain.rules.brief.render import render_spoken as brief_spoken
from ivr.domain.rules.brief.spoken_length import SECONDS_BEFORE_ACCEPT, WORDS_PER_SECOND, count_spoken_words
from ivr.flow.phrases.built_in import brief_wording, parse_phrasebook

NOW = datetime(2026, 7, 27, 20, 40, tzinfo=ZoneInfo("America/New_York"))
TEN = NOW.replace(hour=22, minute=0)
LORI = Brief(
    name="Lori Miller",
    number_ending="155",
    trust_level=TrustLevel.ATTESTED,
    calls_today=2,
    reason="My suitcase did not arrive in Albany.",
    waited_seconds=12,
    queue="support",
    last_talk=LastTalk(agent="Danielle", at=NOW.replace(hour=20, minute=0), note="it is in the delivery van"),
    owed_calls=(OwedCall(due_by=TEN, promised_by="Danielle"),),
    important_notes=(ImportantNote(text="use her name", author="Vicki"),),
    policy="The company looks into every late delivery and calls back within a day.",
)
LONG = "I have been ringing since the morning and nobody can tell me where it is and my medicine is in it and I need it"


def spoken(brief: Brief, language: str, now: datetime) -> tuple[str, str]:
    return brief_spoken(brief, brief_wording(parse_phrasebook(language, None)[0]), language, now)


def as_json(brief: Brief, language: str, now: datetime) -> dict[str, Any]:
    return brief_as_json(brief, brief_wording(parse_phrasebook(language, None)[0]), language, now)


def test_who_why_and_who_promised_what_come_before_the_key() -> None:
    before, after = spoken(LORI, "en", NOW)
    assert before == (
        "Lori Miller, second call today, attested. "
        'They say: "My suitcase did not arrive in Albany". '
        "Danielle promised a call by ten."
    )
    assert after == (
        'Last with Danielle this evening: "it is in the delivery van". '
        "Has waited twelve seconds. "
        "Mind, says Vicki: use her name. "
        "The company looks into every late delivery and calls back within a day."
    )


def test_the_brief_is_told_in_spanish() -> None:
    before, after = spoken(replace(LORI, reason="No llegó mi maleta"), "es-MX", NOW)
    assert before == (
        "Lori Miller, segunda llamada de hoy, número verificado. "
        "Dice: «No llegó mi maleta». "
        "Danielle prometió llamar antes de las diez."
    )
    assert after.startswith(
        "Última vez con Danielle, esta noche: «it is in the delivery van». Espera desde hace doce"
    )


def test_the_brief_is_told_in_french_to_the_last_word() -> None:
    before, after = spoken(replace(LORI, reason="Ma valise est perdue"), "fr", NOW)
    assert before == (
        "Lori Miller, deuxième appel aujourd'hui, numéro vérifié. "
        "Motif : « Ma valise est perdue ». "
        "Danielle a promis d'appeler avant dix heures."
    )
    assert after.startswith(
        "Dernier contact avec Danielle, ce soir : « it is in the delivery van ». Attend depuis douze secondes."
    )


def test_a_long_reason_is_begun_before_the_key_and_told_in_full_after_it() -> None:
    before, after = spoken(replace(LORI, reason=LONG), "en", NOW)
    assert 'They say: "I have been ringing since the morning …"' in before
    assert "Danielle promised a call by ten." in before
    assert f'They say: "{LONG}".' in after


def test_a_transfer_begins_with_the_colleagues_reason_and_gives_their_note_to_the_word() -> None:
    note = "Bills are on the case; he CANNOT fax!  \n He shouts, he does not mean it."
    handover = Handover(agent="Rosa", reason="he asks for someone senior", note=note)
    before, after = spoken(replace(LORI, handover=handover), "en", NOW)
    assert before.index("From Rosa: ") < before.index("Danielle promised")
    assert 'Rosa\'s note: "Bills are on the case; he CANNOT fax! He shouts, he does not mean it".' in after
    data = as_json(replace(LORI, handover=handover), "en", NOW)
    assert data["transfer"] == {"agent": "Rosa", "reason": "he asks for someone senior", "note": note}


def test_the_promise_being_kept_is_said_and_a_broken_one_is_said_to_be() -> None:
    kept = replace(LORI, owed_calls=(), current_promise=OwedCall(due_by=TEN), reason="")
    assert "We owe them a call by ten." in spoken(kept, "en", NOW)[0]
    late = replace(kept, current_promise=OwedCall(due_by=NOW - timedelta(minutes=25)))
    assert "We owe them a call by a quarter past eight; that has passed." in " ".join(spoken(late, "en", NOW))


def test_a_promise_for_another_day_names_the_day() -> None:
    tomorrow = replace(
        LORI,
        owed_calls=(OwedCall(due_by=TEN + timedelta(hours=12), promised_by="Danielle", about="the van"),),
    )
    told = " ".join(spoken(tomorrow, "en", NOW))
    assert 'Danielle promised a call by ten tomorrow morning, about "the van".' in told


def test_one_promise_is_told_once() -> None:
    owing = OwedCall(due_by=TEN, promised_by="Danielle")
    told = " ".join(spoken(replace(LORI, current_promise=owing, owed_calls=(owing,)), "en", NOW))
    assert told.count("Danielle promised") == 1


def test_an_unsure_name_is_a_perhaps_and_an_unknown_caller_is_an_ending_or_hidden() -> None:
    assert spoken(replace(LORI, trust_level=TrustLevel.UNVERIFIED), "en", NOW)[0].startswith(
        "Perhaps Lori Miller, second call today."
    )
    assert spoken(Brief(number_ending="155"), "en", NOW) == ("A caller, number ending 1 5 5.", "")
    assert spoken(Brief(), "en", NOW) == ("A caller with a hidden number.", "")


TEXTS = st.text(max_size=400) | st.lists(st.text('abc 1."»…', min_size=1, max_size=30), max_size=40).map(
    " ".join
)
TIMES = st.integers(-10_000, 10_000).map(lambda minutes: NOW + timedelta(minutes=minutes))
OWINGS = st.builds(OwedCall, due_by=TIMES, promised_by=TEXTS, about=TEXTS)
BRIEFS = st.builds(
    Brief,
    name=TEXTS,
    number_ending=st.text("0123456789", max_size=12),
    trust_level=st.sampled_from(TrustLevel),
    calls_today=st.integers(0, 10**6),
    reason=TEXTS,
    waited_seconds=st.integers(0, 10**5),
    last_talk=st.none() | st.builds(LastTalk, agent=TEXTS, at=TIMES, note=TEXTS),
    owed_calls=st.lists(OWINGS, max_size=3).map(tuple),
    current_promise=st.none() | OWINGS,
    important_notes=st.lists(st.builds(ImportantNote, text=TEXTS, author=TEXTS), max_size=3).map(tuple),
    handover=st.none() | st.builds(Handover, agent=TEXTS, reason=TEXTS, note=TEXTS),
    policy=TEXTS,
)


@given(brief=BRIEFS, language=st.sampled_from(["en", "es", "fr"]))
def test_the_first_part_never_takes_more_than_eight_seconds_and_is_never_empty(
    brief: Brief, language: str
) -> None:
    before, _ = spoken(brief, language, NOW)
    assert before
    assert count_spoken_words(before) <= SECONDS_BEFORE_ACCEPT * WORDS_PER_SECOND


@given(brief=BRIEFS, language=st.sampled_from(["en", "es", "fr"]))
def test_ear_and_page_get_the_same_sentences_in_the_same_order(brief: Brief, language: str) -> None:
    data = as_json(brief, language, NOW)
    assert spoken(brief, language, NOW) == (" ".join(data["before"]), " ".join(data["after"]))


@given(brief=BRIEFS)
def test_nothing_anybody_wrote_is_lost(brief: Brief) -> None:
    told = " ".join(spoken(brief, "en", NOW))
    written = [brief.reason, brief.policy, *(minding.text for minding in brief.important_notes)]
    written += [brief.handover.note, brief.handover.reason] if brief.handover else []
    written += [brief.last_talk.note] if brief.last_talk else []
    for text in written:
        assert " ".join(text.split()).removesuffix(".").rstrip() in told


@pytest.mark.parametrize(
    ("text", "words"), [("", 0), ("on the van", 3), ("5 5 5", 3), ("call 1234", 5), ("x" * 25, 3)]
)
def test_digits_and_endless_words_take_as_long_as_a_voice_needs(text: str, words: int) -> None:
    assert count_spoken_words(text) == words


def test_what_our_own_system_says_is_marked_as_its_word_and_its_name_only_where_it_is_another() -> None:
    facts = ("Order 4711 left on Friday.", 'says "hello"')
    told = " ".join(spoken(replace(LORI, lookup_facts=facts, lookup_name="Lori Miller"), "en", NOW))
    assert 'Our system says: "Order 4711 left on Friday". Our system says: "says "hello"". Has waited' in told
    assert "gives the name" not in told
    other = replace(LORI, lookup_name="L. Miller")
    assert 'Our system gives the name "L. Miller".' in " ".join(spoken(other, "en", NOW))
    assert "Nuestro sistema da el nombre «L. Miller»." in " ".join(spoken(other, "es", NOW))
    assert as_json(replace(LORI, lookup_facts=facts), "en", NOW)["system"] == {
        "facts": list(facts),
        "name": "",
    }
