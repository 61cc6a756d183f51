"""Send what a page sends and wait for the server's answer: a play's clock must not run on while it is under way."""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Locator, Page

from tests.browser.shortcut import press_shortcut


@contextmanager
def answered(page: Page) -> Iterator[None]:
    """Wait at the end until a POST that this page sends meanwhile is answered."""
    with page.expect_response(lambda response: response.request.method == "POST"):
        yield


def click_and_send(button: Locator) -> None:
    """Click, and wait until what it sent is answered."""
    with answered(button.page):
        button.click()


def press_and_send(page: Page, keys: str) -> None:
    """Press these keys, and wait until what they sent is answered."""
    with answered(page):
        press_shortcut(page, keys)
