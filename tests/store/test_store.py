"""A change is stored whole or not at all, and only on top of what it was decided on."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from ivr.domain.errors import MemoryFull, Unavailable
from ivr.domain.records.contact import Contact
from ivr.domain.records.promise import Promise, PromiseState, become
from ivr.store import keys
from ivr.store.change import Change
from ivr.store.queries import due_index
from ivr.store.server.connection import connect
from ivr.store.store import Store

NOW = 1_000.0


def stored(store: Store, promise: Promise) -> Promise:
    change = Change(now=NOW)
    made = change.put(None, promise)
    change.schedule(made, NOW)
    assert store.commit(change)
    return made


@contextmanager
def full(store: Store) -> Iterator[None]:
    store.redis.config_set("maxmemory", 1)
    try:
        yield
    finally:
        store.redis.config_set("maxmemory", 0)


def everything(store: Store) -> dict[str, object]:
    return {key: store.redis.dump(key) for key in store.redis.scan_iter()}


def test_a_record_is_read_as_it_was_written_its_revision_counted(store: Store) -> None:
    made = stored(store, Promise(id="p", number="+12025550155"))
    assert store.get(Promise, "p") == made
    assert made.version == 1


def test_all_is_written_or_nothing_when_one_of_several_records_has_moved_on(store: Store) -> None:
    promise = stored(store, Promise(id="p"))
    contact = Contact(id="c")
    first = Change(now=NOW)
    first.put(promise, replace(promise, attempts=1))
    assert store.commit(first)
    before = everything(store)
    late = Change(now=NOW)
    late.put(None, contact)
    late.put(promise, replace(promise, attempts=2))
    late.schedule(contact, NOW)
    late.log_event("never")
    late.join_queue(record_key=contact.key, requirements="n", queue="q", score=1.0, waiting={})
    assert not store.commit(late)
    assert everything(store) == before


def test_what_must_not_exist_yet_is_not_written_over(store: Store) -> None:
    stored(store, Promise(id="p", attempts=4))
    change = Change(now=NOW)
    change.put(None, Promise(id="p"))
    assert not store.commit(change)
    found = store.get(Promise, "p")
    assert found is not None
    assert found.attempts == 4


def test_a_record_that_is_only_expected_must_not_have_moved_on_either(store: Store) -> None:
    promise = stored(store, Promise(id="p"))
    look = Change(now=NOW)
    look.expect(promise)
    look.schedule(promise, NOW + 60)
    ended = Change(now=NOW)
    ended.unschedule(ended.put(promise, become(promise, PromiseState.DECLINED)))
    assert store.commit(ended)
    assert not store.commit(look)
    assert promise.key not in store.read(due_index.list_scheduled())


def test_a_record_put_twice_in_a_change_counts_as_it_was_read_and_as_it_ends(store: Store) -> None:
    promise = stored(store, Promise(id="p"))
    change = Change(now=NOW)
    once = change.put(promise, replace(promise, attempts=1))
    change.put(once, replace(once, attempts=2))
    assert store.commit(change)
    found = store.get(Promise, "p")
    assert found is not None
    assert (found.attempts, found.version) == (2, 2)


def test_what_is_to_happen_once_happens_once(store: Store) -> None:
    for expected in (True, False):
        change = Change(now=NOW)
        change.claim_key(keys.text_reply("SM1"), "answer", ttl_seconds=60)
        change.append_command("INCR", "times")
        assert store.commit(change) is expected
    assert store.redis.get("times") == "1"
    assert store.redis.get(keys.text_reply("SM1")) == "answer"


def add_attempt(store: Store, seen: Promise | None) -> bool:
    """Write one more attempt, if this is still the newest version."""
    assert seen is not None
    change = Change(now=NOW)
    change.put(seen, replace(seen, attempts=seen.attempts + 1))
    return store.commit(change)


@pytest.mark.parametrize("writers", [2, 8])
def test_of_writers_who_race_each_decides_on_what_the_last_one_wrote(
    url: str, store: Store, writers: int
) -> None:
    """Everyone adds 25 attempts by compare-and-set; none is lost, none counted twice. All read before the first writes."""
    stored(store, Promise(id="p"))
    start = threading.Barrier(writers, timeout=30)
    lost = []

    def write() -> None:
        mine = Store(connect(url))
        seen = mine.get(Promise, "p")
        start.wait()
        for _ in range(25):
            while not add_attempt(mine, seen):
                lost.append(seen)
                seen = mine.get(Promise, "p")
            seen = mine.get(Promise, "p")
        mine.redis.connection_pool.disconnect()

    threads = [threading.Thread(target=write) for _ in range(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = store.get(Promise, "p")
    assert found is not None
    assert (found.attempts, found.version) == (25 * writers, 25 * writers + 1)
    assert len(lost) >= writers - 1, "of those who read the same version one writes"


def test_what_was_changed_in_memory_before_it_was_put_is_written_too(store: Store) -> None:
    read = store.get(Promise, stored(store, Promise(id="p", number="+12025550155", reason="the bill")).id)
    assert read is not None
    at_hand = replace(read, reason="", attempts=2)
    change = Change(now=NOW)
    change.put(at_hand, replace(at_hand, name="Ann"))
    assert store.commit(change)
    assert store.get(Promise, "p") == replace(at_hand, name="Ann", version=2)


def test_a_record_is_changed_again_without_being_read_again(store: Store) -> None:
    made = stored(store, Promise(id="p", reason="the bill", attempts=1))
    for steps in ({"reason": "", "attempts": 2}, {"attempts": 0, "name": "Ann"}, {"reason": "more"}):
        change = Change(now=NOW)
        made = change.put(made, replace(made, **steps))
        assert store.commit(change)
        assert store.get(Promise, "p") == made
    assert store.redis.hlen("promise:p") == len({"id", "version", "state", "name", "reason"})


def test_a_change_that_was_not_written_leaves_its_record_to_be_written_whole(store: Store) -> None:
    made = stored(store, Promise(id="p", reason="the bill"))
    lost = Change(now=NOW)
    never = lost.put(replace(made, version=7), replace(made, reason="", name="Ann"))
    assert not store.commit(lost)
    change = Change(now=NOW)
    kept = change.put(replace(never, version=1), replace(never, version=1))
    assert store.commit(change)
    assert store.get(Promise, "p") == kept
    assert kept.name == "Ann"


def test_of_two_who_make_the_same_record_one_does(url: str, store: Store) -> None:
    won = []
    start = threading.Barrier(4)

    def make() -> None:
        mine = Store(connect(url))
        change = Change(now=NOW)
        change.put(None, Contact(id="c", call=str(threading.get_ident())))
        start.wait()
        won.append(mine.commit(change))
        mine.redis.connection_pool.disconnect()

    threads = [threading.Thread(target=make) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(won) == [False, False, False, True]


def test_when_memory_is_full_nothing_new_is_owed_and_what_is_owed_goes_on(store: Store) -> None:
    promise = stored(store, Promise(id="p"))
    with full(store):
        new = Change(now=NOW, makes_promise=True)
        new.put(None, Promise(id="q"))
        with pytest.raises(MemoryFull):
            store.commit(new)
        step = Change(now=NOW)
        due = step.put(promise, become(promise, PromiseState.DUE))
        step.schedule(due, NOW + 1)
        step.log_event("due", promise="p")
        assert store.commit(step)
        assert due_index.take_due(store, NOW + 2, grace_seconds=5) == ["promise:p"]
    assert store.get(Promise, "q") is None
    found = store.get(Promise, "p")
    assert found is not None
    assert found.state is PromiseState.DUE


def test_nothing_that_is_owed_has_an_end_date(store: Store) -> None:
    promise = stored(store, Promise(id="p"))
    change = Change(now=NOW)
    change.join_queue(record_key=promise.key, requirements="n", queue="q", score=1.0, waiting={})
    change.log_event("promised", promise="p")
    assert store.commit(change)
    ends = {key for key in store.redis.scan_iter() if store.redis.ttl(key) != -1}
    assert ends == {keys.counters(store.format_day(NOW))}, "figures of a day are owed to nobody"


def test_a_change_that_makes_something_due_rings_the_bell_at_once(store: Store) -> None:
    redis: Any = store.redis
    pubsub = redis.pubsub(ignore_subscribe_messages=True)
    pubsub.subscribe(keys.DUE_NOW_CHANNEL)
    pubsub.get_message(timeout=1)
    stored(store, Promise(id="p"))
    assert pubsub.get_message(timeout=1) is not None
    later = Change(now=NOW)
    later.schedule(later.put(None, Promise(id="q")), NOW + 1)
    assert store.commit(later)
    assert pubsub.get_message(timeout=0.05) is None
    pubsub.close()


def test_a_record_that_cannot_be_reached_is_one_error_to_everybody_above() -> None:
    away = Store(connect("redis://127.0.0.1:1", timeout_seconds=0.2))
    with pytest.raises(Unavailable, match="cannot be reached"):
        away.get(Promise, "p")
    with pytest.raises(Unavailable):
        away.commit(Change(now=NOW))
