"""What supervisors are told of several promises in one text."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import ClassVar

from ivr.domain.record import Record


class AlertTopic(StrEnum):
    AT_RISK = "risk"  # not under way yet, and their time is near
    ESCALATED = "escalated"  # nobody has taken them


class AlertCircle(IntEnum):
    """Who is told. Each is wider than the one before it."""

    AT_WORK = 0  # supervisors who are not offline
    ALL = 1  # and those who are, unless they sleep
    ALL_AND_FALLBACK = 2  # and the people of IVR_FALLBACK_NUMBERS


@dataclass(frozen=True, kw_only=True)
class SupervisorAlert(Record):
    """One for each topic; `id` is its name. While `promises` is not empty somebody must look at it."""

    record_type: ClassVar[str] = "supervisor_alert"

    promises: tuple[str, ...] = ()  # not told of yet, oldest first
    circle: AlertCircle = AlertCircle.AT_WORK
    texted_at: float = 0.0  # when the last text was written
