"""Every record comes back as it was written, whatever is in it."""

from __future__ import annotations

import string
from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.domain.phone_numbers import TrustLevel
from ivr.domain.record import Record
from ivr.domain.records.account import Account
from ivr.domain.records.agent import Agent
from ivr.domain.records.agent_leg import AgentLeg
from ivr.domain.records.contact import Contact, ContactState, Outcome, PartyLocation
from ivr.domain.records.customer import Case, Customer, Text
from ivr.domain.records.erasure import Erasure
from ivr.domain.records.flow_draft import FlowDraft
from ivr.domain.records.line_status import LineStatus
from ivr.domain.records.one_time_code import OneTimeCode
from ivr.domain.records.photo import Photo
from ivr.domain.records.promise import NumberLock, Promise
from ivr.domain.records.quarantine import Quarantine
from ivr.domain.records.supervisor_alert import SupervisorAlert
from ivr.store import codec

KINDS: list[type[Record]] = [
    Account,
    Agent,
    Case,
    OneTimeCode,
    Contact,
    Customer,
    NumberLock,
    FlowDraft,
    Erasure,
    SupervisorAlert,
    AgentLeg,
    Photo,
    Promise,
    Quarantine,
    LineStatus,
    Text,
]


def test_every_kind_of_record_is_tried() -> None:
    assert {kind.__name__ for kind in Record.__subclasses__()} <= {kind.__name__ for kind in KINDS}


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_a_record_comes_back_as_it_was(kind: type[Record], data: st.DataObject) -> None:
    record = data.draw(st.builds(kind, **_values(kind)))
    assert codec.load(kind, codec.dump(record)) == record


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("read", [True, False])
@given(data=st.data())
def test_what_is_written_of_a_change_makes_the_old_record_into_the_new(
    kind: type[Record], read: bool, data: st.DataObject
) -> None:
    """Whether the old one is as it was read, or was made by hand since: then its fields may not be those that are stored."""
    stored, new = (data.draw(st.builds(kind, **_values(kind))) for _ in range(2))
    raw = codec.dump(stored)
    old = codec.load(kind, raw) if read else data.draw(st.builds(kind, **_values(kind)))
    written, deleted = codec.diff(old, new)
    found = {name: text for name, text in (raw | written).items() if name not in deleted}
    assert codec.load(kind, found) == new
    assert found == codec.dump(new)


def test_of_what_was_read_only_the_difference_is_written() -> None:
    read = codec.load(
        Contact, codec.dump(Contact(id="c", version=3, reason="the bill", queue="care", talked=True))
    )
    assert codec.diff(read, replace(read, version=4, reason="", queued_at=5.5)) == (
        {"version": "4", "queued_at": "5.5"},
        ["reason"],
    )


def test_what_has_its_default_is_not_stored() -> None:
    assert codec.dump(Contact(id="c")) == {"id": "c", "version": "0", "state": "flow"}
    assert codec.dump(Contact(id="c", skills=(), talked=False, rating=2)) == {
        "id": "c",
        "version": "0",
        "state": "flow",
        "rating": "2",
    }


def _values(kind: type[Record]) -> dict[str, st.SearchStrategy[object]]:
    """Finite floats: a time that is no number is no time."""
    special = {"float": st.floats(allow_nan=False, allow_infinity=False)}
    return {f.name: special[str(f.type)] for f in fields(kind) if str(f.type) in special}


@given(text=st.text(alphabet=string.printable + "ñé€\u2028\U0001f600\0"))
def test_words_are_kept_to_the_letter(text: str) -> None:
    contact = Contact(id="c", reason=text, comment=text, declined_by=(text, text))
    assert codec.load(Contact, codec.dump(contact)) == contact


def test_enums_are_stored_by_their_words_and_tuples_come_back_as_tuples() -> None:
    contact = Contact(
        id="c",
        state=ContactState.ON_HOLD,
        outcome=Outcome.LEFT_EARLY,
        trust_level=TrustLevel.CONFIRMED,
        caller_location=PartyLocation.IN_CONFERENCE,
        skills=("a", "b"),
        talked=True,
        started_at=1795460400.123456,
    )
    raw = codec.dump(contact)
    assert (raw["state"], raw["outcome"], raw["trust_level"], raw["talked"]) == (
        "on hold",
        "left early",
        "2",
        "true",
    )
    found = codec.load(Contact, raw)
    assert found == contact
    assert type(found.skills) is tuple
    assert type(found.trust_level) is TrustLevel
    assert type(found.started_at) is float


def test_a_field_that_an_older_release_did_not_write_takes_its_default() -> None:
    raw = codec.dump(Promise(id="p", number="+12025550155"))
    del raw["number"], raw["state"]
    assert codec.load(Promise, raw) == Promise(id="p")


def test_a_field_that_a_newer_release_wrote_is_passed_over() -> None:
    raw = codec.dump(Promise(id="p")) | {"colour": "blue"}
    assert codec.load(Promise, raw) == Promise(id="p")
