"""What is known about a caller, and how much of it this caller may hear (I7)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from ivr.domain import phone_numbers
from ivr.domain.phone_numbers import TrustLevel
from ivr.domain.records.agent import Agent
from ivr.domain.records.contact import Contact
from ivr.domain.records.customer import Customer
from ivr.domain.records.promise import ENDED, Promise
from ivr.flow.turn import CallerContext, LastContact, OpenPromise
from ivr.services import RedisServices, Services
from ivr.store.queries import queues
from ivr.usecases.dialing import shared_numbers
from ivr.usecases.queueing import capacity

_MIN_TRUST_LEVELS = {"attested": TrustLevel.ATTESTED, "confirmed": TrustLevel.CONFIRMED}


def may_read_back(services: Services, trust_level: TrustLevel) -> bool:
    """Whether their own matter may be read back to a caller who is known this well."""
    least = _MIN_TRUST_LEVELS.get(services.settings.read_back)
    return least is not None and trust_level >= least


def build_snapshot(
    services: Services,
    customer: Customer,
    promises: Sequence[Promise],
    trust_level: TrustLevel,
    calls_today: int,
) -> dict[str, Any]:
    """What the caller context of this call rests on, fixed when it begins: the fold over its inputs must not change later.

    Only what may be said: whatever is not in here cannot be spoken by a flow.
    """
    shared = shared_numbers.is_shared(services, customer)
    open_hearted = may_read_back(services, trust_level) and not shared
    told: dict[str, object] = {"today": calls_today}
    if open_hearted:
        told["name"] = customer.name.split(" ")[0]
        told["known"] = bool(customer.name or customer.last_at)
    if open_hearted and customer.last_at:
        told["last"] = [customer.last_at, customer.last_agent_name, customer.last_subject, customer.open_case]
    if promises and not shared:
        one, *others = promises
        told["owed"] = _pack_promise(customer, one, speakable=open_hearted, last_topic=customer.last_subject)
        also = [_pack_promise(customer, p, speakable=open_hearted) for p in others if p.id != one.id]
        told["also"] = [p for p in also if p[-1]]  # of another's nobody speaks
    return told


def _pack_promise(
    customer: Customer, promise: Promise, *, speakable: bool, last_topic: str = ""
) -> tuple[str, float, str, str, bool]:
    theirs = speakable and promise.customer in ("", customer.id)  # else it only rings there, for somebody
    same = not promise.case or promise.case == customer.open_case  # the last talk was about this
    matter = (last_topic if same else "") or promise.reason
    return promise.id, promise.due_by, promise.owner if theirs else "", matter if theirs else "", theirs


def pack_context(
    services: Services,
    customer: Customer,
    promises: Sequence[Promise],
    trust_level: TrustLevel,
    agent: Agent | None,
) -> str:
    """The same, with the colleagues' names in it. The first of `promises` is what their call is about."""
    names = {
        a.id: a.name for a in services.store.get_many(Agent, sorted({p.owner for p in promises if p.owner}))
    }
    named = [replace(p, owner=names.get(p.owner, "")) for p in promises if p.state not in ENDED]
    about = build_snapshot(services, customer, named, trust_level, customer.contacts_today)
    about["own"] = agent.id if agent else ""
    return json.dumps(about)


def unpack_context(s: RedisServices, contact: Contact, now: float) -> CallerContext:
    zone = ZoneInfo(s.settings.default_time_zone)
    told = json.loads(contact.flow_progress.caller_context or "{}")
    last, owed = told.get("last"), told.get("owed")
    pulse = _QueueStatusReader(s)

    def owing(found: Sequence[Any]) -> OpenPromise:
        promise, until, by, about, may_change = found
        at = datetime.fromtimestamp(until, zone)
        return OpenPromise(promise_id=promise, until=at, agent=by, subject=about, may_change=may_change)

    return CallerContext(
        now=datetime.fromtimestamp(now, zone),
        name=told.get("name", ""),
        known=bool(told.get("known")),
        number=contact.caller.number,
        zones=phone_numbers.time_zones(contact.caller.number),
        calls_today=told.get("today", 1),
        last_contact=LastContact(
            at=datetime.fromtimestamp(last[0], zone), agent=last[1], subject=last[2], case=last[3]
        )
        if last
        else None,
        open_promise=owing(owed) if owed else None,
        other_promises=tuple(owing(one) for one in told.get("also", ())),
        agents_free=_LazyQueueStatus(pulse, "free"),
        estimate=_LazyQueueStatus(pulse, "estimate"),
    )


def with_time(s: RedisServices, context: CallerContext, now: float) -> CallerContext:
    """The same caller at another time."""
    return replace(context, now=datetime.fromtimestamp(now, ZoneInfo(s.settings.default_time_zone)))


def has_read_queue_status(context: CallerContext) -> bool:
    """Whether the flow looked at figures that will be others at the next fold: then the position must be kept."""
    figures = context.agents_free
    return isinstance(figures, _LazyQueueStatus) and figures.was_read


def record_queue_status(contact: Contact, context: CallerContext) -> Contact:
    """The contact with the figures that its flow has looked at first: replays go by them."""
    free, estimate = context.agents_free, context.estimate
    if contact.flow_progress.queue_estimate or not isinstance(free, _LazyQueueStatus) or not free.was_read:
        return contact
    return replace(
        contact,
        flow_progress=replace(
            contact.flow_progress, queue_estimate=json.dumps({"free": dict(free), "estimate": dict(estimate)})
        ),
    )


class _QueueStatusReader:
    """How busy it is, read only when a flow asks: most menus do not."""

    def __init__(self, s: RedisServices) -> None:
        self._services = s
        self.values: dict[str, Mapping[str, int | None]] | None = None

    def get(self, name: str) -> Mapping[str, int | None]:
        if self.values is None:
            names = list(self._services.library.queues)
            pulse = queues.get_status(
                self._services.store, {q: capacity.required_skills(self._services, q) for q in names}
            )
            self.values = {
                "free": dict(pulse.free_agents),
                "estimate": {
                    q: capacity.estimate_wait_seconds(self._services, pulse, q, pulse.waiting[q])
                    for q in names
                },
            }
        return self.values[name]


class _LazyQueueStatus(Mapping[str, int]):
    def __init__(self, reader: _QueueStatusReader, name: str) -> None:
        self._reader = reader
        self._name = name

    @property
    def was_read(self) -> bool:
        return self._reader.values is not None

    def __getitem__(self, queue: str) -> int:
        return self._reader.get(self._name)[queue]  # type: ignore[return-value]  # None = nobody works

    def __iter__(self) -> Iterator[str]:
        return iter(self._reader.get(self._name))

    def __len__(self) -> int:
        return len(self._reader.get(self._name))
