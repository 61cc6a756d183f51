"""The desk in a real browser: Diane takes Lori's call with clicks, Vicki helps, and nobody loses a word."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from ivr.cli.demo.stage import Stage
from ivr.domain.records.agent import AgentState
from ivr.domain.records.agent_leg import LegState
from tests.browser.access import faults, fits
from tests.browser.sending import click_and_send, press_and_send
from tests.browser.signed_in import signed_in_page
from tests.stories.people import AT_DESK, DIANE, LORI, VICKI, contacts, pause
from tests.stories.watch import hangs_up, offered, reach, to_the_end, together, was_told
from tests.web.browser import hire

Visit = Callable[..., Page]


@pytest.fixture
def desk(stage: Stage, visit: Visit) -> Callable[[str], Page]:
    """Somebody signs in and opens their desk; they pick up their phone and press 1."""

    def opened(name: str, **options: object) -> Page:
        hire(stage.services, name, phone=False)
        stage.add_agent(name, {"Diane": DIANE, "Vicki": VICKI}[name], AT_DESK)
        page = signed_in_page(visit, stage.settings.public_url, name, "/desk/", **options)
        expect(page.get_by_role("heading", name="Desk")).to_be_visible()
        return page

    return opened


def calls(stage: Stage, name: str) -> None:
    """Lori rings and this agent is asked."""
    stage.call_line(LORI, [pause(3000)])
    reach(stage, offered(name, LegState.RINGING))


def accept(page: Page) -> None:
    click_and_send(page.get_by_role("button", name="Accept"))
    expect(page.get_by_text("You have accepted. Pick up your phone and press 1.")).to_be_visible()


def test_a_call_from_the_brief_to_the_last_word(stage: Stage, desk: Callable[[str], Page]) -> None:
    diane = desk("Diane")
    calls(stage, "Diane")
    expect(diane.get_by_role("heading", name="A call for support")).to_be_visible()
    assert faults(diane) == []
    press_and_send(diane, "1")
    expect(diane.get_by_text("You have accepted. Pick up your phone and press 1.")).to_be_visible()
    reach(stage, together(DIANE, LORI))
    expect(diane.get_by_text("Talking", exact=False).first).to_be_visible()
    assert faults(diane) == []
    diane.get_by_role("textbox", name="Note").fill("Her suitcase is in Denver <b>")
    expect(diane.get_by_text("Kept.", exact=True)).to_be_visible()
    click_and_send(diane.get_by_role("button", name="Hold"))
    expect(diane.get_by_role("button", name="Back to the caller")).to_be_visible()
    reach(stage, lambda s: was_told(s, LORI, "hold"), 20)
    click_and_send(diane.get_by_role("button", name="Back to the caller"))
    expect(diane.get_by_role("button", name="Hold")).to_be_visible()
    reach(stage, together(DIANE, LORI), 10)
    hangs_up(stage, LORI)
    reach(stage, lambda s: was_told(s, DIANE, "How did it end"), 30)
    expect(diane.get_by_label("What did you understand?")).to_have_value("Her suitcase is in Denver <b>")
    assert faults(diane) == []
    diane.get_by_label("Helped").check()
    diane.get_by_label("What happens next?").fill("It comes tomorrow")
    click_and_send(diane.get_by_role("button", name="Save and be free"))
    expect(diane.get_by_text("You are available")).to_be_visible()
    assert to_the_end(stage).disposition == "helped"


def test_a_colleague_is_asked_introduced_and_left_with_the_caller_in_two_windows(
    stage: Stage, desk: Callable[[str], Page]
) -> None:
    diane = desk("Diane")
    calls(stage, "Diane")
    accept(diane)
    reach(stage, together(DIANE, LORI))
    stage.set_agent_state("Diane", AgentState.AWAY)
    vicki = desk("Vicki")
    expect(diane.get_by_label("Who")).to_contain_text("Vicki (available")
    diane.get_by_label("Who").select_option("agent:vicki")
    diane.get_by_label("Why, for them to hear").fill("She needs a refund")
    click_and_send(diane.get_by_role("button", name="Ask them first"))
    expect(diane.get_by_text("Vicki is being rung")).to_be_visible()
    reach(stage, offered("Vicki", LegState.RINGING))
    expect(vicki.get_by_role("heading", name="A colleague asks for you")).to_be_visible()
    expect(vicki.get_by_text("She needs a refund")).to_be_visible()
    accept(vicki)
    reach(stage, together(DIANE, VICKI))
    click_and_send(diane.get_by_role("button", name="Introduce them"))
    expect(diane.get_by_text("Talking, with Vicki")).to_be_visible()
    reach(stage, together(DIANE, VICKI, LORI), 10)
    click_and_send(diane.get_by_role("button", name="Leave them together"))
    expect(diane.get_by_role("button", name="Save and be free")).to_be_visible()
    reach(stage, together(VICKI, LORI), 10)
    expect(vicki.get_by_role("button", name="Hold")).to_be_visible()
    assert contacts(stage)[0].transfers == 1


def test_two_tabs_agree_and_the_slower_click_is_told_why(stage: Stage, desk: Callable[[str], Page]) -> None:
    one = desk("Diane")
    two = one.context.new_page()
    two.goto(one.url)
    calls(stage, "Diane")
    expect(two.get_by_role("button", name="Pass on")).to_be_visible()
    click_and_send(one.get_by_role("button", name="Accept"))
    expect(two.get_by_text("You have accepted. Pick up your phone and press 1.")).to_be_visible()
    reach(stage, together(DIANE, LORI))
    expect(two.get_by_role("button", name="Hold")).to_be_visible()


def test_it_fits_a_narrow_screen(stage: Stage, desk: Callable[..., Page]) -> None:
    page = desk("Diane", viewport={"width": 360, "height": 740})
    calls(stage, "Diane")
    accept(page)
    reach(stage, together(DIANE, LORI))
    expect(page.get_by_role("button", name="Hold")).to_be_visible()
    assert fits(page)


def test_a_desk_that_loses_its_connection_says_so_and_catches_up(
    stage: Stage, desk: Callable[[str], Page], complaints: list[str]
) -> None:
    page = desk("Diane")
    page.context.set_offline(True)
    expect(page.get_by_text("Connection lost", exact=False)).to_be_visible()
    calls(stage, "Diane")
    page.context.set_offline(False)
    expect(page.get_by_role("button", name="Accept")).to_be_visible()
    expect(page.get_by_text("Connection lost", exact=False)).to_have_count(0)
    complaints[:] = [one for one in complaints if "ERR_INTERNET_DISCONNECTED" not in one]


def test_a_browser_that_dies_takes_neither_the_call_nor_the_note(
    stage: Stage, desk: Callable[[str], Page]
) -> None:
    page = desk("Diane")
    calls(stage, "Diane")
    accept(page)
    reach(stage, together(DIANE, LORI))
    page.get_by_role("textbox", name="Note").fill("Black, with a red ribbon")
    expect(page.get_by_text("Kept.", exact=True)).to_be_visible()
    other = page.context.new_page()
    page.close()
    stage.play(20)
    assert together(DIANE, LORI)(stage)
    other.goto(f"{stage.settings.public_url}/desk/")
    expect(other.get_by_role("textbox", name="Note")).to_have_value("Black, with a red ribbon")
    expect(other.get_by_role("button", name="Hold")).to_be_visible()


def test_every_page_of_ones_own_is_for_everybody(
    stage: Stage, desk: Callable[[str], Page], visit: Visit
) -> None:
    page = desk("Diane")
    for path in ("/", "/me/password"):
        page.goto(f"{stage.settings.public_url}{path}")
        assert faults(page) == [], path
        assert fits(page)
    assert faults(visit(f"{stage.settings.public_url}/sign-in")) == []
