"""The reconciler's own beats, on a Redis server's clock."""

from __future__ import annotations

from ivr.services import Services
from ivr.store import keys
from ivr.usecases.scheduler.monitors import SchedulerMonitor
from tests.conftest import MONDAY_TWO_PM

HOUR = 3600.0


def looked(services: Services, watch: SchedulerMonitor, at: float) -> float:
    """Until when somebody looked, as it stands after a look at this time."""
    services.store.redis.set(keys.MANUAL_CLOCK, f"{at:.3f}")
    services.clock.sync()
    watch.check(services)
    return float(services.store.redis.get(keys.SCHEDULER_LAST_RUN) or 0.0)


def test_a_server_that_took_over_and_is_behind_is_looked_after_at_once(still: Services) -> None:
    watch = SchedulerMonitor()
    assert looked(still, watch, MONDAY_TWO_PM) == MONDAY_TWO_PM
    looked(still, watch, MONDAY_TWO_PM - HOUR)
    later = MONDAY_TWO_PM - HOUR + SchedulerMonitor.HEARTBEAT_SECONDS
    assert looked(still, watch, later) == later
