"""The flows in a real browser, by keyboard: somebody who has never seen the pages changes hours and a menu, looks at what it does
to the calls that were made, and publishes.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from ivr.cli.demo.stage import Stage
from ivr.domain.records.account import Role
from ivr.domain.records.agent import AgentState
from ivr.domain.records.contact import ContactState
from ivr.store.queries import flow_versions
from ivr.usecases.flows import publish
from tests.browser.access import faults, fits
from tests.browser.conftest import Visit
from tests.browser.shortcut import press_shortcut
from tests.browser.signed_in import signed_in_page
from tests.stories.people import DIANE, LORI, TAKES_IT, contacts, listen, pause, press, speak
from tests.stories.watch import hangs_up, reach, was_told
from tests.web.browser import hire

SECOND = "+12025550156"
LATE, EVENING = "+12025550157", "+12025550158"


@pytest.fixture
def ada(stage: Stage, visit: Visit) -> Page:
    hire(stage.services, "Ada", Role.OPS, phone=False)
    page = signed_in_page(visit, stage.settings.public_url, "Ada")
    expect(page.get_by_role("link", name="Flows")).to_be_visible()
    return page


def tab_to(page: Page, name: str, role: str = "link") -> None:
    """As a person without a mouse: on and on, until it is there."""
    there = page.get_by_role(role, name=name, exact=True).first  # type: ignore[arg-type] # a role
    expect(there).to_be_visible()
    for _ in range(80):
        if there.evaluate("e => e === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"no way by Tab to {name}")


def enter(page: Page, name: str, role: str = "link") -> None:
    tab_to(page, name, role)
    page.keyboard.press("Enter")


def retype(page: Page, name: str, words: str) -> None:
    tab_to(page, name, "textbox")
    page.keyboard.press("Control+a")
    page.keyboard.type(words)


def replace(page: Page, old: str, new: str) -> None:
    """In the text of the editor, with the arrow keys' own means: to the words, over them."""
    tab_to(page, "Text of main.yaml", "textbox")
    page.evaluate("old => { const t = document.activeElement, at = t.value.indexOf(old); t.setSelectionRange(at, at + old.length) }", old)  # fmt: skip
    if new:
        page.keyboard.type(new)
    else:
        page.keyboard.press("Delete")


@pytest.fixture
def calls_made(stage: Stage) -> None:
    """Yesterday at nine in the evening, when nobody is here; today one about bookings, and one who says nothing."""
    while not (_weekday(stage, 0) and _weekday(stage, 1)):
        stage.jump_to(stage.now + 24 * 3600)
    stage.jump_to(stage.now + 7 * 3600)
    stage.call_line(EVENING, [listen("Press 1 and we call you"), press("1"), pause(3000)])
    reach(stage, lambda s: was_told(s, EVENING, "We will call you"), 60)
    hangs_up(stage, EVENING)
    stage.jump_to(stage.now + 17 * 3600)
    stage.add_agent("Diane", DIANE, TAKES_IT)
    stage.set_agent_state("Diane", AgentState.AWAY)
    stage.call_line(
        LORI, [listen("For bookings"), speak("a booking"), listen("In one sentence"), speak("my ticket")]
    )
    stage.call_line(SECOND, [listen("For bookings"), pause(3000)])
    reach(stage, lambda s: [c.state for c in contacts(s)][1:] == [ContactState.WAITING] * 2, 90)


def _weekday(stage: Stage, days: int) -> bool:
    """Whether in so many days it is one on which people are here at this hour."""
    at = datetime.fromtimestamp(stage.now, UTC) + timedelta(days=days)
    return at.weekday() < 5 and stage.services.library.is_open("support", at)


