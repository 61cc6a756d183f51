"""Servers behind Sentinel, for real: who is followed, and what may be told when replicas are silent or gone."""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import RedisError

from ivr.domain.errors import NoReplicas, NotReplicated, Unavailable
from ivr.domain.records.promise import Promise
from ivr.store.change import Change
from ivr.store.server import standby
from ivr.store.server.connection import connect
from ivr.store.store import Store
from tests.cli.patience import eventually
from tests.endurance.failover.servers import Servers, servers
from tests.memory import in_memory

NOW = 1_000.0


@pytest.fixture(scope="module")
def running() -> Iterator[Servers]:
    with (
        tempfile.TemporaryDirectory(prefix="calor-", dir=in_memory()) as folder,
        servers(Path(folder), count=2) as made,
    ):
        yield made


@pytest.fixture
def whole(running: Servers) -> Servers:
    """A primary with its replica."""
    eventually(lambda: running.in_step(1))
    return running


def owing(name: str) -> Change:
    change = Change(now=NOW, makes_promise=True)
    change.put(None, Promise(id=name, contact="c", case="k", customer="+12025550155", number="+12025550155"))
    return change


def plain(name: str) -> Change:
    change = owing(name)
    change.makes_promise = False
    return change


def store_at(url: str) -> Store:
    return Store(connect(url), replicas=1)


def tell(store: Store, name: str) -> None:
    """Make a promise, and wait until it may be told: a busy machine's replica may need longer than a caller waits."""

    def made() -> bool:
        try:
            return store.commit(owing(name))
        except NoReplicas:  # nothing was written
            return False

    try:
        eventually(made)
    except NotReplicated:
        eventually(lambda: _sure(store))


def _sure(store: Store) -> bool:
    try:
        store.confirm_on_replicas()
    except NotReplicated:
        return False
    return True


def there(store: Store, name: str) -> bool:
    return store.get(Promise, name) is not None


def test_what_replicas_do_not_confirm_stands_but_may_not_be_told(whole: Servers) -> None:
    """Three ways of it: a replica that hangs, the same promise seen again, and a replica that is gone."""
    store = store_at(whole.url)
    tell(store, "before")
    assert standby.find_missing_replicas(store.redis, 1) == []
    assert "no replica to spare" in standby.list_advice(store.redis, 1)[0].problem
    assert "nobody waits for" in standby.list_advice(store.redis, 0)[0].problem
    (replica,) = [port for port in whole.ports if port != whole.primary()]
    whole.hang(replica)
    try:
        with pytest.raises(NotReplicated):
            store.commit(owing("silent"))
        assert there(store, "silent")
        assert not store.commit(owing("silent"))  # once more: it changes nothing
        with pytest.raises(NotReplicated):
            store_at(whole.url).confirm_on_replicas()  # nor may it be told by whoever finds it made
        assert store.commit(plain("a call goes on"))
    finally:
        whole.go_on(replica)
    eventually(lambda: _sure(store))
    whole.kill(replica)
    try:
        eventually(lambda: _replicas(whole) == 0)
        with pytest.raises(NoReplicas):
            store.commit(owing("gone"))
        assert "has 0 replicas that keep up" in standby.find_missing_replicas(store.redis, 1)[0].problem
        assert not there(store, "gone")  # nothing was written: the caller stays in line
        assert store.commit(plain("a call goes on without"))
    finally:
        whole.serve(replica, of=whole.primary())


def _replicas(whole: Servers) -> int:
    redis = Redis(port=whole.primary(), decode_responses=True)
    try:
        return int(redis.info("replication")["connected_slaves"])
    finally:
        redis.close()


def test_another_takes_over_from_a_primary_that_hangs_and_nothing_that_was_told_is_lost(
    whole: Servers,
) -> None:
    """Killed ones, with a whole line on them: `make failover`."""
    store, raw = store_at(whole.url), connect(whole.url, decode_responses=False)
    primary = whole.primary()
    old = store_at(f"redis://127.0.0.1:{primary}/0")
    names = [f"p{n}" for n in range(20)]
    eventually(lambda: _tells(store))  # its replica may be coming back from the test before
    for name in names:
        tell(store, name)
    assert raw.get("nothing") is None  # connected
    whole.hang(primary)
    try:
        eventually(lambda: whole.primary() not in (0, primary))
        eventually(lambda: _works(store))
        assert all(there(store, name) for name in names)
        eventually(
            lambda: _has(raw, b"promise:p0")
        )  # each connection that was open to it finds out for itself
        with pytest.raises(NoReplicas):  # the one that is left has no replica: nothing new is told
            store.commit(owing("alone"))
    finally:
        whole.go_on(primary)
    with pytest.raises(Unavailable):  # unconfirmed, without replicas, or a replica itself by now
        old.commit(owing("split"))
    assert not there(store, "split")


def _tells(store: Store) -> bool:
    try:
        return store.commit(owing(f"first{secrets.token_hex(3)}"))
    except (Unavailable, NoReplicas, NotReplicated):
        return False


def _has(raw: Redis, key: bytes) -> bool:
    try:
        return bool(raw.exists(key))
    except RedisError:
        return False


def _works(store: Store) -> bool:
    try:
        store.clock.sync()
    except Unavailable:
        return False
    return True
