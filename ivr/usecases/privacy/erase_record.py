"""What the database holds of a person, found index by index, a page at a time: for a list of it, and for erasing it.

There is no index by number, and needs none: this is seldom, and no caller waits for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from ivr.domain.record import Record
from ivr.domain.records.agent_leg import AgentLeg, LegState
from ivr.domain.records.contact import Contact, ContactState
from ivr.domain.records.customer import Case, Customer, Text, TextState
from ivr.domain.records.erasure import Erasure, add_count, anonymize
from ivr.domain.records.one_time_code import OneTimeCode
from ivr.domain.records.promise import ENDED, Promise
from ivr.services import Services
from ivr.store.change import Change
from ivr.store.queries import case_index, contacts, created_index, records, texts
from ivr.store.queries import case_thread as stored_threads
from ivr.store.query import each
from ivr.usecases.callbacks import dial as callback_dial
from ivr.usecases.customers import case_thread
from ivr.usecases.promises import lifecycle as promise_lifecycle

PAGE_SIZE = 200

RawRecord = Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class RecordIndex:
    """`created_field`: the field that says when a record began. `belongs_to_person`: whether it is this person's."""

    kind: type[Record]
    fields: tuple[str, ...]
    created_field: str
    belongs_to_person: Callable[[RawRecord, Erasure], bool]


def _is_their_promise(raw: RawRecord, erasure: Erasure) -> bool:
    return erasure.number in (raw["customer"], raw["number"])


def _is_their_contact(raw: RawRecord, erasure: Erasure) -> bool:
    return raw["caller.number"] == erasure.number or raw["promise"] in erasure.promises


def _is_their_case(raw: RawRecord, erasure: Erasure) -> bool:
    return raw["customer"] == erasure.number or (not raw["customer"] and raw["id"] in erasure.cases)


def _is_their_text(raw: RawRecord, erasure: Erasure) -> bool:
    record_type, _, name = raw["about"].partition(":")
    both = erasure.promises + erasure.contacts
    theirs = {
        "promise": erasure.promises,
        "contact": erasure.contacts,
        "case": erasure.cases,
        "code": both,
    }.get(record_type, ())
    return raw["to"] == erasure.number or name in theirs


def _is_their_leg(raw: RawRecord, erasure: Erasure) -> bool:
    return raw["contact"] in erasure.contacts or raw["promise"] in erasure.promises


def _refers_to_their_contact(raw: RawRecord, erasure: Erasure) -> bool:
    return raw["id"] != erasure.number and raw["last_contact"] in erasure.contacts


# in this order: what is found in one says what is theirs in the next
INDEXES: Mapping[str, RecordIndex] = {
    index.kind.record_type: index
    for index in (
        RecordIndex(
            kind=Promise,
            fields=("customer", "number"),
            created_field="created_at",
            belongs_to_person=_is_their_promise,
        ),
        RecordIndex(
            kind=Contact,
            fields=("caller.number", "promise"),
            created_field="started_at",
            belongs_to_person=_is_their_contact,
        ),
        RecordIndex(
            kind=Case, fields=("customer",), created_field="opened_at", belongs_to_person=_is_their_case
        ),
        RecordIndex(
            kind=Text, fields=("to", "about"), created_field="created_at", belongs_to_person=_is_their_text
        ),
        RecordIndex(
            kind=AgentLeg,
            fields=("contact", "promise"),
            created_field="offer.made_at",
            belongs_to_person=_is_their_leg,
        ),
        RecordIndex(
            kind=Customer,
            fields=("last_contact",),
            created_field="last_at",
            belongs_to_person=_refers_to_their_contact,
        ),
    )
}
FIRST_TYPE = Promise.record_type


@dataclass(frozen=True, kw_only=True)
class ErasurePage:
    """`records`: this person's, as they are; `erasure`: the erasure as it knows of them; `is_last`: nothing is left to read."""

    records: Sequence[Record]
    erasure: Erasure
    is_last: bool


