"""The records, page by page: what they say of I1 to I4 without asking the event log, and where the two disagree.

Of a record only the fields that are judged are read: a year of them goes through, and only what is open is remembered.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ivr.domain.promise_kinds import get_rules
from ivr.domain.record import Record
from ivr.domain.records.agent_leg import AgentLeg, LegState
from ivr.domain.records.contact import Contact, ContactState, Outcome
from ivr.domain.records.customer import Text, TextState
from ivr.domain.records.promise import ENDED, NumberLock, Promise, PromiseState
from ivr.domain.rules.violation import Advice, Violation
from ivr.services import RedisServices
from ivr.store.queries import created_index, due_index, records
from ivr.store.query import combine, each
from ivr.usecases.integrity.check_event_log import EventLogCheck

PAGE_SIZE = 500

CHECKED_FIELDS: Mapping[type[Record], tuple[str, ...]] = {
    Contact: ("id", "state", "outcome", "promise", "same_number.place_taken_by", "started_at"),
    Promise: ("id", "kind", "escalated", "state", "case", "number", "created_at", "fence", "owner"),
    AgentLeg: ("id", "state"),
    Text: ("id", "state", "about"),
    NumberLock: ("id", "promise", "fence"),
}


@dataclass(frozen=True, kw_only=True)
class StoredRecord:
    """A record as it was found. `record` None: the index names it and it is not there; `created_at`: its score there."""

    key: str
    record: Any
    created_at: float
    due_at: float | None
    unreadable: str = ""


def iter_pages(s: RedisServices, kind: type[Record]) -> Iterator[list[StoredRecord]]:
    """All records of a type, oldest first, with when they are due."""
    start = 0
    while True:
        page = s.store.read(created_index.list_with_times(kind.record_type, start, PAGE_SIZE))
        if page:
            yield _read_page(s, kind, page)
        if len(page) < PAGE_SIZE:
            return
        start += PAGE_SIZE


def _read_page(s: RedisServices, kind: type[Record], page: list[tuple[str, float]]) -> list[StoredRecord]:
    fields = CHECKED_FIELDS[kind]
    keys = [f"{kind.record_type}:{name}" for name, _ in page]
    found, due_times = s.store.read(
        combine(
            each((name for name, _ in page), lambda name: records.get_partly(kind, name, fields)),
            due_index.get_due_times(keys),
        )
    )
    return [
        StoredRecord(key=key, record=record, unreadable=unreadable, created_at=made, due_at=at)
        for key, (_, made), (record, unreadable), at in zip(
            keys, page, found.values(), due_times, strict=True
        )
    ]


@dataclass(kw_only=True)
class RecordCheck:
    """What has come of it so far."""

    log_check: EventLogCheck
    contacts: Counter[str] = field(default_factory=Counter)
    promises: Counter[str] = field(default_factory=Counter)
    violations: list[Violation] = field(default_factory=list)
    unscheduled: list[str] = field(
        default_factory=list
    )  # keys of records that are open and not in the due index
    _callbacks: dict[tuple[str, str], list[str]] = field(default_factory=dict)

    def add_violation(self, invariant: str, stored: StoredRecord, what: str, todo: str) -> None:
        self.violations.append(
            Violation(invariant=invariant, key=stored.key, problem=what, advice=todo, at=stored.created_at)
        )

    def add_unscheduled(self, invariant: str, stored: StoredRecord, state: str) -> None:
        """It is open, and nobody will look at it."""
        self.unscheduled.append(stored.key)
        self.add_violation(invariant, stored, f"is {state} and nobody will look at it", Advice.REPAIR)

    def check_contact(self, stored: StoredRecord) -> None:
        contact: Contact = stored.record
        self.contacts["contacts"] += 1
        self.contacts[contact.outcome.value] += 1
        if contact.state is ContactState.ENDED:
            if not contact.outcome:
                self.add_violation("I1", stored, "ended without an outcome", Advice.CHECK_OUTCOME)
            if contact.id in self.log_check.open_contacts:
                what = "has ended by the record, and the journal does not tell how"
                self.add_violation("I1", stored, what, Advice.MISSING_IN_EVENT_LOG)
            return
        self.contacts["open"] += 1
        if stored.due_at is None:
            self.add_unscheduled("I1", stored, contact.state)
        if self._has_ended_by_log(
            stored, self.log_check.open_contacts, self.log_check.contacts.only_in_index
        ):
            what = f"has ended by the journal and is {contact.state} by the record"
            self.add_violation("I1", stored, what, Advice.RECORDS_AND_LOG_DISAGREE)

    def check_promise(self, stored: StoredRecord) -> None:
        promise: Promise = stored.record
        self.promises["promises"] += 1
        self.promises[promise.state.value] += 1
        told = self.log_check.open_promises.get(promise.id)
        if told is not None and promise.fence < told.fence:
            what = f"was dialled under fence {told.fence} and stands at {promise.fence}: the record has gone back"
            self.add_violation("I4", stored, what, Advice.LOST_IN_RECORDS)
        if promise.state in ENDED:
            self._check_ended_promise(stored, promise)
            return
        self.promises["open"] += 1
        if stored.due_at is None:
            self.add_unscheduled("I2", stored, promise.state)
        if self._has_ended_by_log(
            stored, self.log_check.open_promises, self.log_check.promises.only_in_index
        ):
            what = f"has ended by the journal and is {promise.state} by the record"
            self.add_violation("I2", stored, what, Advice.RECORDS_AND_LOG_DISAGREE)
        if get_rules(promise.kind).one_per_case and not promise.escalated:
            self._callbacks.setdefault((promise.number, promise.case), []).append(promise.id)

    def _check_ended_promise(self, stored: StoredRecord, promise: Promise) -> None:
        if promise.id in self.log_check.open_promises:
            what = f"is {promise.state} by the record, and the journal does not tell of it"
            self.add_violation("I2", stored, what, Advice.MISSING_IN_EVENT_LOG)
        if promise.state is PromiseState.OWNED and not promise.owner:
            self.add_violation(
                "I2", stored, "is in a person's hands, and nobody is named", Advice.CHECK_OUTCOME
            )

    def _has_ended_by_log(
        self, stored: StoredRecord, open_by_log: dict[str, Any] | set[str], not_in_log: dict[str, float]
    ) -> bool:
        """Open by the record; by the event log it has begun, and is not open any more."""
        name = stored.key.partition(":")[2]
        return (
            stored.created_at >= self.log_check.since and name not in open_by_log and name not in not_in_log
        )

    def check_leg(self, stored: StoredRecord) -> None:
        if stored.record.state is not LegState.ENDED and stored.due_at is None:
            self.add_unscheduled("I1", stored, f"{stored.record.state}: an agent is held for somebody")

    def check_text(self, stored: StoredRecord) -> None:
        waits = stored.record.state in (TextState.UNSENT, TextState.SENDING)
        if waits and stored.due_at is None:
            self.add_unscheduled("I3", stored, f"{stored.record.state} (about {stored.record.about})")

    def check_number_lock(self, stored: StoredRecord) -> None:
        """A number that is held for a call which nobody follows is never rung again."""
        if stored.record.promise and stored.due_at is None:
            self.unscheduled.append(stored.key)
            what = f"holds its number since fence {stored.record.fence} and nobody will look whether it still rings"
            member = f"promise:{stored.record.promise}"
            self.violations.append(
                Violation(
                    invariant="I2", key=member, problem=what, advice=Advice.REPAIR, at=stored.created_at
                )
            )

    def check_duplicate_callbacks(self) -> None:
        """I4: one open callback for one number and matter."""
        for names in self._callbacks.values():
            if len(names) > 1:
                first, *others = sorted(names)
                what = f"is open beside {', '.join(others)}: callbacks to one number about one case"
                self.violations.append(
                    Violation(
                        invariant="I4", key=f"promise:{first}", problem=what, advice=Advice.DUPLICATE_CALLBACK
                    )
                )


def check_all_records(s: RedisServices, log_check: EventLogCheck) -> RecordCheck:
    found = RecordCheck(log_check=log_check)
    looks = {
        Contact: found.check_contact,
        Promise: found.check_promise,
        AgentLeg: found.check_leg,
        Text: found.check_text,
        NumberLock: found.check_number_lock,
    }
    for kind, look in looks.items():
        for page in iter_pages(s, kind):
            for seen in page:
                if seen.record is not None:
                    look(seen)
                else:
                    _report_missing(kind, seen, found)
            if kind is Contact:
                _check_promised_outcomes(s, page, found)
    found.check_duplicate_callbacks()
    _check_due_index(s, found)
    return found


def _report_missing(kind: type[Record], stored: StoredRecord, check: RecordCheck) -> None:
    invariant = {Contact: "I1", Promise: "I2"}.get(kind)
    if stored.unreadable:
        what = f"cannot be read ({stored.unreadable})"
        check.add_violation(invariant or "I2", stored, what, Advice.LOST_IN_RECORDS)
    elif invariant:
        check.add_violation(
            invariant, stored, "is in the list of them and lost from the record", Advice.LOST_IN_RECORDS
        )


def _owed_key(contact: Any) -> str:
    taken_by = contact.same_number.place_taken_by
    passed_on = taken_by and not contact.promise
    return f"contact:{taken_by}" if passed_on else f"promise:{contact.promise}"


def _check_promised_outcomes(s: RedisServices, page: list[StoredRecord], check: RecordCheck) -> None:
    """I3: who was promised something is owed something, or another call of theirs has their place."""
    promised = [x for x in page if x.record is not None and x.record.outcome is Outcome.PROMISED]
    there = s.store.read(each((_owed_key(x.record) for x in promised), records.exists))
    for seen in promised:
        if not there[_owed_key(seen.record)]:
            check.add_violation(
                "I3", seen, "ended as promised and nothing is owed to it", Advice.LOST_IN_RECORDS
            )


def _check_due_index(s: RedisServices, check: RecordCheck) -> None:
    """Somebody is to look at what is not there."""
    members = s.store.read(due_index.list_by_time())
    asked = [m for m in members if m.partition(":")[0] in ("promise", "contact")]
    for member, exists in s.store.read(each(asked, records.exists)).items():
        if not exists:
            invariant = "I2" if member.startswith("promise") else "I1"
            what = "is to be looked at and lost from the record"
            check.violations.append(
                Violation(invariant=invariant, key=member, problem=what, advice=Advice.LOST_IN_RECORDS)
            )