@pytest.mark.usefixtures("calls_made")
def test_who_has_never_seen_it_changes_hours_and_a_menu_sees_what_it_does_and_publishes(
    stage: Stage, ada: Page
) -> None:
    page = ada
    press_shortcut(page, "gf")
    expect(page.get_by_role("heading", name="Flows", exact=True)).to_be_visible()
    # the hours
    enter(page, "Hours")
    expect(page.locator("td[aria-current=date]")).to_contain_text("8:00–20:00")
    for day in ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday"):
        retype(page, day, "8:00-22:00")
    enter(page, "Change the week", "button")
    expect(page.get_by_text("The week is changed in your draft.")).to_be_visible()
    expect(page.get_by_text("8:00–22:00").first).to_be_visible()
    assert faults(page) == []
    # the menu
    enter(page, "Files")
    enter(page, "main.yaml")
    expect(page.get_by_text("No fault: nobody can be stranded.")).to_be_visible()
    replace(page, "next: reason_bookings}", "next: reason_bokings}")
    expect(page.get_by_role("link", name=re.compile(r"main\.yaml:\d+:\d+")).first).to_be_visible()
    expect(page.locator(".message").first).to_contain_text('Did you mean "reason_bookings"?')
    assert faults(page) == []
    tab_to(page, page.get_by_role("link", name=re.compile(r"main\.yaml:\d+:\d+")).first.inner_text())
    page.keyboard.press("Enter")
    expect(page.get_by_role("textbox", name="Text of main.yaml")).to_be_focused()
    replace(page, "next: reason_bokings}", "next: reason}")
    replace(page, "  reason_bookings: {ask: reason, seconds: 4, next: bookings}\n", "")
    replace(page, "  bookings: {queue: bookings}\n", "")
    expect(page.get_by_text("No fault: nobody can be stranded.")).to_be_visible()
    # what it does to the calls
    enter(page, "Rehearse")
    enter(page, "Rehearse the calls", "button")
    expect(page.get_by_text("3 calls: 1 goes as it did.")).to_be_visible()
    expect(page.get_by_text("1: person bookings → person support")).to_be_visible()
    expect(page.get_by_text("1: promise support → person support")).to_be_visible()
    assert faults(page) == []
    assert fits(page)
    # published
    enter(page, "Publish")
    expect(page.get_by_text("-  bookings: {queue: bookings}")).to_be_visible()
    retype(page, "Why", "longer evenings, one queue")
    enter(page, "Publish", "button")
    expect(page.get_by_text("Published. New calls follow it from now on", exact=False)).to_be_visible()
    (entry,) = stage.services.store.read(flow_versions.list_published())
    assert (entry.actor, entry.reason) == ("ada", "longer evenings, one queue")
    stage.call_line(LATE, [listen("For bookings"), speak("a booking please"), pause(3000)])
    reach(stage, lambda s: was_told(s, LATE, "In one sentence"))
    assert publish.get_line_status(stage.services).flow_version == entry.version
    enter(page, "History")
    expect(page.get_by_role("cell", name="longer evenings, one queue")).to_be_visible()


def test_a_call_is_talked_with_in_the_page_and_every_page_is_for_everybody(stage: Stage, ada: Page) -> None:
    page, base = ada, stage.settings.public_url
    page.goto(f"{base}/flows/simulate")
    assert faults(page) == []
    enter(page, "Ring", "button")
    expect(page.get_by_role("group", name="What is said")).to_contain_text("For bookings, press 1")
    page.keyboard.press("1")
    expect(page.get_by_role("group", name="What is said")).to_contain_text("In one sentence")
    tab_to(page, "Words", "textbox")
    page.keyboard.type("my <b>ticket")
    page.keyboard.press("Enter")
    expect(page.get_by_role("group", name="What is said")).to_contain_text("my <b>ticket")
    expect(page.get_by_text("The flow's part is over.")).to_be_visible()
    expect(page.get_by_role("status").filter(has_text="queue bookings")).to_have_count(1)
    assert faults(page) == []
    other = page.context.new_page()
    other.goto(base)
    page.goto(f"{base}/announcements/")
    tab_to(page, "Words, in en", "textbox")
    page.keyboard.type("Our office is flooded")
    enter(page, "Say it to every caller", "button")
    expect(page.get_by_role("region", name="Emergency notice")).to_contain_text("Our office is flooded")
    expect(other.get_by_role("region", name="Emergency notice")).to_be_visible()
    other.close()
    assert faults(page) == []
    for path in (
        "/flows/",
        "/flows/edit/main.yaml",
        "/flows/hours",
        "/flows/queues",
        "/flows/simulate",
        "/flows/replay",
        "/flows/changes",
    ):
        page.goto(base + path)
        assert fits(page), path
        if path == "/flows/queues":
            assert faults(page) == []


def test_two_windows_and_a_reload_lose_nothing(ada: Page, stage: Stage, complaints: list[str]) -> None:
    one = ada
    one.goto(f"{stage.settings.public_url}/flows/edit/main.yaml")
    two = one.context.new_page()
    two.goto(one.url)
    replace(one, "# The line as it ships.", "# The line of Ada.")
    one.goto(f"{stage.settings.public_url}/flows/")  # at once: what was typed arrives all the same
    one.go_back()
    expect(one.get_by_role("textbox", name="Text of main.yaml")).to_have_value(
        re.compile("# The line of Ada")
    )
    replace(two, "# The line as it ships.", "# The other line.")
    expect(two.get_by_text("What you type here is not kept.", exact=False)).to_be_visible()
    one.reload()
    expect(one.get_by_role("textbox", name="Text of main.yaml")).to_have_value(
        re.compile("# The line of Ada")
    )
    enter(two, "Keep mine", "button")
    expect(two.get_by_text("What you type is kept in your draft.")).to_be_visible()
    expect(two.get_by_role("textbox", name="Text of main.yaml")).to_have_value(re.compile("# The other line"))
    assert [told for told in complaints if "409" not in told] == []
    complaints.clear()
