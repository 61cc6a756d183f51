"""What nobody may be kept out by: faults that axe finds, and pages wider than a telephone."""

from typing import Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
NARROW = 360  # CSS pixels


def faults(page: Page) -> list[str]:
    """What axe finds in light and in dark."""
    found = []
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        for one in Axe().run(page).response["violations"]:
            where = [node["target"] for node in one["nodes"]]
            found.append(f"{scheme}: {one['id']}: {one['help']}: {where}")
    return found


def fits(page: Page) -> bool:
    """Whether nothing has to be scrolled sideways on a small telephone."""
    page.set_viewport_size({"width": NARROW, "height": 740})
    width: int = page.evaluate("document.documentElement.scrollWidth")
    return width <= NARROW
