"""Lists of stored fields name fields that exist: a misspelt one is read as empty, so nothing would be erased or checked."""

from __future__ import annotations

import pytest

from ivr.cli.promises import table
from ivr.domain.record import Record
from ivr.domain.records.agent_leg import AgentLeg
from ivr.domain.records.contact import Contact
from ivr.domain.records.customer import Case, Text
from ivr.domain.records.erasure import Erasure
from ivr.domain.records.line_status import LineStatus
from ivr.domain.records.promise import NumberLock, Promise
from ivr.domain.records.quarantine import Quarantine
from ivr.store import codec, store
from ivr.usecases.event_log import archive
from ivr.usecases.integrity import check_records
from ivr.usecases.privacy import erase_record, erased_list, retention

LISTS: list[tuple[str, type[Record], tuple[str, ...]]] = [
    *(("checked", kind, names) for kind, names in check_records.CHECKED_FIELDS.items()),
    *(("found", index.kind, (*index.fields, index.created_field)) for index in erase_record.INDEXES.values()),
    *(("erased", kind, names) for kind, names in retention.WORD_FIELDS.items()),
    *(("numbers", kind, (name,)) for kind, name in erased_list.NUMBER_FIELDS),
    ("ids", Erasure, ("promises", "contacts", "cases")),
    ("read with each webhook", LineStatus, store.LINE_STATUS_FIELDS),
    ("shortened", Promise, table.NUMBER_FIELDS),
]


@pytest.mark.parametrize(("what", "kind", "names"), LISTS, ids=lambda x: getattr(x, "__name__", None))
def test_each_listed_field_exists(what: str, kind: type[Record], names: tuple[str, ...]) -> None:
    assert set(names) <= codec.list_stored_fields(kind), what


@pytest.mark.parametrize("kind", [Contact, Case, Promise, Text, AgentLeg, NumberLock, Quarantine])
def test_the_archive_knows_when_each_kind_of_record_began(kind: type[Record]) -> None:
    """A month whose records are open is not archived."""
    assert len(codec.list_stored_fields(kind) & set(archive.START_FIELDS)) >= 1
