"""Twilio with photos, and whoever posts them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ivr.services import build_services
from ivr.settings import load_settings
from ivr.store import keys
from tests.conftest import MONDAY_TWO_PM
from tests.telephony.emulated import SID, TOKEN, fresh, running
from tests.usecases.photos.photo_post import Post


@pytest.fixture(scope="module")
def twilio() -> Iterator[str]:
    with running() as url:
        yield url


@pytest.fixture
def post(at_rest: dict[str, str], twilio: str, tmp_path: Path) -> Iterator[Post]:
    env = {**at_rest, "TWILIO_ACCOUNT_SID": SID, "TWILIO_AUTH_TOKEN": TOKEN, "TWILIO_API_URL": twilio}
    services = build_services(
        load_settings({**env, "IVR_PHOTOS": str(tmp_path / "photos"), "IVR_PHOTOS_PER_DAY": "12"})
    )
    services.store.redis.flushall()
    services.store.redis.set(keys.MANUAL_CLOCK, f"{MONDAY_TWO_PM:.3f}")
    services.clock.sync()
    yield Post(s=services, emulator=fresh(twilio), folder=tmp_path / "photos")
    services.store.redis.close()
    services.store.redis.connection_pool.disconnect()
