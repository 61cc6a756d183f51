"""A photo that a customer texted: wanted until it is here, kept or refused from then on."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from ivr.domain.record import Record

SOONEST, LATEST = 10.0, 3600.0  # seconds between two attempts to fetch one


class PhotoState(StrEnum):
    WANTED = "wanted"  # it is at Twilio, and is fetched
    KEPT = "kept"
    REFUSED = "refused"  # see `why`
    UNWANTED = "unwanted"  # its customer is forgotten: nothing of it may remain anywhere


class Why(StrEnum):
    """Why a photo is not kept."""

    NONE = ""
    NO_PICTURE = "no picture"  # whatever it says of itself
    BROKEN = "broken"
    TOO_LARGE = "too large"
    GONE = "gone"  # Twilio has it no more
    ELSEWHERE = "elsewhere"  # its address is none of Twilio's


@dataclass(frozen=True, kw_only=True)
class Photo(Record):
    """`id` names its files too."""

    noun: ClassVar[str] = "photo"

    state: PhotoState = PhotoState.WANTED
    why: Why = Why.NONE
    message: str = ""  # Twilio's name of the text that it came with
    medium: str = ""  # and of itself; "" when it is not Twilio's
    there: bool = True  # Twilio has it still
    case: str = ""
    customer: str = ""  # their number
    line: str = ""
    made: float = 0.0
    attempts: int = 0
    width: int = 0  # pixels, of the large one
    height: int = 0
    agent: str = ""  # to whom it is shown as new, "" = to every agent
    new: bool = True  # nobody has said that they have seen it


def pause(attempts: int) -> float:
    """Seconds until the next attempt. There is always a next one: what a customer has sent is not given up."""
    return min(LATEST, SOONEST * 2.0 ** min(20, attempts - 1))
