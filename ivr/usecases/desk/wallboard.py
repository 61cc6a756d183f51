"""Who waits, who is on with whom, and how well the line answers: for supervisors, and for a wall. Looking changes nothing.

Four round trips, however much is promised; it reads the agents, and of the contacts those that wait or talk, MOST of each.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ivr.domain.metrics import rates
from ivr.domain.metrics.rates import Service
from ivr.domain.phone_numbers import Degree
from ivr.domain.records.agent import Agent, AgentState
from ivr.domain.records.agent_leg import BEFORE_ACCEPT, Ear, Offer, OfferKind
from ivr.domain.records.contact import Contact, ContactState, Where
from ivr.services import Services
from ivr.store import codec, keys
from ivr.store.queries import queues as stored_queues
from ivr.usecases.customers import caller_context

MOST = 100  # of each queue, of each stage of a talk
AGENTS = 1000
TALKS = (ContactState.TALKING, ContactState.HELD, ContactState.CALLING)
AT_WORK = (
    AgentState.AVAILABLE,
    AgentState.RESERVED,
    AgentState.ON_CALL,
    AgentState.WRAP_UP,
    AgentState.AWAY,
)


@dataclass(frozen=True, kw_only=True)
class Waiter:
    """`asked`: the agent who is being asked for them. `estimate`: seconds; None = nobody works there."""

    contact: Contact
    name: str
    since: float
    asked: str
    estimate: int | None


@dataclass(frozen=True, kw_only=True)
class Ears:
    """A supervisor in a talk, or on the way: then `coming`."""

    name: str
    ear: Ear
    coming: bool
    mine: bool


@dataclass(frozen=True, kw_only=True)
class Talk:
    """`held`: since when the caller is on hold, epoch seconds, 0 = not. `open`: it can be listened to now."""

    contact: Contact
    name: str
    agent: str
    with_: str  # the colleague in it, or being asked; "" = nobody
    since: float
    held: float
    calling: bool  # a callback: their phone is being rung
    open: bool
    ears: tuple[Ears, ...]


@dataclass(frozen=True, kw_only=True)
class Queue:
    name: str
    waiting: int
    since: float  # the longest wait began then; 0 = nobody waits
    threshold: int
    today: Service


@dataclass(frozen=True, kw_only=True)
class Board:
    """`people`: those at work by state, longest first. `listening`: the talk that whoever looks is in or on the way to, "" = none."""

    queues: tuple[Queue, ...]
    waiters: tuple[Waiter, ...]
    talks: tuple[Talk, ...]
    people: dict[AgentState, tuple[Agent, ...]]
    offline: int
    today: Service
    listening: str
    now: float

    @property
    def waiting(self) -> int:
        return sum(q.waiting for q in self.queues)


def look(s: Services, viewer: str) -> Board:
    """`viewer`: the id of whoever looks."""
    now, queues = s.clock.now(), sorted(s.library.queues)
    answers = s.store.read(_first(queues, s.store.day(now)))
    n = len(queues)
    cards, waits, order = answers[:n], answers[n : 2 * n], answers[2 * n : 3 * n]
    stages, staff, (day, offline) = (
        answers[3 * n : 3 * n + len(TALKS)],
        answers[3 * n + len(TALKS) : -2],
        answers[-2:],
    )
    contacts, agents = _read(
        s, [w for found in (*waits, *stages) for w in found], [a for found in staff for a in found]
    )
    offers, names = _people(s, agents, contacts)
    pulse = stored_queues.pulse(s.store, {q: caller_context.required(s, q) for q in queues})
    asked = {
        o.contact: agents[o.agent]
        for o in offers.values()
        if o.state in BEFORE_ACCEPT and o.kind is OfferKind.CONTACT and o.agent in agents
    }
    counted = rates.read(day)
    shown = tuple(
        Queue(
            name=q,
            waiting=many,
            since=contacts[found[0]].arrived if found and found[0] in contacts else 0.0,
            threshold=s.library.queue(q).threshold,
            today=rates.service(counted, q, s.library.queue(q).threshold),
        )
        for q, many, found in zip(queues, cards, waits, strict=True)
    )
    places = {m: (q, n) for q, found in zip(queues, order, strict=True) for n, m in enumerate(found)}
    listening = next(
        (o.contact for o in offers.values() if o.agent == viewer and o.kind is OfferKind.LISTEN), ""
    )
    return Board(
        queues=shown,
        waiters=_waiters(
            s, [contacts[w] for found in waits for w in found if w in contacts], names, asked, (places, pulse)
        ),
        talks=_talks(
            [contacts[w] for found in stages for w in found if w in contacts], names, agents, offers, viewer
        ),
        people=_by_state(agents),
        offline=offline,
        today=sum((q.today for q in shown), Service()),
        listening=listening,
        now=now,
    )


def _first(queues: list[str], day: str) -> list[tuple[Any, ...]]:
    return [
        *(("ZCARD", keys.waits(q)) for q in queues),
        *(("ZRANGE", keys.waits(q), 0, MOST - 1) for q in queues),
        *(("ZRANGE", keys.queue(q), 0, MOST - 1) for q in queues),
        *(("ZRANGE", keys.stage(state.value), 0, MOST - 1) for state in TALKS),
        *(("ZRANGE", keys.staff(state.value), 0, AGENTS - 1) for state in AT_WORK),
        ("HGETALL", keys.counted(day)),
        ("ZCARD", keys.staff(AgentState.OFFLINE.value)),
    ]


def _read(s: Services, contacts: list[str], agents: list[str]) -> tuple[dict[str, Contact], dict[str, Agent]]:
    asked = [*(f"contact:{c}" for c in contacts), *(f"agent:{a}" for a in agents)]
    raw = s.store.read([("HGETALL", member) for member in asked]) if asked else []
    there = (codec.legible(Contact, r)[0] for r in raw[: len(contacts)])
    people = (codec.legible(Agent, r)[0] for r in raw[len(contacts) :])
    return {c.id: c for c in there if c}, {a.id: a for a in people if a}


def _people(
    s: Services, agents: dict[str, Agent], contacts: dict[str, Contact]
) -> tuple[dict[str, Offer], dict[str, str]]:
    """The legs of those agents and of those contacts; the names of customers by number."""
    legs = {a.offer for a in agents.values()} | {x for c in contacts.values() for x in (c.offer, c.second)}
    asked = sorted(legs - {""})
    numbers = sorted({c.number for c in contacts.values()} - {""})
    told = s.store.read(
        [
            *(("HGETALL", f"agent_leg:{o}") for o in asked),
            *(("HMGET", f"customer:{n}", "name", "shared") for n in numbers),
        ]
    )
    offers = (codec.legible(Offer, raw)[0] for raw in told[: len(asked)])
    names = {
        n: name or ""
        for n, (name, shared) in zip(numbers, told[len(asked) :], strict=True)
        if shared != "true" and n not in s.settings.shared_numbers
    }
    return {o.id: o for o in offers if o}, names


def _waiters(
    s: Services,
    waiting: list[Contact],
    names: dict[str, str],
    asked: dict[str, Agent],
    how_busy: tuple[dict[str, tuple[str, int]], stored_queues.Pulse],
) -> tuple[Waiter, ...]:
    """The longest first."""
    places, pulse = how_busy
    found = []
    for c in waiting:
        queue, ahead = places.get(c.member, (c.queue, MOST))  # further back than was read
        agent = asked.get(c.id)
        found.append(
            Waiter(
                contact=c,
                name=_name(c, names),
                since=c.arrived or c.opened,
                asked=agent.name if agent else "",
                estimate=0 if agent else caller_context.estimate(s, pulse, queue, ahead),
            )
        )
    return tuple(sorted(found, key=lambda w: w.since))


def _talks(
    talking: list[Contact],
    names: dict[str, str],
    agents: dict[str, Agent],
    offers: dict[str, Offer],
    viewer: str,
) -> tuple[Talk, ...]:
    found = []
    for c in talking:
        offer, second = offers.get(c.offer), offers.get(c.second)
        agent = agents.get(offer.agent) if offer else None
        ears = tuple(
            Ears(
                name=agents[o.agent].name,
                ear=o.ear,
                coming=o.state in BEFORE_ACCEPT,
                mine=o.agent == viewer,
            )
            for o in offers.values()
            if o.kind is OfferKind.LISTEN
            and o.contact == c.id
            and o.agent in agents
            and agents[o.agent].offer == o.id
        )
        other = agents.get(second.agent) if second else None
        found.append(
            Talk(
                contact=c,
                name=_name(c, names),
                agent=agent.name if agent else "",
                with_=other.name if other else "somebody outside" if second else "",
                since=agent.since if agent else c.joined or c.opened,
                held=c.held_at if c.state is ContactState.HELD else 0.0,
                calling=c.state is ContactState.CALLING,
                open=c.state is ContactState.TALKING
                and c.caller is Where.ROOM
                and c.agent is Where.ROOM
                and bool(c.conference),
                ears=ears,
            )
        )
    return tuple(sorted(found, key=lambda t: t.since))


def _name(contact: Contact, names: dict[str, str]) -> str:
    """A name that may be another's is not shown as if it were sure (I7)."""
    name = names.get(contact.number, "") or contact.name
    return f"perhaps {name}" if name and contact.degree is Degree.UNSURE else name


def _by_state(agents: dict[str, Agent]) -> dict[AgentState, tuple[Agent, ...]]:
    by: dict[AgentState, list[Agent]] = {state: [] for state in AT_WORK}
    for agent in agents.values():
        if agent.state in by:
            by[agent.state].append(agent)
    return {state: tuple(sorted(found, key=lambda a: a.since)) for state, found in by.items()}
