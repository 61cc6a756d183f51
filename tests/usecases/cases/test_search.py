"""Cases are found by what is known of them."""

from __future__ import annotations

import pytest

from ivr.services import Services
from ivr.store import keys
from ivr.store.queries import case_index
from ivr.usecases.cases import edit as case_edit
from ivr.usecases.cases import search as case_search
from ivr.usecases.customers import profile as customer_profile
from tests.stories.people import LORI
from tests.usecases.cases.opened_cases import BY, found, opened
from tests.usecases.promises.promised import OTHER


def test_cases_are_found_by_name_number_subject_and_what_was_said_in_any_order(services: Services) -> None:
    hers = opened(services, "The lost suitcase", name="Zoë Müller-Ortiz")
    other = opened(services, "A refund", OTHER, name="Bob Miller")
    case_edit.add_note(services, hers, "It is in the café at gate 22", actor=BY)
    for typed in ("zoe", "MULLER", "ortiz zoë", "0155", "+1 202-555-0155", "12025550155", "(202) 555-0155"):
        assert found(services, typed) == [hers], typed
    for typed in ("lost", "suit", "gate CAFE", "suitcase 22 zo", "cafe\u0301"):
        assert found(services, typed) == [hers], typed
    for typed in ("uitcase", "suit lost", "zoe refund", "miller lost", "555 nothing", "zoë\x00x"):
        assert found(services, typed) == [], typed
    assert found(services, "m") == [hers, other]  # newest first: hers was written on last
    for nothing in ("", " ", "[*", "\x00"):
        assert found(services, nothing) == [hers, other]


def test_a_new_name_and_another_subject_are_found_and_the_old_ones_are_not(services: Services) -> None:
    case = opened(services, "A parcel", name="Lori Milner")
    customer_profile.set_name(services, LORI, "Lori Miller")
    case_edit.rename(services, case, "A suitcase", actor=BY)
    assert found(services, "lori suitcase") == found(services, "miller") == [case]
    assert found(services, "milner") == found(services, "parcel") == []


def test_pages_follow_one_another_whole_and_without_doubles(services: Services) -> None:
    made = [opened(services, f"Bag {n}", OTHER) for n in range(45)]
    for typed in ("bag", ""):
        seen: list[str] = []
        before = ""
        while True:
            page = case_search.search_cases(services, typed, cursor=before)
            seen += [hit.case.id for hit in page.hits]
            if not page.next_cursor:
                break
            before = page.next_cursor
        assert seen == made[::-1]
    for nonsense in ("x", "nan:a", "inf:b", "1e999:c", ":", "1:"):
        assert case_search.search_cases(services, "bag", cursor=nonsense) is not None


def test_words_that_very_many_have_are_looked_for_among_the_newest(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = [opened(services, f"Bag {'red' if n < 3 else 'blue'}", OTHER) for n in range(8)]
    monkeypatch.setattr(case_search, "MAX_CANDIDATES", 6)
    told = case_search.search_cases(services, "bag bl")
    assert ([hit.case.id for hit in told.hits], told.partial) == (made[:2:-1], False)
    monkeypatch.setattr(case_search, "MAX_CANDIDATES", 4)
    told = case_search.search_cases(services, "bag bl")
    assert ([hit.case.id for hit in told.hits], told.partial) == (made[:3:-1], True)
    assert found(services, "bag red") == made[2::-1]


def test_cases_from_before_there_was_an_index_are_found(services: Services) -> None:
    case = opened(services, "An old trunk", name="Lori Miller")
    case_edit.add_note(services, case, "It is in Albany", actor=BY)
    for key in (keys.CASE_WORDS, keys.INDEXED_CASES, keys.case_words(case), keys.customer_cases(LORI)):
        services.store.redis.delete(key)
    case_edit.add_note(
        services, case, "It was found", actor=BY
    )  # by what is written meanwhile it is not filed as a whole
    assert found(services, "trunk miller albany found") == [case]
    assert services.store.read(case_index.list_customer_cases(LORI)) == [case]


def test_many_of_them_are_filed_little_by_little_and_it_is_said(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(5):
        opened(services, f"Trunk {n}")
    services.store.redis.delete(keys.INDEXED_CASES)
    monkeypatch.setattr(case_search, "MAX_INDEXED_PER_SEARCH", 2)
    assert [case_search.search_cases(services, "trunk").unindexed for _ in range(3)] == [3, 1, 0]
    assert len(found(services, "trunk")) == 5


def test_what_is_taken_out_leaves_nothing_behind(services: Services) -> None:
    mine, other = opened(services, "A trunk", name="Lori Miller"), opened(services, "A trunk", OTHER)
    case_edit.add_note(services, mine, " ".join(f"word{n}" for n in range(200)), actor=BY)
    change = services.store.begin()
    case_index.erase_case(services.store, case_edit.get_case(services, mine), change)
    assert services.store.commit(change)
    left = [str(member) for member in services.store.redis.zrange(keys.CASE_WORDS, 0, -1)]
    assert left
    assert not [member for member in left if member.endswith(mine)]
    assert not services.store.redis.exists(keys.case_words(mine), keys.customer_cases(LORI))
    assert case_index.list_unindexed(services.store, 5) == ([], 0)
    assert other in services.store.read(case_index.get_last_activity([mine, other]))
