"""Wait for what a page began and does not show."""

from collections.abc import Callable

from playwright.sync_api import Page

ATTEMPTS, PAUSE_MS = 1000, 20


def wait_until(page: Page, condition: Callable[[], bool]) -> None:
    """Let the page go on until the condition holds; a play's own time does not pass meanwhile."""
    for _ in range(ATTEMPTS):
        if condition():
            return
        page.wait_for_timeout(PAUSE_MS)
    raise AssertionError("It did not happen.")
