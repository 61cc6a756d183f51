"""What happened to a customer while the database did not know of it, judged from what Twilio tells of their calls. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

MIN_TALK_SECONDS = 15.0  # seconds together, or of an answered callback, after which they have talked


@dataclass(frozen=True, kw_only=True)
class ObservedCall:
    """A call between a customer and the line. `started_at` and `ended_at` in epoch seconds; `ended_at` 0 while it lives."""

    call_sid: str
    started_at: float
    ended_at: float = 0.0
    inbound: bool = False
    is_live: bool = False
    answered: bool = False  # by a person or a machine; a call that comes in always is
    machine: bool = False
    together_seconds: float = (
        0.0  # seconds that their leg and an agent's were in one conference, as far as can be seen
    )

    @property
    def talked(self) -> bool:
        return not self.machine and self.together_seconds >= MIN_TALK_SECONDS


class CallbackVerdict(StrEnum):
    NOTHING = "nothing"  # nobody tried
    LIVE = "live"  # wait until it is over
    KEPT = "kept"
    ATTEMPTED = "tried"
    UNCLEAR = "unclear"  # somebody answered, and whether they talked cannot be seen


def judge_callback(observed_calls: Sequence[ObservedCall]) -> CallbackVerdict:
    """What became of a callback, by all calls with its customer since."""
    if any(one.is_live for one in observed_calls):
        return CallbackVerdict.LIVE
    if any(one.talked for one in observed_calls):
        return CallbackVerdict.KEPT
    tries = [one for one in observed_calls if not one.inbound]
    if any(one.answered and not one.machine for one in tries):
        return CallbackVerdict.UNCLEAR
    return CallbackVerdict.ATTEMPTED if tries else CallbackVerdict.NOTHING


def count_failed_calls(observed_calls: Sequence[ObservedCall]) -> int:
    """Calls of ours that came to nothing."""
    return sum(not one.inbound and not one.talked and not one.is_live for one in observed_calls)


def find_talk_after(observed_calls: Sequence[ObservedCall], moment: float) -> ObservedCall | None:
    """The talk that settled whatever was open then."""
    return next((one for one in observed_calls if one.talked and one.ended_at >= moment), None)


def count_seconds_together(call: tuple[float, float], conferences: Sequence[tuple[float, float]]) -> float:
    """Seconds that a call, from and until, was in one of these conferences at most: conferences say when they were, not who was in them."""
    return max((min(call[1], until) - max(call[0], since) for since, until in conferences), default=0.0)
