"""The records, page by page: what they say of I1 to I4 without asking the journal, and where the two disagree.

Of a record only the fields that are judged are read: a year of them goes through, and only what is open is remembered.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ivr.domain.record import Record
from ivr.domain.records.agent_leg import Offer, OfferState
from ivr.domain.records.contact import Contact, ContactState, Outcome
from ivr.domain.records.customer import Text, TextState
from ivr.domain.records.promise import ENDED, Dialled, Promise, PromiseKind, PromiseState
from ivr.domain.rules.violation import Todo, Violation
from ivr.services import RedisServices
from ivr.store import codec, keys
from ivr.store.queries import queues
from ivr.usecases.integrity.check_event_log import Account

PAGE = 500

FIELDS: Mapping[type[Record], tuple[str, ...]] = {
    Contact: ("id", "state", "outcome", "promise", "elsewhere", "opened"),
    Promise: ("id", "kind", "state", "case", "number", "made_at", "fence", "owner"),
    Offer: ("id", "state"),
    Text: ("id", "state", "about"),
    Dialled: ("id", "promise", "fence"),
}


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A record as it was found. `record` None: the index names it and it is not there; `made`: its score there."""

    member: str
    record: Any
    made: float
    wake: float | None
    unreadable: str = ""


def every(s: RedisServices, kind: type[Record]) -> Iterator[list[Seen]]:
    """All records of a noun, oldest first, with their wakes."""
    start = 0
    while True:
        index = keys.everyone(kind.noun)
        (found,) = s.store.read([("ZRANGE", index, start, start + PAGE - 1, "WITHSCORES")])
        page = queues.pairs(found)
        if page:
            yield _read(s, kind, page)
        if len(page) < PAGE:
            return
        start += PAGE


def _read(s: RedisServices, kind: type[Record], page: list[tuple[str, float]]) -> list[Seen]:
    fields = FIELDS[kind]
    members = [f"{kind.noun}:{name}" for name, _ in page]
    *raw, wakes = s.store.read([*(("HMGET", m, *fields) for m in members), ("ZMSCORE", keys.WAKE, *members)])
    seen = []
    for member, (_, made), values, wake in zip(members, page, raw, wakes, strict=True):
        told = {k: v for k, v in zip(fields, values, strict=True) if v is not None}
        record, unreadable = codec.legible(kind, told if "id" in told else {})
        at = None if wake is None else float(wake)
        seen.append(Seen(member=member, record=record, unreadable=unreadable, made=made, wake=at))
    return seen


