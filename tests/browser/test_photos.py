"""Photos by text, from the click that asks for them to the picture on the desk: real processes, a real telephone network but Twilio's."""

from __future__ import annotations

import json
from collections.abc import Callable
from urllib.request import Request, urlopen

from playwright.sync_api import Page, expect

from ivr.cli.demo.stage import OUR_NUMBER, Stage
from tests.browser.access import faults, fits
from tests.browser.sending import click_and_send
from tests.browser.test_desk import accept, calls, desk
from tests.stories.people import DIANE, LORI, texts_to
from tests.stories.watch import reach, together
from tests.usecases.photos.pictures import SCRIPT, picture, telling

__all__ = ["desk"]


def texts(stage: Stage, *pictures: bytes, words: str = "") -> None:
    """Lori texts pictures to our number."""
    media = []
    for one in pictures:
        request = Request(  # noqa: S310 - our own emulator
            f"{stage.emulator_url}/emulator/pictures", one, {"Content-Type": "image/jpeg"}
        )
        with urlopen(request, timeout=10) as answer:  # noqa: S310
            media.append(json.load(answer)["url"])
    told = {"from": LORI, "to": OUR_NUMBER, "body": words, "media": media}
    stage.call_control_api("POST", "/emulator/texts", told)


def shown(page: Page) -> list[int]:
    """The widths of the pictures that have really come, in pixels."""
    found: list[int] = page.locator(".photo img").evaluate_all("all => all.map(i => i.naturalWidth)")
    return found


def test_photos_are_asked_for_in_the_talk_and_appear_there(stage: Stage, desk: Callable[[str], Page]) -> None:
    diane = desk("Diane")
    calls(stage, "Diane")
    accept(diane)
    reach(stage, together(DIANE, LORI))
    click_and_send(diane.get_by_role("button", name="Ask for photos by text"))
    expect(diane.get_by_text("They were asked.")).to_be_visible()
    reach(stage, lambda s: any("answer this text with a photo" in t for t in texts_to(s, LORI)))
    texts(stage, telling(), picture("PNG", (900, 500)), SCRIPT, words="The bills, both pages")
    reach(stage, lambda s: any("thank you, we have it" in t for t in texts_to(s, LORI)))
    expect(diane.get_by_role("link", name="open it large")).to_have_count(2)
    expect(diane.get_by_text("could not be kept: it is no picture")).to_be_visible()
    expect(diane.get_by_text("They were asked.")).to_have_count(0)
    diane.wait_for_function("[...document.querySelectorAll('.photo img')].every(i => i.complete)")
    assert sorted(shown(diane)) == [240, 480]
    assert faults(diane) == []
    assert fits(diane)
    diane.set_viewport_size({"width": 1100, "height": 900})
    with diane.expect_popup() as opened:
        diane.get_by_role("link", name="open it large").first.click()
    assert opened.value.evaluate("document.images[0].naturalWidth") in (320, 900)


def test_one_that_comes_outside_of_a_talk_is_on_the_desk_at_once(
    stage: Stage, desk: Callable[[str], Page]
) -> None:
    diane = desk("Diane")
    texts(stage, picture(size=(700, 400)))
    expect(diane.get_by_role("heading", name="A photo from the number ending 155")).to_be_visible()
    reach(stage, lambda s: any("thank you, we have it" in t for t in texts_to(s, LORI)))
    expect(diane.locator(".photo img")).to_have_count(1)
    assert faults(diane) == []
    diane.get_by_role("button", name="I have seen it").click()
    expect(diane.get_by_role("heading", name="A photo from")).to_have_count(0)
