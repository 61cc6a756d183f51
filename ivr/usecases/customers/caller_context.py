"""What is known about a caller, and how much of it this caller may hear (I7)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from ivr.domain import phone_numbers
from ivr.domain.phone_numbers import Degree
from ivr.domain.records.agent import Agent
from ivr.domain.records.contact import Contact
from ivr.domain.records.customer import Customer
from ivr.domain.records.promise import ENDED, Promise
from ivr.flow.turn import LastContact, Owed, Situation
from ivr.services import RedisServices, Services
from ivr.store.queries import queues
from ivr.usecases.customers import open_promises

_ENOUGH = {"attested": Degree.ATTESTED, "confirmed": Degree.CONFIRMED}


def may_hear(s: Services, degree: Degree) -> bool:
    """Whether their own matter may be read back to a caller who is known this well."""
    least = _ENOUGH.get(s.settings.read_back)
    return least is not None and degree >= least


def snapshot(
    s: Services, customer: Customer, owed: Sequence[Promise], degree: Degree, today: int
) -> dict[str, Any]:
    """What the situation of this call rests on, fixed when it begins: the fold over its inputs must not change later.

    Only what may be said: whatever is not in here cannot be spoken by a flow.
    """
    shared = open_promises.is_shared(s, customer)
    open_hearted = may_hear(s, degree) and not shared
    told: dict[str, object] = {"today": today}
    if open_hearted:
        told["name"] = customer.name.split(" ")[0]
        told["known"] = bool(customer.name or customer.last_at)
    if open_hearted and customer.last_at:
        told["last"] = [customer.last_at, customer.last_by, customer.last_about, customer.case]
    if owed and not shared:
        one, *others = owed
        told["owed"] = _owing(customer, one, open_hearted=open_hearted, about=customer.last_about)
        also = [_owing(customer, p, open_hearted=open_hearted) for p in others if p.id != one.id]
        told["also"] = [p for p in also if p[-1]]  # of another's nobody speaks
    return told


def _owing(
    customer: Customer, owed: Promise, *, open_hearted: bool, about: str = ""
) -> tuple[str, float, str, str, bool]:
    theirs = open_hearted and owed.customer in ("", customer.id)  # else it only rings there, for somebody
    same = not owed.case or owed.case == customer.case  # the last talk was about this
    matter = (about if same else "") or owed.reason
    return owed.id, owed.until, owed.owner if theirs else "", matter if theirs else "", theirs


def told(
    s: Services, customer: Customer, owed: Sequence[Promise], degree: Degree, agent: Agent | None
) -> str:
    """The same, with the colleagues' names in it. The first of `owed` is what their call is about."""
    names = {a.id: a.name for a in s.store.get_all(Agent, sorted({p.owner for p in owed if p.owner}))}
    named = [replace(p, owner=names.get(p.owner, "")) for p in owed if p.state not in ENDED]
    about = snapshot(s, customer, named, degree, customer.today)
    about["own"] = agent.id if agent else ""
    return json.dumps(about)


def situation(s: RedisServices, contact: Contact, now: float) -> Situation:
    zone = ZoneInfo(s.settings.default_zone)
    told = json.loads(contact.situation or "{}")
    last, owed = told.get("last"), told.get("owed")
    pulse = _Pulse(s)

    def owing(found: Sequence[Any]) -> Owed:
        promise, until, by, about, may_change = found
        at = datetime.fromtimestamp(until, zone)
        return Owed(promise=promise, until=at, by=by, about=about, may_change=may_change)

    return Situation(
        now=datetime.fromtimestamp(now, zone),
        name=told.get("name", ""),
        known=bool(told.get("known")),
        number=contact.number,
        zones=phone_numbers.zones(contact.number),
        calls_today=told.get("today", 1),
        last=LastContact(at=datetime.fromtimestamp(last[0], zone), agent=last[1], about=last[2], case=last[3])
        if last
        else None,
        owed=owing(owed) if owed else None,
        also=tuple(owing(one) for one in told.get("also", ())),
        agents_free=_Figures(pulse, "free"),
        estimate=_Figures(pulse, "estimate"),
    )


def later(s: RedisServices, before: Situation, now: float) -> Situation:
    """The same caller at another time."""
    return replace(before, now=datetime.fromtimestamp(now, ZoneInfo(s.settings.default_zone)))


def asked_how_busy(situation: Situation) -> bool:
    """Whether the flow looked at figures that will be others at the next fold: then the position must be kept."""
    figures = situation.agents_free
    return isinstance(figures, _Figures) and figures.read


def noting(contact: Contact, situation: Situation) -> Contact:
    """The contact with the figures that its flow has looked at first: rehearsals go by them."""
    free, estimate = situation.agents_free, situation.estimate
    if contact.busy or not isinstance(free, _Figures) or not free.read:
        return contact
    return replace(contact, busy=json.dumps({"free": dict(free), "estimate": dict(estimate)}))


class _Pulse:
    """How busy it is, read only when a flow asks: most menus do not."""

    def __init__(self, s: RedisServices) -> None:
        self._s = s
        self.read: dict[str, Mapping[str, int | None]] | None = None

    def figures(self, which: str) -> Mapping[str, int | None]:
        if self.read is None:
            names = list(self._s.library.queues)
            pulse = queues.pulse(self._s.store, {q: required(self._s, q) for q in names})
            self.read = {
                "free": dict(pulse.free),
                "estimate": {q: estimate(self._s, pulse, q, pulse.waiting[q]) for q in names},
            }
        return self.read[which]


class _Figures(Mapping[str, int]):
    def __init__(self, pulse: _Pulse, which: str) -> None:
        self._pulse = pulse
        self._which = which

    @property
    def read(self) -> bool:
        return self._pulse.read is not None

    def __getitem__(self, queue: str) -> int:
        return self._pulse.figures(self._which)[queue]  # type: ignore[return-value]  # None = nobody works

    def __iter__(self) -> Iterator[str]:
        return iter(self._pulse.figures(self._which))

    def __len__(self) -> int:
        return len(self._pulse.figures(self._which))


def required(s: RedisServices, queue: str) -> frozenset[str]:
    """The skills an agent must have to serve a queue: those its file names, or else the one called like it."""
    return frozenset(s.library.queue(queue).skills or (queue,))


def estimate(s: RedisServices, pulse: queues.Pulse, queue: str, ahead: int) -> int | None:
    """Seconds until somebody at this place in line is taken; None when nobody is working."""
    if pulse.free.get(queue, 0) > ahead:
        return 0
    people = pulse.working.get(queue, 0)
    if not people:
        return None
    turns = ahead + 1 - pulse.free.get(queue, 0)
    # the next of n busy people is free after 1/n of a call on average
    return int(turns * s.library.queue(queue).handle_minutes * 60 / people)
