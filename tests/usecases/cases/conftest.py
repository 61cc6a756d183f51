"""The line with an agent."""

from __future__ import annotations

import pytest

from ivr.services import Services
from ivr.usecases.staff import roster
from tests.stories.people import DIANE, VICKI


@pytest.fixture
def services(still: Services) -> Services:
    for name, phone in (("Diane", DIANE), ("Vicki", VICKI)):
        roster.add_agent(still, roster.AgentDetails(name=name, phone=phone))
    return still
