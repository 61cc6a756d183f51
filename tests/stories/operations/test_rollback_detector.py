"""A record that has lost its last seconds, as after a failover: the line sees it, asks Twilio, and goes on by itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ivr.cli.demo.stage import Stage
from ivr.domain.records.quarantine import QuarantineState
from ivr.store import keys
from ivr.usecases.quarantine import state as quarantine_state
from ivr.usecases.quarantine.rollback_detector import FILE_NAME, RollbackDetector
from tests.stories.callbacks.owed import journal, promised


def last_entry(stage: Stage) -> str:
    redis: Any = stage.services.store.redis
    ((name, _),) = redis.xrevrange(keys.EVENT_LOG, count=1)
    return str(name)


def saw_last_entry(stage: Stage) -> bool:
    """Whether the scheduler has noted that entry: it looks every ten seconds."""
    noted = stage.settings.spool / FILE_NAME
    return noted.exists() and json.loads(noted.read_text())["last_entry_id"] == last_entry(stage)


def test_a_record_that_went_back_by_seconds_is_looked_through_and_goes_on(stage: Stage) -> None:
    promised(stage)
    stage.play(30)
    redis: Any = stage.services.store.redis
    assert stage.play(60, until=lambda: saw_last_entry(stage))
    redis.xdel(keys.EVENT_LOG, last_entry(stage))
    assert stage.play(60, until=lambda: bool(journal(stage, "quarantine lifted")))
    (begun,) = journal(stage, "quarantine begun")
    assert begun
    assert quarantine_state.get_current(stage.services.store) is None
    held: Any = redis.hgetall("quarantine:line")
    assert held["state"] == QuarantineState.LIFTED
    assert held["lifted_by"].startswith("the line")


@pytest.mark.usefixtures("by_hand")
def test_a_reconciler_that_restarts_knows_an_older_record_and_an_empty_one_is_a_new_one(
    stage: Stage, tmp_path: Path
) -> None:
    promised(stage)
    s = stage.services
    stage.play(12)
    s.clock.sync()
    RollbackDetector(tmp_path).check(s)
    redis: Any = s.store.redis
    name = redis.get(keys.DATABASE_ID)
    first, *_ = redis.xrange(keys.EVENT_LOG)
    redis.delete(keys.EVENT_LOG)
    redis.xadd(keys.EVENT_LOG, first[1], id=first[0])
    redis.set(keys.DATABASE_ID, "another")
    RollbackDetector(tmp_path).check(s)
    assert quarantine_state.get_current(s.store) is None, "another record is no older one"
    (tmp_path / FILE_NAME).write_text(
        json.dumps({"dataset_id": name, "last_entry_id": f"{int(first[0].split('-')[0]) + 9e6:.0f}-0"})
    )
    redis.set(keys.DATABASE_ID, name)
    RollbackDetector(tmp_path).check(s)
    held = quarantine_state.get_current(s.store)
    assert held is not None
    assert held.reason == "the record went back by 9000 s"
    assert not held.small_loss, "hours are for a person"
    assert held.record_from == float(first[1]["at"])
