"""A person is forgotten: what stays of each record when nobody can tell any more whose it was. Pure.

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
from ivr.domain.records.agent_leg import Offer
from ivr.domain.records.contact import Contact
from ivr.domain.records.customer import Case, Customer, Text
from ivr.domain.records.promise import Promise

R = TypeVar("R", bound=Record)


class Step(StrEnum):
    SEARCH = "search"  # after a restore: whose hash is it?
    HERE = "here"  # records, one index after the other
    PHOTOS = "photos"
    TWILIO = "twilio"
    DONE = "done"


@dataclass(frozen=True, kw_only=True)
class Forgetting(Record):
    """One person, until nothing of them is left. `erased`: how many of what; `left`: what could not be erased yet, and why."""

    noun: ClassVar[str] = "erasure"

    step: Step = Step.HERE
    who: str = ""  # keyed hash of the number
    number: str = ""  # E.164; empty before it is found and after the end
    begun: float = 0.0  # what is newer is somebody who came back
    ended: float = 0.0
    noun_now: str = ""  # of the index that is read
    cursor: int = 0  # how far
    promises: tuple[str, ...] = ()  # theirs
    contacts: tuple[str, ...] = ()
    cases: tuple[str, ...] = ()
    erased: Mapping[str, int] = field(default_factory=dict)
    left: Mapping[str, str] = field(default_factory=dict)
    attempts: int = 0  # at Twilio and the photos, since something last came of it


def hash_of(number: str, key: str) -> str:
    """Without the key nobody can try ten digits; with it everybody could: it is in no backup of the record."""
    return hmac.new(key.encode(), b"calor forgotten\0" + number.encode(), hashlib.sha256).hexdigest()[:32]


def counted(erased: Mapping[str, int], what: str, count: int) -> dict[str, int]:
    return {**erased, what: erased.get(what, 0) + count} if count else dict(erased)


def without_words(record: R) -> R:
    """Nothing that anybody said or wrote is in it any more; whose it is still is."""
    bare: Any = record
    match bare:
        case Contact():
            bare = replace(bare, code="", position="", situation="", reason="", comment="", steps="")
            bare = replace(bare, facts="", facts_name="")
        case Promise():
            bare = replace(bare, reason="")
        case Offer():
            bare = replace(bare, note="", reason="")
        case Text():
            bare = replace(bare, body="")
        case Case():
            bare = replace(bare, subject="")
        case Customer():
            bare = replace(bare, last_about="", last_note="", noted="")
        case _:
            pass
    return cast("R", bare)


def nobodys(record: R) -> R:
    """Without words, and without whose it was."""
    bare: Any = without_words(record)
    match bare:
        case Contact():
            bare = replace(bare, number="", name="", before="")
        case Promise():
            bare = replace(bare, number="", customer="", name="", zone="")
        case Offer():
            bare = replace(bare, outside="", third="")
        case Text():
            bare = replace(bare, to="", sid="")
        case Case():
            bare = replace(bare, customer="")
        case Customer():  # somebody else, whose telephone was rung for this person
            bare = replace(
                bare, last_contact="", last_at=0.0, last_agent="", last_by="", noted_by="", noted_at=0.0
            )
        case _:
            pass
    return cast("R", bare)
