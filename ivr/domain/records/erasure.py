"""A person is erased: what stays of each record when nobody can tell any more whose it was. Pure.

What stays is what happened: how and when a contact ended, that a promise was kept and whether in time, by ids and codes.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, ClassVar, TypeVar, cast

from ivr.domain.record import Record
from ivr.domain.records.agent_leg import AgentLeg
from ivr.domain.records.contact import Contact
from ivr.domain.records.contact_parts import LookupResult
from ivr.domain.records.customer import Case, Customer, Text
from ivr.domain.records.promise import Promise

R = TypeVar("R", bound=Record)


class ErasureStep(StrEnum):
    SEARCH = "search"  # after a restore: whose hash is it?
    RECORDS = "here"  # records, one index after the other
    PHOTOS = "photos"
    TWILIO = "twilio"
    DONE = "done"


@dataclass(frozen=True, kw_only=True)
class Erasure(Record):
    """One person, until nothing of them is left. `erased`: how many of what; `not_erased`: what could not be erased yet, and why."""

    record_type: ClassVar[str] = "erasure"

    step: ErasureStep = ErasureStep.RECORDS
    number_hash: str = ""  # keyed hash of the number
    number: str = ""  # E.164; empty before it is found and after the end
    started_at: float = 0.0  # what is newer is somebody who came back
    ended_at: float = 0.0
    record_type_now: str = ""  # of the index that is read
    cursor: int = 0  # how far
    promises: tuple[str, ...] = ()  # theirs
    contacts: tuple[str, ...] = ()
    cases: tuple[str, ...] = ()
    erased: Mapping[str, int] = field(default_factory=dict)
    not_erased: Mapping[str, str] = field(default_factory=dict)
    attempts: int = 0  # at Twilio and the photos, since something last came of it


def hash_number(number: str, key: str) -> str:
    """Without the key nobody can try ten digits; with it everybody could: it is in no backup of the database."""
    return hmac.new(key.encode(), b"calor forgotten\0" + number.encode(), hashlib.sha256).hexdigest()[:32]


def add_count(erased: Mapping[str, int], what: str, count: int) -> dict[str, int]:
    return {**erased, what: erased.get(what, 0) + count} if count else dict(erased)


def strip_text(record: R) -> R:
    """Nothing that anybody said or wrote is in it any more; whose it is still is."""
    bare: Any = record
    match bare:
        case Contact():
            bare = replace(
                bare,
                reason="",
                next_steps="",
                caller=replace(bare.caller, texted_code=""),
                flow_progress=replace(bare.flow_progress, position="", caller_context=""),
                after_call=replace(bare.after_call, comment=""),
                lookup=LookupResult(),
            )
        case Promise():
            bare = replace(bare, reason="")
        case AgentLeg():
            bare = replace(
                bare, wrapup=replace(bare.wrapup, note=""), consult=replace(bare.consult, reason="")
            )
        case Text():
            bare = replace(bare, body="")
        case Case():
            bare = replace(bare, subject="")
        case Customer():
            bare = replace(bare, last_subject="", last_note="", colleague_note="")
        case _:
            pass
    return cast("R", bare)


def anonymize(record: R) -> R:
    """Without words, and without whose it was."""
    bare: Any = strip_text(record)
    match bare:
        case Contact():
            bare = replace(
                bare,
                caller=replace(bare.caller, number="", name=""),
                history=replace(bare.history, previous_contact=""),
            )
        case Promise():
            bare = replace(bare, number="", customer="", name="", zone="")
        case AgentLeg():
            bare = replace(
                bare,
                consult=replace(bare.consult, external_number=""),
                third_party=replace(bare.third_party, number=""),
            )
        case Text():
            bare = replace(bare, to="", sid="")
        case Case():
            bare = replace(bare, customer="")
        case Customer():  # somebody else, whose telephone was rung for this person
            bare = replace(
                bare,
                last_contact="",
                last_at=0.0,
                last_agent="",
                last_agent_name="",
                colleague_note_by="",
                colleague_note_at=0.0,
            )
        case _:
            pass
    return cast("R", bare)
