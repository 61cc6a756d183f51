"""How it was, in the words of those who said it. They are read off the contacts, so they go when the person is forgotten.

Three round trips, of MOST contacts at a time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from ivr.domain.records.agent import Agent
from ivr.domain.records.contact import Contact
from ivr.services import Services
from ivr.store import keys

MOST = 20


@dataclass(frozen=True, kw_only=True)
class Said:
    """`at`: epoch seconds. `agent`: the name of whom they had talked with last; "" = nobody is known."""

    at: float
    rating: int
    words: str
    agent: str
    queue: str
    case: str


@dataclass(frozen=True, kw_only=True)
class Words:
    """`page`: from 1; `more`: there is another."""

    said: tuple[Said, ...]
    page: int
    more: bool


def look(s: Services, first: date, last: date, *, page: int = 1) -> Words:
    """Of these days, both included, by the line's clock; the latest first."""
    since, until = _midnight(s, first), _midnight(s, last + timedelta(days=1))
    span = (f"({until!r}", since, "BYSCORE", "REV", "LIMIT", (page - 1) * MOST, MOST + 1)
    (names,) = s.store.read([("ZRANGE", keys.COMMENTED, *span)])
    contacts = s.store.get_all(Contact, names[:MOST])
    agents = {a.id: a.name for a in s.store.get_all(Agent, sorted({c.served_by for c in contacts} - {""}))}
    return Words(
        said=tuple(
            Said(
                at=c.rated_at,
                rating=c.rating,
                words=c.comment,
                agent=agents.get(c.served_by, c.served_by),
                queue=c.queue,
                case=c.case,
            )
            for c in contacts
        ),
        page=page,
        more=len(names) > MOST,
    )


def _midnight(s: Services, day: date) -> float:
    return datetime.combine(day, datetime.min.time(), s.store.zone).timestamp()