def read_page(services: Services, erasure: Erasure) -> ErasurePage:
    """The next page. It changes nothing."""
    index = INDEXES[erasure.record_type_now or FIRST_TYPE]
    names, more = _read_ids(services, index, erasure)
    found = _read_matching(services, index, names, erasure)
    after = _add_found(erasure, found)
    if more:
        return ErasurePage(
            records=found, erasure=replace(after, cursor=erasure.cursor + PAGE_SIZE), is_last=False
        )
    following = list(INDEXES)[list(INDEXES).index(index.kind.record_type) + 1 :]
    after = replace(after, record_type_now=following[0] if following else "", cursor=0)
    return ErasurePage(records=found, erasure=after, is_last=not following)


def _read_ids(services: Services, index: RecordIndex, erasure: Erasure) -> tuple[list[str], bool]:
    names = services.store.read(created_index.list_ids(index.kind.record_type, erasure.cursor, PAGE_SIZE))
    return names, len(names) == PAGE_SIZE


def _read_matching(
    services: Services, index: RecordIndex, ids: Sequence[str], erasure: Erasure
) -> list[Record]:
    asked = ("id", index.created_field, *index.fields)
    found = services.store.read(
        each(ids, lambda name: records.get_fields(f"{index.kind.record_type}:{name}", asked))
    )
    theirs = [
        raw["id"]
        for raw in (dict.fromkeys(asked, "") | fields for fields in found.values())
        if raw["id"]
        and float(raw[index.created_field] or 0) <= erasure.started_at
        and index.belongs_to_person(raw, erasure)
    ]
    return services.store.get_many(index.kind, theirs)


def _add_found(erasure: Erasure, records: Sequence[Record]) -> Erasure:
    """What is theirs leads to more that is. A promise of somebody else that rang their telephone does not."""
    for record in records:
        match record:
            case Promise() if record.customer == erasure.number:
                erasure = _add_ids(erasure, promises=record.id, contacts=record.contact, cases=record.case)
            case Contact():
                erasure = _add_ids(erasure, contacts=record.id, cases=record.case)
            case Case():
                erasure = _add_ids(erasure, cases=record.id)
            case _:
                pass
    return erasure


def _add_ids(erasure: Erasure, **ids: str) -> Erasure:
    more = {
        field: (*getattr(erasure, field), name)
        for field, name in ids.items()
        if name and name not in getattr(erasure, field)
    }
    return replace(erasure, **more)  # type: ignore[arg-type]  # three fields of ids


# ---- erasing


def erase_page(services: Services, page: ErasurePage, change: Change) -> Erasure | None:
    """The erasure after this page; None when something of it has to end first: look again."""
    after, waits = page.erasure, False
    for record in page.records:
        if _is_open(record):
            waits = True
            if isinstance(record, Promise) and record.customer == after.number:
                _decline_open_promise(services, record, change)
            continue
        after = replace(after, erased=add_count(after.erased, f"{record.record_type}s", 1))
        _erase_record(services, record, after, change)
    return None if waits else after


def _is_open(record: Record) -> bool:
    match record:
        case Promise():
            return record.state not in ENDED
        case Contact():
            return record.state is not ContactState.ENDED
        case AgentLeg():
            return record.state is not LegState.ENDED
        case Text():
            return record.state is TextState.SENDING
        case _:
            return False


def _decline_open_promise(services: Services, promise: Promise, change: Change) -> None:
    """Only in a restored database: whoever was erased had nothing open, or did not want it."""
    callback_dial.cancel_attempt(services, promise, change)
    promise_lifecycle.decline_promise(promise, change, channel="forgotten")


def _erase_record(services: Services, record: Record, erasure: Erasure, change: Change) -> None:
    match record:
        case Promise() if record.customer != erasure.number:  # another's: it rang this telephone
            change.put(record, replace(record, number=""))
        case Text() if record.state is TextState.UNSENT:  # nobody is there to read it
            change.unschedule(change.put(record, replace(anonymize(record), state=TextState.REFUSED)))
        case Case():
            for entry in case_thread.get_thread(services, record.id):
                if entry.get("sid"):
                    texts.delete_reply(entry["sid"], change)
            stored_threads.delete(record.id, change)
            case_index.erase_case(services.store, record, change)
            change.put(record, anonymize(record))
        case Contact():
            contacts.delete_inputs(record.id, change)
            records.delete_expiring(OneTimeCode.record_type, record.id, change)
            change.put(record, anonymize(record))
        case Promise():
            records.delete_expiring(OneTimeCode.record_type, record.id, change)
            change.put(record, anonymize(record))
        case _:
            change.put(record, anonymize(record))
