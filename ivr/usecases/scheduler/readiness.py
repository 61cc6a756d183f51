"""Is the line able to take calls and keep promises? What an outside check asks."""

from __future__ import annotations

from dataclasses import dataclass

from ivr.services import Services
from ivr.store.queries import due_index
from ivr.usecases.outages import spool
from ivr.usecases.scheduler import alarms
from ivr.usecases.scheduler.alarms import Alarm

LATE = 30.0  # seconds; six times the reconciler's grace


@dataclass(frozen=True, kw_only=True)
class Readiness:
    ready: bool
    overdue: float  # seconds that the oldest look is late
    spooled: int = 0  # facts on this disk that are not in the record yet
    why: str = ""
    alarms: tuple[Alarm, ...] = ()


def look(s: Services) -> Readiness:
    """Raises Unavailable."""
    s.clock.follow()
    first = due_index.earliest(s.store)
    overdue = max(0.0, s.clock.now() - first) if first is not None else 0.0
    found = alarms.look(s)
    why = [f"{a.says}. {a.fix}" for a in found if a.grave]
    if overdue > LATE:
        why.append(
            f"Something has been due for {overdue:.0f} s: is `ivr scheduler` running, and the workers?"
        )
    return Readiness(
        ready=not why,
        overdue=overdue,
        spooled=len(spool.waiting(s.settings.spool)),
        why=" ".join(why),
        alarms=found,
    )
