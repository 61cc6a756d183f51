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
from ivr.store.change import Change
from ivr.store.queries import case_index

PAGE = 20
MOST = 5000  # cases that are looked through for one page
FILED_AT_ONCE = 200  # cases from before there was an index, with each search: a moment's work

Place = tuple[float, str]  # when something last came to a case, and its id
FIRST: Place = (math.inf, "")


@dataclass(frozen=True, kw_only=True)
class Hit:
    case: Case
    customer: Customer
    owner: str  # a name
    closed: bool
    lately: float


@dataclass(frozen=True, kw_only=True)
class Found:
    """`older`: the `before` of the next page, "" when this is the last. `partial`: only the newest MOST were looked through.

    `unfiled`: cases that cannot be found yet.
    """

    hits: Sequence[Hit]
    asked: bool  # for something; else these are simply the newest
    older: str = ""
    partial: bool = False
    unfiled: int = 0


def search(s: Services, typed: str, *, before: str = "") -> Found:
    """Every case, when nothing is typed. `before`: `older` of the page before; what is none counts as nothing."""
    unfiled = _catch_up(s)
    query = search_words.query(typed)
    start = _place(before)
    ordered, partial = _candidates(s, query, start)
    found = case_index.matching(s.store, (name for _, name in ordered), query)
    page = list(islice(found, PAGE + 1))
    lately = {name: at for at, name in ordered}
    more = len(page) > PAGE
    hits = _hits(s, page[:PAGE], lately)
    last = page[PAGE - 1] if more else ""
    older = f"{lately[last]!r}:{last}" if more else ""
    return Found(
        hits=hits, asked=bool(query.begun), older=older, partial=partial and not more, unfiled=unfiled
    )


def _candidates(s: Services, query: search_words.Query, start: Place) -> tuple[list[Place], bool]:
    """Cases that may match, newest first: those of the rarest word, or, when even that is in very many, the newest of all."""
    rare = case_index.with_rarest(s.store, query, MOST) if query.begun else None
    if rare is not None:
        places = [(at, name) for name, at in case_index.lately(s.store, rare).items()]
        return sorted((p for p in places if p < start), reverse=True), False
    newest = case_index.newest(s.store, start[0], MOST)
    places = [(at, name) for name, at in newest]
    return [p for p in places if p < start], len(newest) == MOST


def _hits(s: Services, names: Sequence[str], lately: dict[str, float]) -> list[Hit]:
    cases = s.store.get_all(Case, names)
    customers = {c.id: c for c in s.store.get_all(Customer, sorted({c.customer for c in cases} - {""}))}
    owners = {a.id: a.name for a in s.store.get_all(Agent, sorted({c.owner for c in cases} - {""}))}
    return [
        Hit(
            case=case,
            customer=customers.get(case.customer, Customer(id=case.customer)),
            owner=owners.get(case.owner, ""),
            closed=case.is_closed(lately[case.id]),
            lately=lately[case.id],
        )
        for case in cases
    ]


def _place(before: str) -> Place:
    at, _, name = before.partition(":")
    try:
        place = float(at), name
    except ValueError:
        return FIRST
    return place if name and math.isfinite(place[0]) else FIRST


def _catch_up(s: Services) -> int:
    """File cases from before there was an index, newest first; how many are left."""
    names, count = case_index.unfiled(s.store, FILED_AT_ONCE)
    return count - sum(_filed(s, names))


def _filed(s: Services, names: Sequence[str]) -> Iterator[bool]:
    for case in s.store.get_all(Case, names):
        change = Change(now=s.clock.now())
        change.expect(case)
        case_index.anew(s.store, case, s.store.get(Customer, case.customer), change)
        yield s.store.commit(change)
