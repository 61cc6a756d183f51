"""What it costs to watch over open promises: a look of the reconciler with 100,000 of them, beside one with a hundred."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from redis import Redis

from ivr.domain.records.promise import Promise
from ivr.services import Services, build_services
from ivr.settings import load_settings
from ivr.store import codec, keys
from ivr.usecases.scheduler import run as scheduler_run
from tests.bench import ground
from tests.bench.figures import Figure, Run, middle, progress, spread
from tests.bench.promising import decide
from tests.bench.twilio_calls import LINE, callers

MANY, FEW = 100_000, 100
DUE = 50  # promises that come due in the same look
BATCH = 5000
HOUR = 3600.0


def measure(run: Run) -> list[Figure]:
    rounds = run.pick(15, 4)
    idle: dict[int, list[float]] = {MANY: [], FEW: []}
    busy: dict[int, list[float]] = {MANY: [], FEW: []}
    with _centre(MANY) as (many, size), _centre(FEW) as (few, _):
        for _ in range(rounds + 1):
            for count, s in ((MANY, many), (FEW, few)):
                idle[count].append(_look(s, 0))
                busy[count].append(_look(s, DUE))
        progress(f"a look: {middle(idle[MANY][1:]):.2f} ms beside {middle(idle[FEW][1:]):.2f} ms")
    return [
        _figure("reconciler: a look at 100,000, nothing due", idle),
        _figure(f"reconciler: {DUE} of 100,000 due, all rung", busy),
        Figure(name="reconciler: memory of one open promise", value=size / 1024, unit=" kB", note=ALL),
    ]


ALL = "with its contact, customer, case, text and journal"


def _figure(name: str, took: dict[int, list[float]]) -> Figure:
    many, few = took[MANY][1:], took[FEW][1:]
    note = f"{middle(many):.2f} ms ({spread(many)}) beside {middle(few):.2f} ms with {FEW}"
    return Figure(name=name, value=middle(many) / middle(few), unit="x", note=note)


@contextmanager
def _centre(count: int) -> Iterator[tuple[Services, float]]:
    """A record in which so many promises are open, none of them due; bytes of memory that a whole one takes."""
    with ground.folder() as place, ground.record(place) as redis:
        env = ground.environment(place, f"unix://{redis.connection_pool.connection_kwargs['path']}")
        s = build_services(load_settings({k: v for k, v in env.items() if k.isupper()}))
        size = _whole(s, redis)
        _fill(s, redis, count)
        yield s, size


def _whole(services: Services, redis: Redis) -> float:
    """Made as they are made, so that their size is known."""
    before, made = _used(redis), 200
    for caller in callers(made, "reconcile"):
        if not services.store.commit(decide(services, caller)):
            raise AssertionError("A promise was not made")
    after = _used(redis)
    redis.flushdb()
    return (after - before) / made


def _used(redis: Redis) -> float:
    return float(redis.info("memory")["used_memory"])


def _fill(services: Services, redis: Redis, count: int) -> None:
    now = services.clock.now()
    made = Promise(
        id="",
        contact="c",
        customer="+12025550155",
        number="+12025550155",
        our_number=LINE,
        queue="support",
        created_at=now,
        due_by=now + 2 * HOUR,
        queued_at=now,
    )
    for first in range(0, count, BATCH):
        pipe = redis.pipeline(transaction=False)
        for n in range(first, min(count, first + BATCH)):
            one = replace(made, id=f"p{n:07}", not_before=now + HOUR + n)
            pipe.hset(one.key, mapping=dict[Any, Any](codec.dump(one)))
            pipe.zadd(keys.DUE, {one.key: one.not_before})
        pipe.execute()
    progress(f"{count} promises are open")


def _look(services: Services, due: int) -> float:
    """Milliseconds of one look."""
    redis = services.store.redis
    members = [f"promise:p{n:07}" for n in range(due)]
    now = services.clock.now()
    if members:
        redis.zadd(keys.DUE, dict.fromkeys(members, now - 1))
    began = time.perf_counter()
    rung = scheduler_run.enqueue_due(services)
    took = (time.perf_counter() - began) * 1000
    if rung != due:
        raise AssertionError(f"{rung} bells were rung, of {due}")
    if members:
        redis.zadd(keys.DUE, dict.fromkeys(members, now + HOUR))
        redis.delete("rq:queue:callbacks")
    return took
