"""What may be asked about a promise, by whom, and what comes of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ivr.domain.actor import RequestChannel
from ivr.domain.records.contact import Contact
from ivr.domain.records.promise import (
    Promise,
)


class RefusalReason(StrEnum):
    UNKNOWN = "unknown"  # there is no such promise
    ENDED = "ended"  # kept, declined, or in a named person's hands
    ON_LINE = "on the line"  # they are with us on the telephone about it: it is changed there
    UNDER_WAY = "under way"  # an agent or their phone is being rung already: nothing could be sooner
    TIME_GONE = "time gone"  # that time is over or full; `list_windows` says which are left
    NOT_DIALABLE = "number"  # that number may not be rung
    OUTSIDE_CALLING_HOURS = "night"  # the customer sleeps; `at` says until when
    TOO_OFTEN = "often"  # that number was promised, or this promise was moved, too often lately
    CHANGED = "changed"  # it is not any more what they were shown


@dataclass(frozen=True, kw_only=True)
class MoveToWindow:
    """To a window that is offered. Epoch seconds; `number` "" = the same."""

    since: float
    until: float
    number: str = ""


@dataclass(frozen=True, kw_only=True)
class MoveToSoonest:
    """As soon as it is their turn, the place kept; not before `since`."""

    since: float = 0.0
    number: str = ""


@dataclass(frozen=True, kw_only=True)
class CallNow:
    """The next call that is made; for colleagues. A customer's night is not disturbed for it."""


@dataclass(frozen=True, kw_only=True)
class ChangeNumber:
    """At another number, at the same time."""

    number: str


@dataclass(frozen=True, kw_only=True)
class Decline:
    """`why`: words for whoever reads the case."""

    why: str = ""


RescheduleRequest = MoveToWindow | MoveToSoonest | CallNow | ChangeNumber | Decline


@dataclass(frozen=True, kw_only=True)
class RequestOrigin:
    """`by`: the colleague's id or name. `contact`: the contact in whose call it is asked. `shown_until`: the `until` they were shown, 0 = any.

    `informed_number`: the telephone at which they hear at once what came of it; any other of theirs is told by text.
    """

    channel: RequestChannel
    by: str = ""
    contact: Contact | None = None
    shown_until: float = 0.0
    informed_number: str = ""
    phrase_key: str = "text.moved"  # by which the customer is told the new time


@dataclass(frozen=True, kw_only=True)
class Rescheduled:
    promise: Promise  # as it is now


@dataclass(frozen=True, kw_only=True)
class RescheduleRefused:
    why: RefusalReason
    promise: Promise | None = None  # as it stands
    callable_at: float = 0.0


RescheduleResult = Rescheduled | RescheduleRefused
