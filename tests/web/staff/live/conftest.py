"""The hub that open pages listen to."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ivr.services import Services
from ivr.web.staff.live.hub import Hub


@pytest.fixture
def hub(still: Services) -> Iterator[Hub]:
    made = Hub(lambda: still)
    yield made
    made.close()
