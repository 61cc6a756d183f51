"""Every record comes back as it was written, whatever is in it."""

from __future__ import annotations

import string
from dataclasses import fields

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
    del raw["delay_announced"], raw["customer"]
    assert codec.load(Promise, raw) == Promise(id="p", number="+12025550155")


def test_a_field_that_a_newer_release_wrote_is_passed_over() -> None:
    raw = codec.dump(Promise(id="p")) | {"colour": "blue"}
    assert codec.load(Promise, raw) == Promise(id="p")
