"""What happened to a customer while the record did not know of it, judged from what Twilio tells of their calls. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

TALKED = 15.0  # seconds together, or of an answered callback, after which they have talked


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A call between a customer and the line. `at` and `ended` in epoch seconds; `ended` 0 while it lives."""

    call: str
    at: float
    ended: float = 0.0
    inbound: bool = False
    live: bool = False
    answered: bool = False  # by a person or a machine; a call that comes in always is
    machine: bool = False
    together: float = 0.0  # seconds that their leg and an agent's were in one room, as far as can be seen

    @property
    def talked(self) -> bool:
        return not self.machine and self.together >= TALKED


class Verdict(StrEnum):
    NOTHING = "nothing"  # nobody tried
    LIVE = "live"  # wait until it is over
    KEPT = "kept"
    TRIED = "tried"
    UNCLEAR = "unclear"  # somebody answered, and whether they talked cannot be seen


def judge(seen: Sequence[Seen]) -> Verdict:
    """What became of a callback, by all calls with its customer since."""
    if any(one.live for one in seen):
        return Verdict.LIVE
    if any(one.talked for one in seen):
        return Verdict.KEPT
    tries = [one for one in seen if not one.inbound]
    if any(one.answered and not one.machine for one in tries):
        return Verdict.UNCLEAR
    return Verdict.TRIED if tries else Verdict.NOTHING


def tries(seen: Sequence[Seen]) -> int:
    """Calls of ours that came to nothing."""
    return sum(not one.inbound and not one.talked and not one.live for one in seen)


def talked_after(seen: Sequence[Seen], moment: float) -> Seen | None:
    """The talk that settled whatever was open then."""
    return next((one for one in seen if one.talked and one.ended >= moment), None)


def together(call: tuple[float, float], rooms: Sequence[tuple[float, float]]) -> float:
    """Seconds that a call, from and until, was in one of these rooms at most: rooms say when they were, not who was in them."""
    return max((min(call[1], until) - max(call[0], since) for since, until in rooms), default=0.0)
