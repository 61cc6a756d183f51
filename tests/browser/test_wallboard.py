"""The wallboard in a real browser: who waits and talks as it happens, a supervisor's ear, and a wall without a scroll bar."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from ivr.cli.demo.stage import Stage
from ivr.domain.records.account import Role
from ivr.domain.records.agent import AgentState
from tests.browser.access import faults, fits
from tests.browser.sending import press_and_send
from tests.browser.signed_in import signed_in_page
from tests.stories.people import BOSS, DIANE, LORI, TAKES_IT, listen, pause, press
from tests.stories.watch import reach, together
from tests.web.browser import hire

Visit = Callable[..., Page]
AWAY = AgentState.AWAY
WALL = ViewportSize(width=1920, height=1080)


@pytest.fixture
def page(stage: Stage, visit: Visit) -> Page:
    hire(stage.services, "Boss", Role.SUPERVISOR, phone=False)
    stage.add_agent("Boss", BOSS, [listen("you want to hear"), press("1")], supervisor=True)
    page = signed_in_page(visit, stage.settings.public_url, "Boss", "/wallboard/")
    expect(page.get_by_text("Nobody waits.")).to_be_visible()
    return page


def test_a_caller_waits_talks_and_is_heard(stage: Stage, page: Page) -> None:
    stage.set_agent_state("Boss", AWAY)
    stage.call_line(LORI, [pause(3000)])
    stage.play(20)
    expect(page.get_by_text("…155")).to_be_visible()
    timer = page.get_by_role("region", name="By queue").locator(".timer").first
    before = timer.inner_text()
    expect(timer).not_to_have_text(before)  # it ticks
    assert faults(page) == []
    page.get_by_text("Who and why").press("Enter")
    expect(page.get_by_text(LORI)).to_be_visible()
    stage.add_agent("Diane", DIANE, [*TAKES_IT, pause(3000)])
    reach(stage, together(DIANE, LORI))
    expect(page.get_by_text("Diane with …155")).to_be_visible()
    page.get_by_role("button", name="Listen").press("Enter")
    expect(page.get_by_text("Pick up your phone and press 1.")).to_be_visible()
    reach(stage, together(DIANE, LORI, BOSS), 30)
    expect(page.get_by_text("You listen")).to_be_visible()
    page.get_by_role("button", name="Whisper").press("Enter")
    expect(page.get_by_text("You whisper to the agent")).to_be_visible()
    assert faults(page) == []
    assert fits(page)
    press_and_send(page, "x")
    expect(page.get_by_text("You whisper")).to_have_count(0)
    reach(stage, together(DIANE, LORI), 20)


def test_a_wall_shows_all_of_it_on_one_screen(stage: Stage, page: Page) -> None:
    for n in range(12):
        stage.add_agent(f"Agent {n}", f"+120255501{20 + n}", [pause(1)])
        stage.set_agent_state(f"Agent {n}", AWAY)
    stage.set_agent_state("Boss", AWAY)
    for n in range(10):
        stage.call_line(f"+1202555016{n}", [pause(3000)])
    stage.play(30)
    page.get_by_role("link", name="For the wall").press("Enter")
    page.set_viewport_size(WALL)
    expect(page.get_by_text("and 2 more")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollHeight") <= WALL["height"]
    assert faults(page) == []
    assert fits(page)
