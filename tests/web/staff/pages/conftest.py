"""People, their browsers, and a provider that knows them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ivr.domain.records.account import Role
from ivr.services import Services
from tests.conftest import MONDAY_TWO_PM
from tests.web.browser import Browser, hire
from tests.web.oidc_provider import Provider, running
from tests.web.staff.pages.flow_editor import Browse


@pytest.fixture(scope="module")
def company() -> Iterator[Provider]:
    with running(MONDAY_TWO_PM) as provider:
        yield provider


@pytest.fixture
def provider(company: Provider) -> Provider:
    company.fresh()
    return company


@pytest.fixture
def ada(still: Services, browse: Browse) -> Browser:
    hire(still, "Ada", Role.OPS, phone=False)
    browser = browse()
    browser.sign_in("Ada")
    return browser
