"""What the journal tells, folded event by event: how far each promise has come by its word, and what cannot be right about it.

The journal is judged without the records, and they without it; so neither can hide what the other has lost.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line of the journal: ids and codes. `at`: epoch seconds."""

    id: str
    event: str
    at: float
    told: Mapping[str, str] = field(default_factory=dict)

    def get(self, name: str) -> str:
        return self.told.get(name, "")


class Phase(StrEnum):
    UNKNOWN = "unknown"  # it began before the journal does
    RESTING = "resting"
    DIALLING = "dialling"
    TALKING = "talking"
    MERGED = "merged"


@dataclass(frozen=True, kw_only=True)
class Told:
    """What has been told of an open promise so far."""

    promise: str
    phase: Phase = Phase.RESTING
    whole: bool = True  # told from its beginning
    fence: int = 0  # the highest under which it was dialled
    ringing: int = 0  # the fence under which the customer's phone may ring now; 0 = none
    contacts: frozenset[str] = frozenset()  # those whose talk would keep it
    spoken: bool = False  # somebody talked with the customer, or gave their word that they did


@dataclass(frozen=True, kw_only=True)
class Wrong:
    invariant: str
    what: str


MADE = "promised"
ENDINGS = {"promise kept": "kept", "promise declined": "declined", "promise owned": "owned"}
RESTS = ("promise made", "promise due", "promise escalated", "escalated")
LIFE = frozenset(
    {*ENDINGS, *RESTS, "attempt failed", "promise merged", "dialling", "number locked", "picked up"}
)
"""Events that only an open promise can have."""

Step = Callable[[Told, Entry], tuple[Told, tuple[Wrong, ...]]]


def begin(entry: Entry) -> Told:
    return Told(promise=entry.get("promise"), contacts=frozenset({entry.get("contact")} - {""}))


def earlier(promise: str) -> Told:
    """One that began before the journal: nothing of its past is held against it."""
    return Told(promise=promise, phase=Phase.UNKNOWN, whole=False)


def follow(told: Told, entry: Entry) -> tuple[Told, tuple[Wrong, ...]]:
    """One event further. An event that says nothing of a promise's life changes nothing."""
    step = _STEPS.get(entry.event)
    return step(told, entry) if step else (told, ())


def heard_out(told: Told) -> Told:
    """Somebody talked with them, or says so, in a contact that carries the promise."""
    return replace(told, spoken=True)


def _rests(told: Told, _: Entry) -> tuple[Told, tuple[Wrong, ...]]:
    return replace(told, phase=Phase.RESTING), ()


def _failed(told: Told, _: Entry) -> tuple[Told, tuple[Wrong, ...]]:
    return replace(
        told, phase=Phase.RESTING, spoken=False
    ), ()  # whoever picked up was a machine, or somebody else


def _merged(told: Told, entry: Entry) -> tuple[Told, tuple[Wrong, ...]]:
    contacts = told.contacts | ({entry.get("contact")} - {""})
    return replace(told, phase=Phase.MERGED, contacts=contacts), ()


def _dialling(told: Told, entry: Entry) -> tuple[Told, tuple[Wrong, ...]]:
    fence = int(entry.get("fence") or 0)
    wrong = []
    if told.phase in (Phase.DIALLING, Phase.TALKING):
        wrong.append(Wrong(invariant="I4", what=f"is dialled again while it is {told.phase}"))
    if fence <= told.fence:
        wrong.append(
            Wrong(
                invariant="I4",
                what=f"is dialled under fence {fence} after {told.fence}: a fence may only rise",
            )
        )
    contacts = told.contacts | ({entry.get("contact")} - {""})
    dialling = replace(told, phase=Phase.DIALLING, fence=max(fence, told.fence), contacts=contacts)
    return dialling, tuple(wrong)


def _may_ring(told: Told, entry: Entry) -> tuple[Told, tuple[Wrong, ...]]:
    fence = int(entry.get("fence") or 0)
    wrong = []
    if told.ringing:
        wrong.append(Wrong(invariant="I4", what="is rung while their phone may still ring for it"))
    if fence < told.fence:
        what = f"is rung under fence {fence} although {told.fence} stands"
        wrong.append(Wrong(invariant="I4", what=what))
    return replace(told, ringing=fence), tuple(wrong)


def _rings_no_more(told: Told, entry: Entry) -> tuple[Told, tuple[Wrong, ...]]:
    fence = int(entry.get("fence") or 0)
    return (replace(told, ringing=0) if fence == told.ringing else told), ()


def _moved(told: Told, _: Entry) -> tuple[Told, tuple[Wrong, ...]]:
    """Perhaps to another telephone; the earlier one is told to stop and need not be waited for."""
    return replace(told, ringing=0), ()


def _picked_up(told: Told, _: Entry) -> tuple[Told, tuple[Wrong, ...]]:
    wrong: tuple[Wrong, ...] = ()
    if told.phase is Phase.TALKING:
        wrong = (Wrong(invariant="I4", what="is picked up a second time during one talk"),)
    elif told.phase not in (Phase.DIALLING, Phase.UNKNOWN):
        wrong = (Wrong(invariant="I4", what=f"is picked up while it is {told.phase}: nobody was dialling"),)
    return replace(told, phase=Phase.TALKING, spoken=True), wrong


def _kept(told: Told, _: Entry) -> tuple[Told, tuple[Wrong, ...]]:
    if told.spoken or not told.whole:
        return told, ()
    return told, (Wrong(invariant="I2", what="is kept, and nobody has talked with them or said so"),)


def _owned(told: Told, entry: Entry) -> tuple[Told, tuple[Wrong, ...]]:
    if entry.get("by"):
        return told, ()
    return told, (Wrong(invariant="I2", what="is said to be in a person's hands, and nobody is named"),)


_STEPS: dict[str, Step] = {
    **dict.fromkeys(RESTS, _rests),
    "attempt failed": _failed,
    "promise merged": _merged,
    "promise moved": _moved,
    "dialling": _dialling,
    "number locked": _may_ring,
    "number unlocked": _rings_no_more,
    "picked up": _picked_up,
    "promise kept": _kept,
    "promise owned": _owned,
}
