"""The picture of a flow in a page, looked at by Chromium: readable, by keyboard, and for a screen reader."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from ivr.flow.checker.check import check_flows
from ivr.flow.diagram.model import make_diagram
from ivr.flow.diagram.svg import render_svg
from ivr.flow.loader.library import load_flows
from tests.browser.access import faults, fits
from tests.browser.conftest import Visit

ROOT = Path(__file__).parents[2]
LOOK = [ROOT / "ivr/web/static/staff" / name for name in ("staff.css", "picture.css")]
# How far words are over the edge of their box.
OVER = """() => [...document.querySelectorAll("svg a")].flatMap(a => {
  const edge = a.querySelector(".outer").getBBox();
  return [...a.querySelectorAll("text")].filter(text => {
    const at = text.getBBox();
    return at.x < 4 || at.x + at.width > edge.width - 4 || at.y + at.height > edge.height;
  }).map(text => text.textContent);
})"""


@pytest.fixture
def page(visit: Visit, tmp_path: Path) -> Page:
    library = load_flows(ROOT / "flows")
    (report,) = check_flows(library)
    svg = render_svg(make_diagram(report.flow, library, longest_path=report.longest_path))
    looks = "".join(f"<style>{path.read_text('utf-8')}</style>" for path in LOOK)
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>A flow</title>{looks}'
    file = tmp_path / "page.html"
    file.write_text(f'<!doctype html><html lang="en"><head>{head}</head><body><main><h1>A flow</h1><div class="scroll">{svg}</div></main></body></html>')  # fmt: skip
    return visit(file.as_uri())


def test_the_picture_is_read_by_keyboard_and_by_ear_on_a_small_telephone_too(page: Page) -> None:
    assert page.evaluate(OVER) == []
    steps = page.get_by_role("list", name="Steps of main and where they lead").get_by_role("listitem")
    expect(steps).to_have_count(10)
    first = steps.first.get_by_role("link")
    expect(first).to_have_accessible_name(
        "earlier: recall: what we know already. 1 about that: to support. 2 something new: to greeting. "
        "nothing known: to greeting. silence: to support. number 1 on the longest way."
    )
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="earlier: recall")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("#step-earlier$"))
    assert faults(page) == []
    assert fits(page)
