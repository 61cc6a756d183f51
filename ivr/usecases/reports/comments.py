"""How it was, in the words of those who said it. They are read off the contacts, so they go when the person is erased.

Three round trips, of PAGE_SIZE contacts at a time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from ivr.domain.records.agent import Agent
from ivr.domain.records.contact import Contact
from ivr.services import Services
from ivr.store.queries import contacts

PAGE_SIZE = 20


@dataclass(frozen=True, kw_only=True)
class RatingComment:
    """`at`: epoch seconds. `agent_name`: the name of whom they had talked with last; "" = nobody is known."""

    at: float
    rating: int
    text: str
    agent_name: str
    queue: str
    case: str


@dataclass(frozen=True, kw_only=True)
class RatingCommentPage:
    """`page`: from 1; `has_more`: there is another."""

    comments: tuple[RatingComment, ...]
    page: int
    has_more: bool


def list_comments(services: Services, first: date, last: date, *, page: int = 1) -> RatingCommentPage:
    """Of these days, both included, by the line's clock; the latest first."""
    since, until = _midnight(services, first), _midnight(services, last + timedelta(days=1))
    names = services.store.read(contacts.list_commented(since, until, (page - 1) * PAGE_SIZE, PAGE_SIZE + 1))
    found = services.store.get_many(Contact, names[:PAGE_SIZE])
    agents = {
        a.id: a.name for a in services.store.get_many(Agent, sorted({c.served_by for c in found} - {""}))
    }
    return RatingCommentPage(
        comments=tuple(
            RatingComment(
                at=c.after_call.rated_at,
                rating=c.after_call.rating,
                text=c.after_call.comment,
                agent_name=agents.get(c.served_by, c.served_by),
                queue=c.queue_place.name,
                case=c.case,
            )
            for c in found
        ),
        page=page,
        has_more=len(names) > PAGE_SIZE,
    )


def _midnight(services: Services, day: date) -> float:
    return datetime.combine(day, datetime.min.time(), services.store.zone).timestamp()
