"""A database that was restored does not know what happened since: until that is known, nobody is rung or texted for it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from ivr.domain.record import Record

QUARANTINE_ID = "line"  # the one quarantine there is
QUARANTINE_KEY = f"quarantine:{QUARANTINE_ID}"


class QuarantineState(StrEnum):
    BEGUN = "begun"  # Twilio is being asked what happened meanwhile
    REVIEWED = "looked through"  # a person decides
    LIFTED = "lifted"


@dataclass(frozen=True, kw_only=True)
class Quarantine(Record):
    """What began before `started_at` may have gone on without this database; what began later is as always."""

    record_type: ClassVar[str] = "quarantine"

    state: QuarantineState = QuarantineState.BEGUN
    reason: str = ""  # "restored from ...", "the record went back", or an operator's words
    record_from: float = 0.0  # the database is of this moment
    started_at: float = 0.0  # the line first ran on it; 0 = not yet
    catch_up_done_at: float = 0.0  # Twilio has been asked about everything
    small_loss: bool = False  # seconds are missing, not hours: ends by itself when nothing is unclear
    lifted_by: str = ""  # who lifted it


@dataclass(frozen=True, kw_only=True)
class CatchUpFinding:
    """One thing that happened after the moment of the database. Ids and codes only. `needs_review`: a person should look."""

    kind: str
    contact: str = ""
    promise: str = ""
    text: str = ""
    call: str = ""
    needs_review: bool = False
