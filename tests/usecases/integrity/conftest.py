"""A hand at the record."""

from __future__ import annotations

import pytest

from ivr.services import Services
from tests.usecases.integrity.hand import Hand


@pytest.fixture
def hand(still: Services) -> Hand:
    return Hand(still)
