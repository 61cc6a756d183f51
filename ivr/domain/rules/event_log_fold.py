"""What the event log tells, folded event by event: how far each promise has come by its account, and what cannot be right about it.

The event log is judged without the records, and they without it; so neither can hide what the other has lost.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum


@dataclass(frozen=True, kw_only=True)
class LogEntry:
    """One line of the event log: ids and codes. `at`: epoch seconds."""

    id: str
    event: str
    at: float
    fields: Mapping[str, str] = field(default_factory=dict)

    def get(self, name: str) -> str:
        return self.fields.get(name, "")


class PromisePhase(StrEnum):
    UNKNOWN = "unknown"  # it began before the event log does
    WAITING = "resting"
    DIALING = "dialling"
    TALKING = "talking"
    MERGED = "merged"


@dataclass(frozen=True, kw_only=True)
class PromiseHistory:
    """What has been told of an open promise so far."""

    promise: str
    phase: PromisePhase = PromisePhase.WAITING
    from_beginning: bool = True  # told from its beginning
    fence: int = 0  # the highest under which it was dialed
    ringing_fence: int = 0  # the fence under which the customer's phone may ring now; 0 = none
    contacts: frozenset[str] = frozenset()  # those whose talk would keep it
    talked: bool = False  # somebody talked with the customer, or gave their word that they did


@dataclass(frozen=True, kw_only=True)
class Inconsistency:
    invariant: str
    problem: str


PROMISED_EVENT = "promised"
END_EVENTS = {"promise kept": "kept", "promise declined": "declined", "promise owned": "owned"}
WAITING_EVENTS = ("promise made", "promise due", "promise escalated", "escalated")
OPEN_PROMISE_EVENTS = frozenset(
    {
        *END_EVENTS,
        *WAITING_EVENTS,
        "attempt failed",
        "promise merged",
        "dialling",
        "number locked",
        "picked up",
    }
)
"""Events that only an open promise can have."""

FoldStep = Callable[[PromiseHistory, LogEntry], tuple[PromiseHistory, tuple[Inconsistency, ...]]]


def start_history(entry: LogEntry) -> PromiseHistory:
    return PromiseHistory(promise=entry.get("promise"), contacts=frozenset({entry.get("contact")} - {""}))


def start_unknown_history(promise_id: str) -> PromiseHistory:
    """One that began before the event log: nothing of its past is held against it."""
    return PromiseHistory(promise=promise_id, phase=PromisePhase.UNKNOWN, from_beginning=False)


def apply_entry(history: PromiseHistory, entry: LogEntry) -> tuple[PromiseHistory, tuple[Inconsistency, ...]]:
    """One event further. An event that says nothing of a promise's life changes nothing."""
    step = _STEPS.get(entry.event)
    return step(history, entry) if step else (history, ())


def mark_talked(history: PromiseHistory) -> PromiseHistory:
    """Somebody talked with them, or says so, in a contact that carries the promise."""
    return replace(history, talked=True)


def _apply_waiting(history: PromiseHistory, _: LogEntry) -> tuple[PromiseHistory, tuple[Inconsistency, ...]]:
    return replace(history, phase=PromisePhase.WAITING), ()


def _apply_failed_attempt(
    history: PromiseHistory, _: LogEntry
) -> tuple[PromiseHistory, tuple[Inconsistency, ...]]:
    return replace(
        history, phase=PromisePhase.WAITING, talked=False
    ), ()  # whoever picked up was a machine, or somebody else


def _apply_merged(
    history: PromiseHistory, entry: LogEntry
) -> tuple[PromiseHistory, tuple[Inconsistency, ...]]:
    contacts = history.contacts | ({entry.get("contact")} - {""})
    return replace(history, phase=PromisePhase.MERGED, contacts=contacts), ()


def _apply_dialing(
    history: PromiseHistory, entry: LogEntry
) -> tuple[PromiseHistory, tuple[Inconsistency, ...]]:
    fence = int(entry.get("fence") or 0)
    wrong = []
    if history.phase in (PromisePhase.DIALING, PromisePhase.TALKING):
        wrong.append(Inconsistency(invariant="I4", problem=f"is dialled again while it is {history.phase}"))
    if fence <= history.fence:
        wrong.append(
            Inconsistency(
                invariant="I4",
                problem=f"is dialled under fence {fence} after {history.fence}: a fence may only rise",
            )
        )
    contacts = history.contacts | ({entry.get("contact")} - {""})
    dialling = replace(
        history, phase=PromisePhase.DIALING, fence=max(fence, history.fence), contacts=contacts
    )
    return dialling, tuple(wrong)


def _apply_number_locked(
    history: PromiseHistory, entry: LogEntry
) -> tuple[PromiseHistory, tuple[Inconsistency, ...]]:
    fence = int(entry.get("fence") or 0)
    wrong = []
    if history.ringing_fence:
        wrong.append(Inconsistency(invariant="I4", problem="is rung while their phone may still ring for it"))
    if fence < history.fence:
        what = f"is rung under fence {fence} although {history.fence} stands"
        wrong.append(Inconsistency(invariant="I4", problem=what))
    return replace(history, ringing_fence=fence), tuple(wrong)


def _apply_number_unlocked(
    history: PromiseHistory, entry: LogEntry
) -> tuple[PromiseHistory, tuple[Inconsistency, ...]]:
    fence = int(entry.get("fence") or 0)
    return (replace(history, ringing_fence=0) if fence == history.ringing_fence else history), ()


def _apply_rescheduled(
    history: PromiseHistory, _: LogEntry
) -> tuple[PromiseHistory, tuple[Inconsistency, ...]]:
    """Perhaps to another telephone; the earlier one is told to stop and need not be waited for."""
    return replace(history, ringing_fence=0), ()


def _apply_picked_up(
    history: PromiseHistory, _: LogEntry
) -> tuple[PromiseHistory, tuple[Inconsistency, ...]]:
    wrong: tuple[Inconsistency, ...] = ()
    if history.phase is PromisePhase.TALKING:
        wrong = (Inconsistency(invariant="I4", problem="is picked up a second time during one talk"),)
    elif history.phase not in (PromisePhase.DIALING, PromisePhase.UNKNOWN):
        wrong = (
            Inconsistency(
                invariant="I4", problem=f"is picked up while it is {history.phase}: nobody was dialling"
            ),
        )
    return replace(history, phase=PromisePhase.TALKING, talked=True), wrong


def _apply_kept(history: PromiseHistory, _: LogEntry) -> tuple[PromiseHistory, tuple[Inconsistency, ...]]:
    if history.talked or not history.from_beginning:
        return history, ()
    return history, (
        Inconsistency(invariant="I2", problem="is kept, and nobody has talked with them or said so"),
    )


def _apply_owned(
    history: PromiseHistory, entry: LogEntry
) -> tuple[PromiseHistory, tuple[Inconsistency, ...]]:
    if entry.get("by"):
        return history, ()
    return history, (
        Inconsistency(invariant="I2", problem="is said to be in a person's hands, and nobody is named"),
    )


_STEPS: dict[str, FoldStep] = {
    **dict.fromkeys(WAITING_EVENTS, _apply_waiting),
    "attempt failed": _apply_failed_attempt,
    "promise merged": _apply_merged,
    "promise moved": _apply_rescheduled,
    "dialling": _apply_dialing,
    "number locked": _apply_number_locked,
    "number unlocked": _apply_number_unlocked,
    "picked up": _apply_picked_up,
    "promise kept": _apply_kept,
    "promise owned": _apply_owned,
}
