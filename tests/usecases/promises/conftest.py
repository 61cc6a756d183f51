"""The line under its bounds."""

from __future__ import annotations

import pytest

from ivr.services import Services
from tests.usecases.promises.asking_for_calls import bounded


@pytest.fixture
def services(still: Services) -> Services:
    return bounded(still)
