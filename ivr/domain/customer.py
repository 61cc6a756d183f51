"""Customers, their cases, and the texts we owe them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from ivr.domain.record import Record


@dataclass(frozen=True, kw_only=True)
class Customer(Record):
    """The person behind a number. `id` is the number in E.164."""

    noun: ClassVar[str] = "customer"

    name: str = ""
    shared: bool = False  # several people use this number: never merged, never read back unasked
    minding: tuple[str, ...] = ()  # needs and preferences, "give him time (Diane)"
    language: str = ""
    case: str = ""  # the open one
    live: str = ""  # contact on the line now
    promises: tuple[
        str, ...
    ] = ()  # open ones, oldest first: theirs, and those that ring this number for somebody
    last_contact: str = ""
    last_at: float = 0.0
    last_agent: str = ""  # id
    last_by: str = ""  # their name as it was then
    last_about: str = ""  # sayable
    last_note: str = ""  # the agent's note, to the word
    day: str = ""  # of `today`
    today: int = 0  # contacts on that day
    no_calls: bool = False  # do not call
    no_texts: bool = False  # opted out


@dataclass(frozen=True, kw_only=True)
class Case(Record):
    """The thread of contacts, notes and promises about one matter."""

    noun: ClassVar[str] = "case"

    customer: str = ""
    subject: str = ""
    owner: str = ""  # agent
    opened: float = 0.0
    closed: float = 0.0
    photos_asked: float = 0.0  # when they were last asked for photos


class TextState(StrEnum):
    UNSENT = "unsent"
    SENDING = "sending"
    SENT = "sent"
    REFUSED = "refused"  # by the network or the customer; spoken instead where possible


@dataclass(frozen=True, kw_only=True)
class Text(Record):
    noun: ClassVar[str] = "text"

    state: TextState = TextState.UNSENT
    to: str = ""
    line: str = ""
    body: str = ""
    about: str = ""  # member it belongs to, "promise:p7k2"
    asks: str = ""  # contact whose rating a reply gives
    made: float = 0.0
    attempts: int = 0
    sid: str = ""
