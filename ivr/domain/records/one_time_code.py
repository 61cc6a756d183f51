"""A code texted to a telephone: whoever has it in hand may ask us to ring it, and nobody else."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from hmac import compare_digest
from typing import ClassVar

import phonenumbers
from phonenumbers import PhoneNumberType

from ivr.domain.record import Record

CODE_LENGTH = 6
VALID_SECONDS = 600.0  # seconds
MAX_TRIES = 3  # of one code: a guess is right once in 333,333
MAX_SENT = 3  # for one call or promise, within a day
MAX_PER_NUMBER_PER_DAY = 5  # to one telephone, whoever asks


class EntryResult(StrEnum):
    RIGHT = "right"
    WRONG = "wrong"  # may be tried again
    UNUSABLE = "over"  # too late, too often, or there is none


@dataclass(frozen=True, kw_only=True)
class OneTimeCode(Record):
    """`id`: the call or the promise for which it was asked. Expires after a day: nothing is owed here."""

    record_type: ClassVar[str] = "code"

    number: str = ""  # it was texted there
    digits: str = ""  # empty once it was right
    created_at: float = 0.0
    tries: int = 0
    times_sent: int = 0


def issue_code(
    previous: OneTimeCode | None, *, code_id: str, number: str, digits: str, now: float
) -> OneTimeCode | None:
    """A new one, in place of any that was sent before; None when too many were."""
    sent = previous.times_sent if previous else 0
    if sent >= MAX_SENT:
        return None
    return replace(
        previous or OneTimeCode(id=code_id),
        number=number,
        digits=digits,
        created_at=now,
        tries=0,
        times_sent=sent + 1,
    )


def check_entry(code: OneTimeCode | None, digits: str, now: float) -> tuple[OneTimeCode | None, EntryResult]:
    """The code as it is after this try."""
    if code is None or not is_usable(code, now):
        return code, EntryResult.UNUSABLE
    if compare_digest(digits.encode(), code.digits.encode()):
        return replace(code, digits=""), EntryResult.RIGHT
    tried = replace(code, tries=code.tries + 1)
    return tried, EntryResult.WRONG if is_usable(tried, now) else EntryResult.UNUSABLE


def is_usable(code: OneTimeCode | None, now: float) -> bool:
    """Whether it can still be entered."""
    return (
        code is not None
        and bool(code.digits)
        and now < code.created_at + VALID_SECONDS
        and code.tries < MAX_TRIES
    )


def can_receive_texts(number: str) -> bool:
    """Not a landline, as far as its number tells: in the United States and Canada it does not."""
    return phonenumbers.number_type(phonenumbers.parse(number, None)) != PhoneNumberType.FIXED_LINE
