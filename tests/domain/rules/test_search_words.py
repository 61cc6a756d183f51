"""Words are found however they were typed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.domain.rules.search_words import (
    MAX_QUERY_WORDS,
    SearchQuery,
    list_number_endings,
    parse_query,
    split_words,
)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("José's Suitcase", ("jose", "s", "suitcase")),
        ("Jose\u0301", ("jose",)),
        ("STRASSE straße", ("strasse",)),
        ("Łukasz Ørsted", ("lukasz", "orsted")),
        ("İstanbul ISTANBUL ıstanbul", ("istanbul",)),
        ("ﬁve ② bags_4471", ("five", "2", "bags", "4471")),
        ("call (202) 555-0155 or +1 202 555 0199.", ("call", "2025550155", "or", "12025550199")),
        ("bag 4471 4472", ("bag", "4471", "4472")),
        ("", ()),
        (" .,; ", ()),
    ],
)
def test_words_without_case_and_accents(text: str, found: tuple[str, ...]) -> None:
    assert split_words(text) == found


@given(st.text())
def test_a_word_can_stand_in_the_index_and_folds_to_itself(text: str) -> None:
    for word in split_words(text):
        assert word > " "
        assert " " not in word
        assert "\x00" not in word
        assert split_words(word) == (word,)


def test_a_number_is_found_by_as_many_of_its_last_digits_as_are_known() -> None:
    assert list_number_endings("+12025550155")[0] == "12025550155"
    assert {"155", "0155", "2025550155"} <= set(list_number_endings("+12025550155"))
    assert "55" not in list_number_endings("+12025550155")
    assert list_number_endings("") == ()


def test_the_last_word_counts_as_far_as_it_was_typed() -> None:
    assert parse_query("Lori  Mil") == SearchQuery(exact_words=("lori",), last_prefix="mil")
    assert parse_query("  ") == SearchQuery()
    assert len(parse_query(" ".join(f"w{n}" for n in range(50))).exact_words) == MAX_QUERY_WORDS - 1
