"""Cases by what somebody remembers of them: a name, the last digits of a number, words of what it is about or of what was said.

All words must be there, in any order, the last one as far as it was typed. Newest first, page by page.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from ivr.domain.records.agent import Agent
from ivr.domain.records.customer import Case, Customer
from ivr.domain.rules import search_words
from ivr.services import Services
from ivr.store.queries import case_index

PAGE_SIZE = 20
MAX_CANDIDATES = 5000  # cases that are looked through for one page
MAX_INDEXED_PER_SEARCH = 200  # cases from before there was an index, with each search: a moment's work

Cursor = tuple[float, str]  # when something last came to a case, and its id
FIRST_CURSOR: Cursor = (math.inf, "")


@dataclass(frozen=True, kw_only=True)
class CaseHit:
    case: Case
    customer: Customer
    owner_name: str  # a name
    closed: bool
    last_activity_at: float


@dataclass(frozen=True, kw_only=True)
class CaseSearchPage:
    """`next_cursor`: the `cursor` of the next page, "" when this is the last. `partial`: only the newest MAX_CANDIDATES were looked through.

    `unindexed`: cases that cannot be found yet.
    """

    hits: Sequence[CaseHit]
    is_search: bool  # for something; else these are simply the newest
    next_cursor: str = ""
    partial: bool = False
    unindexed: int = 0


def search_cases(services: Services, text: str, *, cursor: str = "") -> CaseSearchPage:
    """Every case, when nothing is typed. `cursor`: `next_cursor` of the page before; what is none counts as nothing."""
    unfiled = _index_older_cases(services)
    query = search_words.parse_query(text)
    start = _parse_cursor(cursor)
    ordered, partial = _list_candidates(services, query, start)
    found = case_index.filter_matching(services.store, (name for _, name in ordered), query)
    page = list(islice(found, PAGE_SIZE + 1))
    lately = {name: at for at, name in ordered}
    more = len(page) > PAGE_SIZE
    hits = _build_hits(services, page[:PAGE_SIZE], lately)
    last = page[PAGE_SIZE - 1] if more else ""
    older = f"{lately[last]!r}:{last}" if more else ""
    return CaseSearchPage(
        hits=hits,
        is_search=bool(query.last_prefix),
        next_cursor=older,
        partial=partial and not more,
        unindexed=unfiled,
    )


def _list_candidates(
    services: Services, query: search_words.SearchQuery, start: Cursor
) -> tuple[list[Cursor], bool]:
    """Cases that may match, newest first: those of the rarest word, or, when even that is in very many, the newest of all."""
    rare = (
        case_index.find_by_rarest_word(services.store, query, MAX_CANDIDATES) if query.last_prefix else None
    )
    if rare is not None:
        places = [(at, name) for name, at in services.store.read(case_index.get_last_activity(rare)).items()]
        return sorted((p for p in places if p < start), reverse=True), False
    newest = case_index.list_newest(services.store, start[0], MAX_CANDIDATES)
    places = [(at, name) for name, at in newest]
    return [p for p in places if p < start], len(newest) == MAX_CANDIDATES


def _build_hits(
    services: Services, case_ids: Sequence[str], last_activity: dict[str, float]
) -> list[CaseHit]:
    cases = services.store.get_many(Case, case_ids)
    customers = {
        c.id: c for c in services.store.get_many(Customer, sorted({c.customer for c in cases} - {""}))
    }
    owners = {a.id: a.name for a in services.store.get_many(Agent, sorted({c.owner for c in cases} - {""}))}
    return [
        CaseHit(
            case=case,
            customer=customers.get(case.customer, Customer(id=case.customer)),
            owner_name=owners.get(case.owner, ""),
            closed=case.is_closed(last_activity[case.id]),
            last_activity_at=last_activity[case.id],
        )
        for case in cases
    ]


def _parse_cursor(text: str) -> Cursor:
    at, _, name = text.partition(":")
    try:
        place = float(at), name
    except ValueError:
        return FIRST_CURSOR
    return place if name and math.isfinite(place[0]) else FIRST_CURSOR


def _index_older_cases(services: Services) -> int:
    """File cases from before there was an index, newest first; how many are left."""
    names, count = case_index.list_unindexed(services.store, MAX_INDEXED_PER_SEARCH)
    return count - sum(_index_cases(services, names))


def _index_cases(services: Services, case_ids: Sequence[str]) -> Iterator[bool]:
    for case in services.store.get_many(Case, case_ids):
        change = services.store.begin()
        change.expect(case)
        case_index.rebuild_case(services.store, case, services.store.get(Customer, case.customer), change)
        yield services.store.commit(change)
