"""A record that was restored does not know what happened since: until that is known, nobody is rung or texted for it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from ivr.domain.record import Record

LINE = "line"  # the one quarantine there is
MEMBER = f"quarantine:{LINE}"


class QuarantineState(StrEnum):
    BEGUN = "begun"  # Twilio is being asked what happened meanwhile
    LOOKED = "looked through"  # a person decides
    LIFTED = "lifted"


@dataclass(frozen=True, kw_only=True)
class Quarantine(Record):
    """What began before `began` may have gone on without this record; what began later is as always."""

    noun: ClassVar[str] = "quarantine"

    state: QuarantineState = QuarantineState.BEGUN
    why: str = ""  # "restored from ...", "the record went back", or an operator's words
    since: float = 0.0  # the record is of this moment
    began: float = 0.0  # the line first ran on it; 0 = not yet
    looked: float = 0.0  # Twilio has been asked about everything
    small: bool = False  # seconds are missing, not hours: ends by itself when nothing is unclear
    by: str = ""  # who lifted it


@dataclass(frozen=True, kw_only=True)
class Found:
    """One thing that happened after the moment of the record. Ids and codes only. `unclear`: a person should look."""

    what: str
    contact: str = ""
    promise: str = ""
    text: str = ""
    call: str = ""
    unclear: bool = False
