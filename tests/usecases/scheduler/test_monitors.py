"""The reconciler's own beats, on a Redis server's clock."""

from __future__ import annotations

from ivr.services import Services
from ivr.store import keys
from ivr.usecases.scheduler.monitors import Watch
from tests.conftest import MONDAY_TWO_PM

HOUR = 3600.0


def looked(s: Services, watch: Watch, at: float) -> float:
    """Until when somebody looked, as it stands after a look at this time."""
    s.store.redis.set(keys.CLOCK, f"{at:.3f}")
    s.clock.follow()
    watch.look(s)
    return float(s.store.redis.get(keys.LOOKED) or 0.0)


def test_a_server_that_took_over_and_is_behind_is_looked_after_at_once(still: Services) -> None:
    watch = Watch()
    assert looked(still, watch, MONDAY_TWO_PM) == MONDAY_TWO_PM
    looked(still, watch, MONDAY_TWO_PM - HOUR)
    later = MONDAY_TWO_PM - HOUR + Watch.BEAT
    assert looked(still, watch, later) == later
