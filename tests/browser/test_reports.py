"""Reports in a real browser: a call that was just over is in them, by the keyboard alone, in light and in dark, on a telephone."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from ivr.cli.demo.stage import OUR_NUMBER, Stage
from ivr.domain.records.account import Role
from ivr.store import keys
from tests.browser.access import faults, fits
from tests.browser.shortcut import press_shortcut
from tests.browser.signed_in import signed_in_page
from tests.stories.people import DIANE, HANG_UP, LORI, TAKES_IT, pause, wraps_up
from tests.stories.watch import to_the_end
from tests.web.browser import hire

Visit = Callable[..., Page]


def test_a_call_that_is_over_is_in_the_report(stage: Stage, visit: Visit) -> None:
    hire(stage.services, "Olga", Role.OPS, phone=False)
    page = signed_in_page(visit, stage.settings.public_url, "Olga", "/reports/")
    expect(page.get_by_role("heading", name="Nothing to tell yet")).to_be_visible()
    assert faults(page) == []
    stage.add_agent("Diane", DIANE, [*TAKES_IT, *wraps_up()])
    stage.call_line(LORI, [pause(40), HANG_UP])
    to_the_end(stage)
    stage.play(60)
    stage.call_control_api(
        "POST", "/emulator/texts", {"from": LORI, "to": OUR_NUMBER, "body": "5 Diane was kind"}
    )
    stage.play(30, until=lambda: bool(stage.services.store.redis.exists(keys.RATING_COMMENTS)))
    press_shortcut(page, "gr")
    level = page.get_by_role("region", name="Service level")
    expect(level).to_contain_text("100 % 1 of 1 asked for a person")
    expect(page.get_by_role("region", name="Resolved at first contact (FCR)")).to_contain_text("100 %")
    expect(page.get_by_role("blockquote")).to_have_text("Diane was kind")
    assert faults(page) == []
    page.get_by_label("By", exact=True).focus()
    page.keyboard.type("Agent")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("row", name="Diane")).to_contain_text("5.0")
    assert faults(page) == []
    assert fits(page)
    with page.expect_download() as loaded:
        page.get_by_role("link", name="As a table (CSV)").press("Enter")
    table = loaded.value.path().read_text().splitlines()
    assert [line.split(",")[0] for line in table] == ["agent", "diane", "all"]
