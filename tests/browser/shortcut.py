"""Press a page's shortcuts."""

from playwright.sync_api import Page


def press_shortcut(page: Page, keys: str) -> None:
    """Press these keys, one after the other, once the page's scripts have run: before that, nobody hears them."""
    page.wait_for_load_state("load")
    page.keyboard.type(keys)
