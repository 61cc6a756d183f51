"""The page of acts in a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from ivr.cli.demo.stage import Stage
from ivr.domain.actor import Actor, Channel
from ivr.domain.records.account import Role
from ivr.usecases.customers import profile as customer_profile
from tests.browser.access import faults, fits
from tests.browser.conftest import Visit
from tests.browser.shortcut import press_shortcut
from tests.browser.signed_in import signed_in_page
from tests.web.browser import hire

LORI = "+12025550155"


@pytest.fixture
def ada(stage: Stage, visit: Visit) -> Page:
    hire(stage.services, "Ada", Role.OPS, phone=False)
    return signed_in_page(visit, stage.settings.public_url, "Ada", "/audit-log/")


def test_everybody_can_use_the_page_of_acts(stage: Stage, ada: Page) -> None:
    for n in range(60):
        who = Actor(id="root" if n % 2 else "diane", channel=Channel.TERMINAL)
        customer_profile.set_shared(stage.services, LORI, shared=bool(n % 3), actor=who)
    ada.reload()
    expect(ada.get_by_role("row")).to_have_count(51)
    assert faults(ada) == []
    ada.get_by_label("Who", exact=True).fill("root")
    ada.get_by_label("What", exact=True).select_option("customer edited")
    ada.get_by_role("button", name="Show").click()
    expect(ada.get_by_role("row")).to_have_count(31)
    ada.get_by_role("link", name="Acts").click()
    expect(ada.get_by_role("row")).to_have_count(51)
    press_shortcut(ada, "n")
    expect(ada.get_by_role("heading", name="Earlier")).to_be_visible()
    assert fits(ada)
