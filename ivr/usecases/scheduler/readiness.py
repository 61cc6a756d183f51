"""Is the line able to take calls and keep promises? What an outside check asks."""

from __future__ import annotations

from dataclasses import dataclass

from ivr.services import Services
from ivr.store.queries import due_index
from ivr.usecases.outages import spool
from ivr.usecases.scheduler import alarms
from ivr.usecases.scheduler.alarms import Alarm

MAX_OVERDUE_SECONDS = 30.0  # seconds; six times the scheduler's grace


@dataclass(frozen=True, kw_only=True)
class Readiness:
    ready: bool
    overdue_seconds: float  # seconds that the oldest look is late
    spooled: int = 0  # facts on this disk that are not in Redis yet
    why: str = ""
    alarms: tuple[Alarm, ...] = ()


def get_readiness(services: Services) -> Readiness:
    """Raises Unavailable."""
    services.clock.sync()
    first = services.store.read(due_index.get_earliest())
    overdue = max(0.0, services.clock.now() - first) if first is not None else 0.0
    found = alarms.list_alarms(services)
    why = [f"{a.message}. {a.fix}" for a in found if a.grave]
    if overdue > MAX_OVERDUE_SECONDS:
        why.append(
            f"Something has been due for {overdue:.0f} s: is `ivr scheduler` running, and the workers?"
        )
    return Readiness(
        ready=not why,
        overdue_seconds=overdue,
        spooled=len(spool.list_facts(services.settings.spool)),
        why=" ".join(why),
        alarms=found,
    )
