"""A process that was stopped between the intent on disk and the call does not make it: by then nobody knows what else has happened."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

from ivr.cli.demo.stage import Stage
from ivr.domain.records.promise import PromiseState
from ivr.store.server.connection import connect
from ivr.store.store import Store
from ivr.usecases.callbacks import dial as callback_dial
from tests.cli.patience import eventually
from tests.endurance.chaos.messages import redis_command
from tests.endurance.chaos.proxy import Proxies, Proxy, Trap, When
from tests.stories.callbacks.about_to_ring import about_to_ring_her, kept_with_one_call
from tests.stories.callbacks.owed import rang_last, rung, state, the_promise
from tests.stories.callbacks.test_exactly_once import WORDLESS, stopped, the_agent_accepts

STALLED = callback_dial.MAX_STALL_SECONDS + 0.2  # real seconds: what is tried here is a process's own time


def test_a_process_that_was_stopped_before_the_call_looks_first_and_it_is_made_once(stage: Stage) -> None:
    about_to_ring_her(stage, WORDLESS)
    with stopped(stage, "callbacks"):
        the_agent_accepts(stage)
        eventually(lambda: state(stage) is PromiseState.DIALING)
        waited, began = _dialled_slowly(stage), stage.now
        assert waited >= STALLED
        assert the_promise(stage).intent_at == began
        assert rung(stage) == 0
    kept_with_one_call(stage)
    assert rang_last(stage)[0] - began >= stage.settings.recheck_seconds


def _dialled_slowly(stage: Stage) -> float:
    """The answer to the change that says so is on its way for longer than a process may stall. Real seconds that it took."""
    proxies = Proxies()
    proxy = proxies.add(Proxy(part="dial", back=_address(stage), split=redis_command))
    proxy.trap = Trap(at=1, when=When.AFTER, seconds=STALLED, counts=lambda m: b"number locked" in m.raw)
    store = Store(connect(f"redis://127.0.0.1:{proxy.port}/0", timeout_seconds=60), manual_clock=True)
    try:
        slow = replace(stage.services, store=store)
        slow.clock.sync()
        began = time.monotonic()
        callback_dial.process_due(slow, the_promise(stage))
        return time.monotonic() - began
    finally:
        store.redis.close()
        store.redis.connection_pool.disconnect()
        proxies.close()


def _address(stage: Stage) -> Path:
    return Path(stage.settings.redis_url.removeprefix("unix://"))
