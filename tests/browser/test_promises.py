"""The page of promises in a real browser: it follows what happens, by keyboard, on a small telephone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from ivr.cli.demo.stage import Stage
from ivr.domain.records.account import Role
from ivr.domain.records.promise import PromiseState
from ivr.usecases.promises import page_list
from ivr.usecases.promises.page_list import PromiseListKind
from tests.browser.access import faults, fits
from tests.browser.shortcut import press_shortcut
from tests.browser.signed_in import signed_in_page
from tests.stories.callbacks.owed import KEEPS_HER_PLACE, SUITCASE, promised, the_promise
from tests.web.browser import hire

Visit = Callable[..., Page]


@pytest.fixture
def page(stage: Stage, visit: Visit) -> Page:
    """A supervisor looks at what is owed: nothing yet."""
    hire(stage.services, "Boss", Role.SUPERVISOR)
    page = signed_in_page(visit, stage.settings.public_url, "Boss", "/callbacks/")
    expect(page.get_by_text("Nothing is owed.")).to_be_visible()
    return page


def test_a_promise_comes_is_moved_and_taken_by_keyboard(stage: Stage, page: Page) -> None:
    assert faults(page) == []
    promised(stage, KEEPS_HER_PLACE)
    expect(page.get_by_text(SUITCASE)).to_be_visible()
    assert faults(page) == []
    assert fits(page)
    page.get_by_role("link", name="More").press("Enter")
    expect(page.get_by_role("heading", name="Another time")).to_be_visible()
    press_shortcut(page, "m")
    times = page.get_by_role("combobox", name="Another time")
    expect(times).to_be_focused()
    times.select_option(index=3)
    page.get_by_role("button", name="Move it").press("Enter")
    expect(page.get_by_text("told a new time 1×")).to_be_visible()
    assert the_promise(stage).times_rescheduled == 1
    assert faults(page) == []
    assert fits(page)
    page.get_by_label("What the customer said").focus()
    page.keyboard.press("Enter")  # nothing is typed: the browser says so, and nothing is sent
    page.get_by_role("heading", name="Now", exact=True).click()
    press_shortcut(page, "t")
    expect(page.get_by_text("In a person's hands")).to_be_visible()
    assert the_promise(stage).state is PromiseState.OWNED
    press_shortcut(page, "gp")
    page.get_by_role("link", name="Mine").press("Enter")
    expect(page.get_by_role("heading", name="In your hands")).to_be_visible()
    assert (
        page_list.get_promise_page(stage.services, "boss", PromiseListKind.OPEN, 1).counts[
            PromiseListKind.ENDED
        ]
        == 1
    )
