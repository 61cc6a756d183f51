"""Cases in a real browser: two colleagues on one case, somebody without a mouse, and a small telephone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from ivr.cli.demo.stage import Stage
from ivr.domain.actor import Actor, Channel
from ivr.domain.records.agent_leg import LegState
from ivr.usecases.cases import edit as case_edit
from ivr.usecases.customers import profile as customer_profile
from tests.browser.access import faults, fits
from tests.browser.shortcut import press_shortcut
from tests.browser.signed_in import signed_in_page
from tests.stories.people import DIANE, LORI, pause
from tests.stories.watch import offered, reach
from tests.web.browser import hire

Visit = Callable[..., Page]
SignIn = Callable[..., Page]
BY = Actor(id="diane", channel=Channel.PAGE)


@pytest.fixture
def sign_in(stage: Stage, visit: Visit) -> SignIn:
    def signed_in(name: str, path: str, **options: object) -> Page:
        hire(stage.services, name)
        return signed_in_page(visit, stage.settings.public_url, name, path, **options)

    return signed_in


@pytest.fixture
def case(stage: Stage) -> str:
    """Lori's, on which somebody has written."""
    s = stage.services
    customer_profile.set_name(s, LORI, "Lori Miller")
    made = case_edit.open_case(s, LORI, "The lost suitcase", actor=BY).id
    case_edit.open_case(s, LORI, "A refund", actor=BY)
    customer_profile.edit_needs(s, LORI, "use her name", author="Vicki")
    case_edit.add_note(s, made, "It is in Denver", actor=BY)
    return made


def test_two_windows_read_each_others_notes_and_neither_loses_what_is_typed(
    case: str, sign_in: SignIn
) -> None:
    diane, vicki = sign_in("Diane", f"/cases/{case}"), sign_in("Vicki", f"/cases/{case}")
    vicki.get_by_role("textbox", name="Note").fill("I am still writ")
    vicki.get_by_text("Hand it on, rename it").click()
    vicki.get_by_label("What it is about").first.fill("The suit")
    vicki.get_by_role("textbox", name="Note").focus()
    diane.get_by_role("textbox", name="Note").fill("It came on Tuesday <b>")
    diane.get_by_role("button", name="Add the note").click()
    expect(vicki.get_by_text("It came on Tuesday <b>")).to_be_visible()
    expect(diane.get_by_text("It came on Tuesday <b>", exact=True)).to_be_visible()
    expect(diane.get_by_role("textbox", name="Note")).to_have_value("")
    press_shortcut(diane, "m")
    diane.get_by_label("A need, or what they prefer").fill("give her time")
    diane.get_by_role("button", name="Add it").click()
    expect(vicki.get_by_text("give her time")).to_be_visible()
    expect(vicki.get_by_label("What it is about").first).to_have_value("The suit")
    expect(vicki.get_by_role("textbox", name="Note")).to_have_value("I am still writ")
    expect(vicki.get_by_role("textbox", name="Note")).to_be_focused()
    vicki.keyboard.type("ing")
    vicki.get_by_role("button", name="Add the note").click()
    expect(diane.get_by_text("I am still writing")).to_be_visible()
    vicki.get_by_role("button", name="Take it").click()
    expect(diane.get_by_text("Vicki owns it.")).to_be_visible()


def test_a_case_is_found_while_one_types_and_worked_on_with_the_keyboard_alone(
    case: str, sign_in: SignIn
) -> None:
    diane = sign_in("Diane", "/")
    press_shortcut(diane, "gc")
    expect(diane.get_by_role("heading", name="Latest")).to_be_visible()
    expect(diane.get_by_role("link", name="A refund")).to_be_visible()
    press_shortcut(diane, "/")
    diane.keyboard.type("miller denv")
    expect(diane.get_by_role("heading", name="Found")).to_be_visible()
    expect(diane.get_by_role("link", name="A refund")).to_be_hidden()
    assert faults(diane) == []
    diane.get_by_role("link", name="The lost suitcase").focus()
    diane.keyboard.press("Enter")
    expect(diane.get_by_role("heading", name="The lost suitcase")).to_be_visible()
    assert faults(diane) == []
    press_shortcut(diane, "t")
    expect(diane.get_by_text("Diane owns it.")).to_be_visible()
    press_shortcut(diane, "n")
    diane.keyboard.type("It is here")
    diane.keyboard.press("Tab")
    diane.keyboard.press("Enter")
    expect(diane.get_by_text("It is here")).to_be_visible()
    diane.get_by_text("Hand it on, rename it").click()
    diane.get_by_text("Open another for them").click()
    diane.get_by_text("Add a need").click()
    diane.get_by_role("button", name="Close it").click()
    expect(diane.get_by_role("button", name="Open it again")).to_be_visible()
    assert faults(diane) == []


def test_both_pages_fit_a_small_telephone(case: str, sign_in: SignIn) -> None:
    page = sign_in("Diane", "/cases/", viewport={"width": 360, "height": 740})
    page.get_by_text("Open a case").click()
    assert fits(page)
    page.get_by_role("link", name="The lost suitcase").click()
    expect(page.get_by_role("heading", name="The lost suitcase")).to_be_visible()
    for more in ("Hand it on, rename it", "Add a need", "Open another for them"):
        page.get_by_text(more).click()
    assert fits(page)
    page.get_by_role("textbox", name="Note").fill("x" * 200)
    page.get_by_role("button", name="Add the note").click()
    expect(page.get_by_text("x" * 200, exact=True)).to_be_visible()
    assert fits(page)


def test_the_brief_leads_to_the_case_in_a_window_of_its_own(stage: Stage, case: str, sign_in: SignIn) -> None:
    diane = sign_in("Diane", "/desk/")
    stage.add_agent("Diane", DIANE, [pause(3000)])
    stage.call_line(LORI, [pause(3000)])
    reach(stage, offered("Diane", LegState.RINGING))
    with diane.expect_popup() as beside:
        diane.get_by_role("link", name="Their case").click()
    expect(beside.value.get_by_role("heading", name="The lost suitcase")).to_be_visible()
    expect(diane.get_by_role("button", name="Accept")).to_be_visible()
