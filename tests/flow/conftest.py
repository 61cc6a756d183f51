"""A talk with the shipped line."""

from __future__ import annotations

import pytest

from tests.flow.caller import Talk, library
from tests.flow.talking import MENUS


@pytest.fixture
def talk() -> Talk:
    return Talk(library=library(MENUS))
