"""What a stage does to a database of its own, on which the demo and the tests run: its clock, an empty start, and whether work remains."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ivr.store import keys
from ivr.store.store import Store

_SET_CLOCK = f"#!lua flags=allow-oom\nreturn redis.call('SET', '{keys.MANUAL_CLOCK}', ARGV[1])"
# the clock; jobs queued, taken and running; when the next record is due; how many are due within ARGV
_FIND_WORK = """#!lua flags=no-writes
local work = 0
for i = 3, #KEYS, 3 do
  work = work + redis.call('LLEN', KEYS[i]) + redis.call('LLEN', KEYS[i + 1]) + redis.call('ZCARD', KEYS[i + 2])
end
local first = redis.call('ZRANGE', KEYS[2], 0, 0, 'WITHSCORES')
return {redis.call('GET', KEYS[1]), work, first[2] or false, redis.call('ZCOUNT', KEYS[2], ARGV[1], ARGV[2])}
"""


@dataclass(frozen=True, kw_only=True)
class OpenWork:
    """`clock`: the time as it is stored; `job_count`: jobs queued, taken or running; `due_at`: when the next record is due, None = never.

    `due_in_span`: how many records are due in the span that was asked about.
    """

    clock: str | None
    job_count: int
    due_at: float | None
    due_in_span: int


class WorkFinder:
    """Finds what remains to be done, in one command: a stage asks some fifty times a second."""

    def __init__(self, store: Store, job_keys: Sequence[str]) -> None:
        """`job_keys`: as `JobQueues.list_work_keys` gives them."""
        self._script: Any = store.redis.register_script(_FIND_WORK)
        self._keys = [keys.MANUAL_CLOCK, keys.DUE, *job_keys]

    def find(self, since: float, until: float) -> OpenWork:
        """`since`, `until`: the span of due times to count, epoch seconds."""
        clock, job_count, due, due_in_span = self._script(keys=self._keys, args=[since, until])
        return OpenWork(
            clock=clock, job_count=job_count, due_at=float(due) if due else None, due_in_span=due_in_span
        )


def list_first_due(store: Store, limit: int) -> list[tuple[str, float]]:
    """The records that are due first, and when."""
    found: Any = store.redis.zrange(keys.DUE, 0, limit - 1, withscores=True)
    return list(found)


def get_clock(store: Store) -> float:
    """The time as the stage has set it, epoch seconds; 0 while it has not."""
    return float(store.redis.get(keys.MANUAL_CLOCK) or 0.0)


def set_clock(store: Store, at: float) -> None:
    """Set the time, also when memory is full."""
    store.redis.eval(_SET_CLOCK, 0, f"{at:.3f}")


def clear(store: Store, kept_prefixes: Iterable[str]) -> None:
    """Delete everything but the clock, and keys that begin with one of `kept_prefixes`."""
    kept = (keys.MANUAL_CLOCK, *kept_prefixes)
    names = [key for key in store.redis.scan_iter(count=1000) if not key.startswith(kept)]
    if names:
        store.redis.delete(*names)


def wake_scheduler(store: Store) -> None:
    """Have a scheduler look now, and not at its next turn."""
    store.redis.publish(keys.DUE_NOW_CHANNEL, "")
