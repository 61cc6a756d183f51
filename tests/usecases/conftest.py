"""A record with nobody at work on it: whatever a test puts there by hand stays as it is."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ivr.cli.serve.embedded_redis import EmbeddedRedis
from ivr.services import Services, build_services
from ivr.settings import load_settings
from ivr.store import keys
from tests.cli.patience import eventually, pings
from tests.conftest import MONDAY_TWO_PM
from tests.memory import in_memory


@pytest.fixture(scope="session")
def at_rest() -> Iterator[dict[str, str]]:
    """Settings of a line of which only the record runs."""
    with tempfile.TemporaryDirectory(prefix="calor-", dir=in_memory()) as folder:
        record = EmbeddedRedis(folder=Path(folder))
        with subprocess.Popen(record.argv(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
            eventually(pings(record.url))
            yield {
                "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
                "TWILIO_AUTH_TOKEN": "0" * 32,
                "TWILIO_API_URL": "http://127.0.0.1:9",
                "PUBLIC_URL": "http://127.0.0.1:9",
                "REDIS_URL": record.url,
                "IVR_CLOCK": "manual",
                "IVR_PHOTOS": str(Path(folder) / "photos"),
            }
            server.kill()


@pytest.fixture
def still(at_rest: dict[str, str], tmp_path: Path) -> Iterator[Services]:
    """A Monday, two in the afternoon in New York; an empty record, and no archive."""
    services = build_services(load_settings({**at_rest, "IVR_EVENT_LOG_ARCHIVE": str(tmp_path / "archive")}))
    services.store.redis.flushall()
    services.store.redis.set(keys.MANUAL_CLOCK, f"{MONDAY_TWO_PM:.3f}")
    services.clock.sync()
    yield services
    services.store.redis.close()
    services.store.redis.connection_pool.disconnect()
