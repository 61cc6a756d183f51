"""What the tests of signing in have in common."""

from __future__ import annotations

from collections.abc import Callable

from tests.web.browser import Browser

Browse = Callable[[], Browser]


MINUTE, HOUR = 60.0, 3600.0
