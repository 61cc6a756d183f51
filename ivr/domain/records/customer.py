"""Customers, their cases, and the texts we owe them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar

from ivr.domain.record import Record


@dataclass(frozen=True, kw_only=True)
class Need:
    """Something to mind about a customer. `author`: the name of whoever wrote it; `written_at`: epoch seconds, 0 when that is not known."""

    text: str
    author: str = ""
    written_at: float = 0.0

    @property
    def text_with_author(self) -> str:
        return f"{self.text} ({self.author})" if self.author else self.text

    def matches(self, text: str, author: str) -> bool:
        return (self.text, self.author) == (text, author)


@dataclass(frozen=True, kw_only=True)
class Customer(Record):
    """The person behind a number. `id` is the number in E.164."""

    record_type: ClassVar[str] = "customer"

    name: str = ""
    shared: bool = False  # several people use this number: never merged, never read back unasked
    stored_needs: tuple[
        Any, ...
    ] = ()  # needs and preferences, as `stored_needs` stores them; `needs` reads them
    language: str = ""
    open_case: str = ""  # the open one
    live_contact: str = ""  # contact on the line now
    open_promises: tuple[
        str, ...
    ] = ()  # open ones, oldest first: theirs, and those that ring this number for somebody
    last_contact: str = ""
    last_at: float = 0.0
    last_agent: str = ""  # id
    last_agent_name: str = ""  # their name as it was then
    last_subject: str = ""  # sayable
    last_note: str = ""  # the agent's note, to the word
    colleague_note: str = ""  # what a colleague wrote on a case of theirs last, outside of a talk
    colleague_note_by: str = ""  # their name
    colleague_note_at: float = 0.0
    contacts_day: str = ""  # of `contacts_today`
    contacts_today: int = 0  # contacts on that day
    last_contact_started: str = ""  # the contact that came last
    no_calls: bool = False  # do not call
    no_texts: bool = False  # opted out

    @property
    def needs(self) -> tuple[Need, ...]:
        """Oldest first. Records of before times were kept hold "give him time (Diane)"."""
        return tuple(
            _parse_legacy_need(m) if isinstance(m, str) else Need(text=m[0], author=m[1], written_at=m[2])
            for m in self.stored_needs
        )


def stored_needs(needs: Iterable[Need]) -> tuple[tuple[str, str, float], ...]:
    """As `Customer.stored_needs` holds them: text, by, at."""
    return tuple((n.text, n.author, n.written_at) for n in needs)


def _parse_legacy_need(line: str) -> Need:
    text, _, by = line.rpartition(" (")
    return Need(text=text, author=by.rstrip(")")) if text else Need(text=line)


@dataclass(frozen=True, kw_only=True)
class Case(Record):
    """The thread of contacts, notes and promises about one matter."""

    record_type: ClassVar[str] = "case"

    customer: str = ""
    subject: str = ""
    owner: str = ""  # agent
    opened_at: float = 0.0
    closed_at: float = 0.0  # when somebody said that it is done; 0 = never, or opened again since
    photos_asked_at: float = 0.0  # when they were last asked for photos

    def is_closed(self, last_activity_at: float) -> bool:
        """`last_activity_at`: when something last came to it. Whatever comes after it was closed opens it again."""
        return 0.0 < self.closed_at >= last_activity_at


class TextState(StrEnum):
    UNSENT = "unsent"
    SENDING = "sending"
    SENT = "sent"
    REFUSED = "refused"  # by the network or the customer; spoken instead where possible


@dataclass(frozen=True, kw_only=True)
class Text(Record):
    record_type: ClassVar[str] = "text"

    state: TextState = TextState.UNSENT
    to: str = ""
    our_number: str = ""
    body: str = ""
    about: str = ""  # key of the record it belongs to, "promise:p7k2"
    rates_contact: str = ""  # contact whose rating a reply gives
    created_at: float = 0.0
    attempts: int = 0
    sid: str = ""
