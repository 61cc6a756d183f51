"""What schedulers tell one another: `scheduler_last_run`, `alarm:{name}`, `archiving:{day}`; and the news that something is due."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

from ivr.store import keys
from ivr.store.change import Change
from ivr.store.query import Query, ask, parse_optional_float
from ivr.store.store import Store


def get_last_run() -> Query[float | None]:
    """When a scheduler last ran, epoch seconds; None when none ever did."""
    return ask(("GET", keys.SCHEDULER_LAST_RUN), parse_optional_float)


def set_last_run(at: float, change: Change) -> None:
    change.append_command("SET", keys.SCHEDULER_LAST_RUN, f"{at:.3f}")


def get_alarm_time(name: str) -> Query[float | None]:
    """When supervisors were last told of this alarm, epoch seconds; None when they never were."""
    return ask(("GET", keys.alarm(name)), parse_optional_float)


def set_alarm_time(name: str, at: float, change: Change) -> None:
    change.append_command("SET", keys.alarm(name), f"{at:.3f}")


def claim_archiving(day: float, change: Change, *, ttl_seconds: int) -> None:
    """One scheduler archives the event log on this day; for the others the change is not written. `day`: days since the epoch."""
    change.claim_key(keys.archiving(day), "1", ttl_seconds=ttl_seconds)


@contextlib.contextmanager
def listen_for_due(store: Store, *, seconds: float) -> Iterator[Callable[[], None]]:
    """Yield a function that waits until something is due now, `seconds` at most. Raises what redis-py raises."""
    redis: Any = store.redis
    pubsub = redis.pubsub(ignore_subscribe_messages=True)
    try:
        pubsub.subscribe(keys.DUE_NOW_CHANNEL)
        yield lambda: pubsub.get_message(timeout=seconds)
    finally:
        pubsub.close()
