"""A photo that a customer texted: wanted until it is here, kept or refused from then on."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from ivr.domain.record import Record

MIN_RETRY_SECONDS, MAX_RETRY_SECONDS = 10.0, 3600.0  # seconds between two attempts to fetch one


class PhotoState(StrEnum):
    PENDING = "wanted"  # it is at Twilio, and is fetched
    STORED = "kept"
    REJECTED = "refused"  # see `rejection`
    TO_ERASE = "unwanted"  # its customer is erased: nothing of it may remain anywhere


class PhotoRejection(StrEnum):
    """Why a photo is not kept."""

    NONE = ""
    NOT_AN_IMAGE = "no picture"  # whatever it says of itself
    BROKEN = "broken"
    TOO_LARGE = "too large"
    GONE_AT_TWILIO = "gone"  # Twilio has it no more
    FOREIGN_ADDRESS = "elsewhere"  # its address is none of Twilio's


@dataclass(frozen=True, kw_only=True)
class Photo(Record):
    """`id` names its files too."""

    record_type: ClassVar[str] = "photo"

    state: PhotoState = PhotoState.PENDING
    rejection: PhotoRejection = PhotoRejection.NONE
    message_sid: str = ""  # Twilio's name of the text that it came with
    media_sid: str = ""  # and of itself; "" when it is not Twilio's
    at_twilio: bool = True  # Twilio has it still
    case: str = ""
    customer: str = ""  # their number
    our_number: str = ""
    created_at: float = 0.0
    attempts: int = 0
    width: int = 0  # pixels, of the large one
    height: int = 0
    new_for_agent: str = ""  # to whom it is shown as new, "" = to every agent


def retry_delay_seconds(attempts: int) -> float:
    """Seconds until the next attempt. There is always a next one: what a customer has sent is not given up."""
    return min(MAX_RETRY_SECONDS, MIN_RETRY_SECONDS * 2.0 ** min(20, attempts - 1))
