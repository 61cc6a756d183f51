"""A private embedded server for the tests of the record: empty for each."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ivr.cli.serve.embedded_redis import EmbeddedRedis
from ivr.store.server.connection import connect
from ivr.store.store import Store
from tests.cli.patience import eventually, pings
from tests.memory import in_memory


@pytest.fixture(scope="session")
def url() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="calor-", dir=in_memory()) as folder:
        record = EmbeddedRedis(folder=Path(folder))
        with subprocess.Popen(record.argv(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
            eventually(pings(record.url))
            yield record.url
            server.kill()


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    store = Store(connect(url))
    store.redis.flushall()
    store.redis.config_set("maxmemory", 0)
    yield store
    store.redis.close()
    store.redis.connection_pool.disconnect()
