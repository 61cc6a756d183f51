from __future__ import annotations

import pytest

from ivr.cli.stage import Stage
from tests.web.webhooks import Twilio


@pytest.fixture
def twilio(running: Stage) -> Twilio:
    return Twilio(settings=running.settings)
