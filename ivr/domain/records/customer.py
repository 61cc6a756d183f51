"""Customers, their cases, and the texts we owe them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar

from ivr.domain.record import Record


@dataclass(frozen=True, kw_only=True)
class Need:
    """Something to mind about a customer. `by`: the name of whoever wrote it; `at`: epoch seconds, 0 when that is not known."""

    text: str
    by: str = ""
    at: float = 0.0

    @property
    def line(self) -> str:
        return f"{self.text} ({self.by})" if self.by else self.text

    def same(self, text: str, by: str) -> bool:
        return (self.text, self.by) == (text, by)


@dataclass(frozen=True, kw_only=True)
class Customer(Record):
    """The person behind a number. `id` is the number in E.164."""

    noun: ClassVar[str] = "customer"

    name: str = ""
    shared: bool = False  # several people use this number: never merged, never read back unasked
    minding: tuple[Any, ...] = ()  # needs and preferences, as `minded` stores them; `needs` reads them
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
    noted: str = ""  # what a colleague wrote on a case of theirs last, outside of a talk
    noted_by: str = ""  # their name
    noted_at: float = 0.0
    day: str = ""  # of `today`
    today: int = 0  # contacts on that day
    last_call: str = ""  # the contact that came last
    no_calls: bool = False  # do not call
    no_texts: bool = False  # opted out

    @property
    def needs(self) -> tuple[Need, ...]:
        """Oldest first. Records of before times were kept hold "give him time (Diane)"."""
        return tuple(
            _old_need(m) if isinstance(m, str) else Need(text=m[0], by=m[1], at=m[2]) for m in self.minding
        )


def minded(needs: Iterable[Need]) -> tuple[tuple[str, str, float], ...]:
    """As `Customer.minding` holds them: text, by, at."""
    return tuple((n.text, n.by, n.at) for n in needs)


def _old_need(line: str) -> Need:
    text, _, by = line.rpartition(" (")
    return Need(text=text, by=by.rstrip(")")) if text else Need(text=line)


@dataclass(frozen=True, kw_only=True)
class Case(Record):
    """The thread of contacts, notes and promises about one matter."""

    noun: ClassVar[str] = "case"

    customer: str = ""
    subject: str = ""
    owner: str = ""  # agent
    opened: float = 0.0
    closed: float = 0.0  # when somebody said that it is done; 0 = never, or opened again since
    photos_asked: float = 0.0  # when they were last asked for photos

    def is_closed(self, lately: float) -> bool:
        """`lately`: when something last came to it. Whatever comes after it was closed opens it again."""
        return 0.0 < self.closed >= lately


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
