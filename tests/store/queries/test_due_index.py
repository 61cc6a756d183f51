"""When somebody must next look: nothing that is owed falls out of it."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ivr.domain.records.promise import Promise
from ivr.store.change import Change
from ivr.store.queries import due_index
from ivr.store.store import Store


def woken(store: Store, name: str, at: float) -> Promise:
    change = Change(now=0.0)
    promise = Promise(id=name)
    change.schedule(promise, at)
    assert store.commit(change)
    return promise


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
@given(
    wakes=st.dictionaries(st.integers(0, 40), st.integers(0, 100), max_size=20),
    looks=st.lists(st.integers(0, 120), max_size=8),
)
def test_taking_moves_and_never_loses(store: Store, wakes: dict[int, int], looks: list[int]) -> None:
    store.redis.flushall()
    for name, at in wakes.items():
        woken(store, str(name), float(at))
    expected = {f"promise:{n}": float(at) for n, at in wakes.items()}
    for now in sorted(looks):
        due = {m for m, at in expected.items() if at <= now}
        assert set(due_index.take_due(store, float(now), grace_seconds=5)) == due
        expected |= dict.fromkeys(due, now + 5.0)
        assert store.read(due_index.list_scheduled()) == set(expected)
    assert {m: store.read(due_index.get_due_time(m)) for m in expected} == expected


def test_at_most_so_many_are_taken_at_once_the_oldest_first(store: Store) -> None:
    for n in range(5):
        woken(store, str(n), float(n))
    assert due_index.take_due(store, 10.0, grace_seconds=5, limit=2) == ["promise:0", "promise:1"]
    assert store.read(due_index.get_earliest()) == 2.0


def test_what_nobody_need_look_at_any_more_rests(store: Store) -> None:
    promise = woken(store, "p", 7.25)
    due_index.unschedule_if_unchanged(store, promise.key, store.read(due_index.get_due_time(promise.key)))
    assert store.read(due_index.list_scheduled()) == set()
    assert store.read(due_index.get_earliest()) is None


def test_who_asks_for_a_look_while_another_ends_gets_it(store: Store) -> None:
    """A look that finds nothing to do must not take away what was asked for meanwhile."""
    promise = woken(store, "p", 7.0)
    seen = store.read(due_index.get_due_time(promise.key))
    woken(store, "p", 9.0)
    due_index.unschedule_if_unchanged(store, promise.key, seen)
    assert store.read(due_index.get_due_time(promise.key)) == 9.0
