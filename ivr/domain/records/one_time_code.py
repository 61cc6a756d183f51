"""A code texted to a telephone: whoever has it in hand may ask us to ring it, and nobody else."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from hmac import compare_digest
from typing import ClassVar

import phonenumbers
from phonenumbers import PhoneNumberType

from ivr.domain.record import Record

DIGITS = 6
LASTS = 600.0  # seconds
MOST_TRIES = 3  # of one code: a guess is right once in 333,333
MOST_SENT = 3  # for one call or promise, within a day
MOST_A_DAY = 5  # to one telephone, whoever asks


class Entered(StrEnum):
    RIGHT = "right"
    WRONG = "wrong"  # may be tried again
    OVER = "over"  # too late, too often, or there is none


@dataclass(frozen=True, kw_only=True)
class Code(Record):
    """`id`: the call or the promise for which it was asked. Forgotten after a day: nothing is owed here."""

    noun: ClassVar[str] = "code"

    number: str = ""  # it was texted there
    digits: str = ""  # empty once it was right
    made: float = 0.0
    tries: int = 0
    sent: int = 0


def another(old: Code | None, *, name: str, number: str, digits: str, now: float) -> Code | None:
    """A new one, in place of any that was sent before; None when too many were."""
    sent = old.sent if old else 0
    if sent >= MOST_SENT:
        return None
    return replace(old or Code(id=name), number=number, digits=digits, made=now, tries=0, sent=sent + 1)


def enter(code: Code | None, digits: str, now: float) -> tuple[Code | None, Entered]:
    """The code as it is after this try."""
    if code is None or not waiting(code, now):
        return code, Entered.OVER
    if compare_digest(digits.encode(), code.digits.encode()):
        return replace(code, digits=""), Entered.RIGHT
    tried = replace(code, tries=code.tries + 1)
    return tried, Entered.WRONG if waiting(tried, now) else Entered.OVER


def waiting(code: Code | None, now: float) -> bool:
    """Whether it can still be entered."""
    return code is not None and bool(code.digits) and now < code.made + LASTS and code.tries < MOST_TRIES


def takes_texts(number: str) -> bool:
    """Not a landline, as far as its number tells: in the United States and Canada it does not."""
    return phonenumbers.number_type(phonenumbers.parse(number, None)) != PhoneNumberType.FIXED_LINE
