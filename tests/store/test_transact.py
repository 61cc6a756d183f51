"""Read, decide, write; and decide anew when somebody else wrote first."""

from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path

import pytest

from ivr.domain.errors import Contention
from ivr.domain.records.promise import Promise
from ivr.store import keys
from ivr.store.change import Change
from ivr.store.server.connection import connect
from ivr.store.store import MAX_ATTEMPTS, Store

PROJECT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def promise(store: Store) -> Promise:
    for change in store.transact():
        made = change.put(None, Promise(id="p"))
    return made


def read(store: Store) -> Promise:
    found = store.get(Promise, "p")
    assert found is not None
    return found


def count_attempt(store: Store, change: Change) -> Promise:
    seen = read(store)
    return change.put(seen, replace(seen, attempts=seen.attempts + 1))


def test_after_the_loop_it_is_written(store: Store) -> None:
    for change in store.transact():
        written = count_attempt(store, change)
    assert read(store) == written
    assert written.attempts == 1


def test_who_lost_decides_anew_on_what_the_other_wrote(store: Store) -> None:
    retries = []
    for change in store.transact():
        retries.append(change.is_retry)
        count_attempt(store, change)
        if not change.is_retry:
            for other in store.transact():
                count_attempt(store, other)
    assert retries == [False, True]
    assert read(store).attempts == 2


def leave_by_return(store: Store) -> None:
    for change in store.transact():
        count_attempt(store, change)
        return


def leave_by_break(store: Store) -> None:
    for change in store.transact():
        count_attempt(store, change)
        break


def leave_by_exception(store: Store) -> None:
    for change in store.transact():
        count_attempt(store, change)
        raise LookupError


@pytest.mark.parametrize("leave", [leave_by_return, leave_by_break])
def test_who_leaves_the_body_writes_nothing(store: Store, leave: object) -> None:
    assert callable(leave)
    leave(store)
    assert read(store).attempts == 0


def test_an_exception_writes_nothing(store: Store) -> None:
    with pytest.raises(LookupError):
        leave_by_exception(store)
    assert read(store).attempts == 0


def test_who_goes_on_has_decided(store: Store) -> None:
    for change in store.transact():
        count_attempt(store, change)
        continue
    assert read(store).attempts == 1


def test_nothing_is_written_when_nothing_follows(store: Store, promise: Promise) -> None:
    before = store.redis.info("commandstats").get("cmdstat_evalsha", {}).get("calls", 0)
    for change in store.transact():
        change.expect(promise)
    assert store.redis.info("commandstats").get("cmdstat_evalsha", {}).get("calls", 0) == before


def be_beaten_every_time(store: Store) -> None:
    for change in store.transact():
        count_attempt(store, change)
        for other in store.transact():
            count_attempt(store, other)


def test_who_is_beaten_every_time_is_told(store: Store) -> None:
    with pytest.raises(Contention):
        be_beaten_every_time(store)
    assert read(store).attempts == MAX_ATTEMPTS


def test_a_hand_driven_clock_is_read_before_each_decision(store: Store, url: str) -> None:
    driven = Store(connect(url), manual_clock=True)
    moments = []
    for moment in (5.0, 7.0):
        store.redis.set(keys.MANUAL_CLOCK, str(moment))
        moments += [change.now for change in driven.transact()]
    assert moments == [5.0, 7.0]
    driven.redis.connection_pool.disconnect()


def test_nobody_ignores_whether_a_commit_was_written() -> None:
    """Where it does not matter the name says so: `commit_best_effort`."""
    ignored = [
        f"{path}:{statement.lineno}"
        for folder in ("ivr", "workers")
        for path in (PROJECT / folder).rglob("*.py")
        if path.name != "store.py"
        for statement in ast.walk(ast.parse(path.read_text()))
        if isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Call)
        and isinstance(statement.value.func, ast.Attribute)
        and statement.value.func.attr == "commit"
    ]
    assert ignored == []
