"""Every record comes back as it was written, whatever is in it."""

from __future__ import annotations

import string
from dataclasses import is_dataclass, replace
from typing import Any, ClassVar, get_origin, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.domain.phone_numbers import TrustLevel
from ivr.domain.record import Record
from ivr.domain.records.account import Account
from ivr.domain.records.agent import Agent
from ivr.domain.records.agent_leg import AgentLeg
from ivr.domain.records.contact import Contact, ContactState, Outcome
from ivr.domain.records.contact_parts import AfterCall, Caller, ConferencePlaces, PartyLocation, QueuePlace
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
        Contact,
        codec.dump(
            Contact(id="c", version=3, reason="the bill", talked=True, queue_place=QueuePlace(name="care"))
        ),
    )
    assert codec.diff(
        read, replace(read, version=4, reason="", queue_place=replace(read.queue_place, queued_at=5.5))
    ) == (
        {"version": "4", "queue_place.queued_at": "5.5"},
        ["reason"],
    )


def test_what_has_its_default_is_not_stored() -> None:
    assert codec.dump(Contact(id="c")) == {"id": "c", "version": "0", "state": "flow"}
    assert codec.dump(
        Contact(id="c", talked=False, queue_place=QueuePlace(skills=()), after_call=AfterCall(rating=2))
    ) == {
        "id": "c",
        "version": "0",
        "state": "flow",
        "after_call.rating": "2",
    }


def _values(kind: type[Any]) -> dict[str, st.SearchStrategy[Any]]:
    """Anything in every field, in those of its value objects too; what holds anything at all stays as it is by default.

    Finite floats: a time that is no number is no time.
    """
    hints = {name: hint for name, hint in get_type_hints(kind).items() if get_origin(hint) is not ClassVar}
    return {
        name: _anything(hint)
        for name, hint in hints.items()
        if "Mapping" not in str(hint) and "Any" not in str(hint)
    }


def _anything(hint: Any) -> st.SearchStrategy[Any]:
    if hint is float:
        return st.floats(allow_nan=False, allow_infinity=False)
    return (
        st.builds(hint, **_values(hint))
        if isinstance(hint, type) and is_dataclass(hint)
        else st.from_type(hint)
    )


@given(text=st.text(alphabet=string.printable + "ñé€\u2028\U0001f600\0"))
def test_words_are_kept_to_the_letter(text: str) -> None:
    contact = Contact(
        id="c",
        reason=text,
        after_call=AfterCall(comment=text),
        queue_place=QueuePlace(declined_by=(text, text)),
    )
    assert codec.load(Contact, codec.dump(contact)) == contact


def test_enums_are_stored_by_their_words_and_tuples_come_back_as_tuples() -> None:
    contact = Contact(
        id="c",
        state=ContactState.ON_HOLD,
        outcome=Outcome.LEFT_EARLY,
        talked=True,
        started_at=1795460400.123456,
        caller=Caller(trust_level=TrustLevel.CONFIRMED),
        conference=ConferencePlaces(caller_location=PartyLocation.IN_CONFERENCE),
        queue_place=QueuePlace(skills=("a", "b")),
    )
    raw = codec.dump(contact)
    assert (raw["state"], raw["outcome"], raw["caller.trust_level"], raw["talked"]) == (
        "on hold",
        "left early",
        "2",
        "true",
    )
    found = codec.load(Contact, raw)
    assert found == contact
    assert type(found.queue_place.skills) is tuple
    assert type(found.caller.trust_level) is TrustLevel
    assert type(found.started_at) is float


def test_a_field_that_an_older_release_did_not_write_takes_its_default() -> None:
    raw = codec.dump(Promise(id="p", number="+12025550155"))
    del raw["number"], raw["state"]
    assert codec.load(Promise, raw) == Promise(id="p")


def test_a_field_that_a_newer_release_wrote_is_passed_over() -> None:
    raw = codec.dump(Promise(id="p")) | {"colour": "blue"}
    assert codec.load(Promise, raw) == Promise(id="p")
