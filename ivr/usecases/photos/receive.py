"""Photos that customers text: each is written down in the change that takes the text, and fetched by a worker (fetch.py)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ivr.domain.records.agent import Agent
from ivr.domain.records.agent_leg import Offer
from ivr.domain.records.contact import Contact
from ivr.domain.records.customer import Case, Customer
from ivr.domain.records.photo import Photo, PhotoState, Why
from ivr.domain.rules.rate_limit import Bound, free_at
from ivr.services import Services, id_of
from ivr.store import keys
from ivr.store.change import Change
from ivr.store.queries import recent_counts
from ivr.usecases.customers import last_talk, open_promises
from ivr.usecases.promises import lifecycle as promise_lifecycle

DAY = 86400.0


@dataclass(frozen=True, kw_only=True)
class Came:
    """A text with pictures. `sid`: MessageSid; `urls`: of the media."""

    sid: str
    line: str
    urls: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where it belongs, and who is shown that it has come; "" = every agent."""

    case: str
    agent: str


def arrive(s: Services, customer: Customer, came: Came, change: Change) -> str:
    """Written down, to be fetched. The case that they are on."""
    whose = place(s, customer, change)
    media = {s.media.name(url) or f"{came.sid}/{n}": s.media.name(url) for n, url in enumerate(came.urls)}
    names = {id_of(unique): medium for unique, medium in media.items()}
    known = {p.id for p in s.store.get_all(Photo, list(names))}  # asked for once more, long after
    at = _put_off(s, customer.id, change.now)
    for n, (name, medium) in enumerate(names.items()):
        order = change.now + n / 1000  # as they were sent
        if name in known:
            continue
        photo = Photo(
            id=name,
            message=came.sid,
            medium=medium,
            there=bool(medium),
            case=whose.case,
            customer=customer.id,
            line=came.line,
            made=change.now,
            agent=whose.agent,
        )
        if medium:
            change.wake(change.put(None, photo), at)
            recent_counts.count(change, _counted(customer.id), at, who=name, seconds=DAY)
        else:
            change.put(None, replace(photo, state=PhotoState.REFUSED, why=Why.ELSEWHERE))
        change.op("ZADD", keys.photos_of(customer.id), order, name)
        change.op("ZADD", keys.unseen(whose.agent), order, name)
        last_talk.note(whose.case, "photo", change, photo=name, sid=came.sid, line=came.line)
        change.journal("photo received", photo=name, case=whose.case)
    touch(whose.agent, change)
    return whose.case


def touch(agent: str, change: Change) -> None:
    """What is new at this agent's desk, or at everybody's, has changed."""
    change.touch(f"{Agent.noun}:{agent}" if agent else ANYBODY)


ANYBODY = f"{Photo.noun}:new"  # the topic of those that are nobody's in particular


def place(s: Services, customer: Customer, change: Change) -> Place:
    """The talk that goes on, else their open case, else the last one's, else a new one."""
    live = s.store.get(Contact, customer.live)
    offer = s.store.get(Offer, live.offer) if live is not None else None
    if live is not None and offer is not None:
        case = promise_lifecycle.open_case(s, live, customer, change)
        if case != live.case:
            change.put(live, replace(live, case=case))
        return Place(case=case, agent=offer.agent)
    last = s.store.get(Contact, customer.last_contact)
    shared = open_promises.is_shared(s, customer)  # whose matter it is nobody can know
    name = "" if shared else customer.case or (last.case if last is not None else "")
    case_ = s.store.get(Case, name)
    agent = s.store.get(Agent, (case_.owner if case_ else "") or customer.last_agent)
    known = agent.id if agent is not None and not shared else ""
    if case_ is not None:
        return Place(case=case_.id, agent=known)
    opened = promise_lifecycle.open_case(s, Contact(id="", number=customer.id), customer, change)
    new = change.made(Case, opened)
    if new is not None and known:
        change.put(new, replace(new, owner=known))
    if not shared:
        change.put(customer, replace(change.latest(customer) or customer, case=opened))
    return Place(case=opened, agent=known)


def _put_off(s: Services, number: str, now: float) -> float:
    """From when on they are fetched: a flood of pictures waits, none is lost."""
    bound = Bound(name="photos", of=_counted(number), most=s.settings.photos_day, seconds=DAY)
    (nth,) = recent_counts.nth(s.store, [bound])
    return free_at(bound, nth, now)


def _counted(number: str) -> str:
    return f"photos:{number}"