@dataclass(kw_only=True)
class Inspection:
    """What has come of it so far."""

    told: Account
    contacts: Counter[str] = field(default_factory=Counter)
    promises: Counter[str] = field(default_factory=Counter)
    violations: list[Violation] = field(default_factory=list)
    left_lying: list[str] = field(default_factory=list)  # members that are open and not in wake
    _callbacks: dict[tuple[str, str], list[str]] = field(default_factory=dict)

    def wrong(self, invariant: str, seen: Seen, what: str, todo: str) -> None:
        self.violations.append(
            Violation(invariant=invariant, member=seen.member, what=what, todo=todo, at=seen.made)
        )

    def unseen(self, invariant: str, seen: Seen, state: str) -> None:
        """It is open, and nobody will look at it."""
        self.left_lying.append(seen.member)
        self.wrong(invariant, seen, f"is {state} and nobody will look at it", Todo.MEND)

    def contact(self, seen: Seen) -> None:
        contact: Contact = seen.record
        self.contacts["contacts"] += 1
        self.contacts[contact.outcome.value] += 1
        if contact.state is ContactState.ENDED:
            if not contact.outcome:
                self.wrong("I1", seen, "ended without an outcome", Todo.OUTCOME)
            if contact.id in self.told.open_contacts:
                what = "has ended by the record, and the journal does not tell how"
                self.wrong("I1", seen, what, Todo.JOURNAL)
            return
        self.contacts["open"] += 1
        if seen.wake is None:
            self.unseen("I1", seen, contact.state)
        if self._ended_by_journal(seen, self.told.open_contacts, self.told.contacts.recorded):
            what = f"has ended by the journal and is {contact.state} by the record"
            self.wrong("I1", seen, what, Todo.DISAGREE)

    def promise(self, seen: Seen) -> None:
        promise: Promise = seen.record
        self.promises["promises"] += 1
        self.promises[promise.state.value] += 1
        told = self.told.open.get(promise.id)
        if told is not None and promise.fence < told.fence:
            what = f"was dialled under fence {told.fence} and stands at {promise.fence}: the record has gone back"
            self.wrong("I4", seen, what, Todo.LOST)
        if promise.state in ENDED:
            self._ended_promise(seen, promise)
            return
        self.promises["open"] += 1
        if seen.wake is None:
            self.unseen("I2", seen, promise.state)
        if self._ended_by_journal(seen, self.told.open, self.told.promises.recorded):
            what = f"has ended by the journal and is {promise.state} by the record"
            self.wrong("I2", seen, what, Todo.DISAGREE)
        if promise.kind is PromiseKind.CALLBACK:
            self._callbacks.setdefault((promise.number, promise.case), []).append(promise.id)

    def _ended_promise(self, seen: Seen, promise: Promise) -> None:
        if promise.id in self.told.open:
            what = f"is {promise.state} by the record, and the journal does not tell of it"
            self.wrong("I2", seen, what, Todo.JOURNAL)
        if promise.state is PromiseState.OWNED and not promise.owner:
            self.wrong("I2", seen, "is in a person's hands, and nobody is named", Todo.OUTCOME)

    def _ended_by_journal(
        self, seen: Seen, open_ones: dict[str, Any] | set[str], unknown: dict[str, float]
    ) -> bool:
        """Open by the record; by the journal it has begun, and is not open any more."""
        name = seen.member.partition(":")[2]
        return seen.made >= self.told.since and name not in open_ones and name not in unknown

    def offer(self, seen: Seen) -> None:
        if seen.record.state is not OfferState.OVER and seen.wake is None:
            self.unseen("I1", seen, f"{seen.record.state}: an agent is held for somebody")

    def text(self, seen: Seen) -> None:
        waits = seen.record.state in (TextState.UNSENT, TextState.SENDING)
        if waits and seen.wake is None:
            self.unseen("I3", seen, f"{seen.record.state} (about {seen.record.about})")

    def dialled(self, seen: Seen) -> None:
        """A number that is held for a call which nobody follows is never rung again."""
        if seen.record.promise and seen.wake is None:
            self.left_lying.append(seen.member)
            what = f"holds its number since fence {seen.record.fence} and nobody will look whether it still rings"
            member = f"promise:{seen.record.promise}"
            self.violations.append(
                Violation(invariant="I2", member=member, what=what, todo=Todo.MEND, at=seen.made)
            )

    def together(self) -> None:
        """I4: one open callback for one number and matter."""
        for names in self._callbacks.values():
            if len(names) > 1:
                first, *others = sorted(names)
                what = f"is open beside {', '.join(others)}: callbacks to one number about one case"
                self.violations.append(
                    Violation(invariant="I4", member=f"promise:{first}", what=what, todo=Todo.TWICE)
                )


def inspect(s: RedisServices, told: Account) -> Inspection:
    found = Inspection(told=told)
    looks = {
        Contact: found.contact,
        Promise: found.promise,
        Offer: found.offer,
        Text: found.text,
        Dialled: found.dialled,
    }
    for kind, look in looks.items():
        for page in every(s, kind):
            for seen in page:
                if seen.record is not None:
                    look(seen)
                else:
                    _not_there(kind, seen, found)
            if kind is Contact:
                _owed(s, page, found)
    found.together()
    _nothing_behind(s, found)
    return found


def _not_there(kind: type[Record], seen: Seen, found: Inspection) -> None:
    invariant = {Contact: "I1", Promise: "I2"}.get(kind)
    if seen.unreadable:
        what = f"cannot be read ({seen.unreadable})"
        found.wrong(invariant or "I2", seen, what, Todo.LOST)
    elif invariant:
        found.wrong(invariant, seen, "is in the list of them and lost from the record", Todo.LOST)


def _owes(contact: Any) -> str:
    passed_on = contact.elsewhere and not contact.promise
    return f"contact:{contact.elsewhere}" if passed_on else f"promise:{contact.promise}"


def _owed(s: RedisServices, page: list[Seen], found: Inspection) -> None:
    """I3: who was promised something is owed something, or another call of theirs has their place."""
    promised = [x for x in page if x.record is not None and x.record.outcome is Outcome.PROMISED]
    there = s.store.read([("EXISTS", _owes(x.record)) for x in promised]) if promised else []
    for seen, exists in zip(promised, there, strict=True):
        if not exists:
            found.wrong("I3", seen, "ended as promised and nothing is owed to it", Todo.LOST)


def _nothing_behind(s: RedisServices, found: Inspection) -> None:
    """Somebody is to look at what is not there."""
    (members,) = s.store.read([("ZRANGE", keys.WAKE, 0, -1)])
    asked = [m for m in members if m.partition(":")[0] in ("promise", "contact")]
    there = s.store.read([("EXISTS", m) for m in asked]) if asked else []
    for member, exists in zip(asked, there, strict=True):
        if not exists:
            invariant = "I2" if member.startswith("promise") else "I1"
            what = "is to be looked at and lost from the record"
            found.violations.append(Violation(invariant=invariant, member=member, what=what, todo=Todo.LOST))
