"""A call that is about to be made, and the processes that make it."""

from __future__ import annotations

import os
import signal

from ivr.cli.demo.stage import Stage
from ivr.domain.records.promise import NumberLock, Promise, PromiseState
from tests.stories.callbacks.owed import (
    KEEPS_IT,
    PICKS_UP,
    holds,
    promised,
    rung,
    until,
)
from tests.stories.people import (
    DIANE,
    LORI,
    Script,
)


def about_to_ring_her(stage: Stage, script: Script = KEEPS_IT) -> None:
    """An agent's phone rings for the promise: the next call that is started is the customer's."""
    promised(stage)
    stage.set_phone(LORI, name="Lori", script=PICKS_UP)
    stage.add_agent("Diane", DIANE, script)
    until(stage, 60, PromiseState.RINGING)
    stage.play(1)


def kill(stage: Stage, name: str) -> None:
    """As a crash does. What RQ believes of the job that died with its worker is of no use to anybody."""
    os.kill(stage.line_supervisor.pid(name), signal.SIGKILL)
    lose_jobs(stage, name)


def lose_jobs(stage: Stage, queue: str) -> None:
    redis = stage.services.store.redis
    redis.delete(f"rq:queue:{queue}", f"rq:wip:{queue}")


def kept_with_one_call(stage: Stage, seconds: float = 400) -> Promise:
    promise = until(stage, seconds, PromiseState.KEPT)
    stage.play(300)
    assert rung(stage) == 1
    holds(stage)
    held = stage.services.store.get(NumberLock, LORI)
    assert held is not None
    assert not held.promise, "her number is nobody's any more"
    return promise
