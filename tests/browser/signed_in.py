"""Sign in through the page, as staff do."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.web.browser import PASSWORD

Visit = Callable[..., Page]


def signed_in_page(visit: Visit, public_url: str, name: str, path: str = "/", **options: object) -> Page:
    """Sign this person in and return their page at `path`; `options` are those of the visit."""
    page = visit(f"{public_url}/sign-in?next={path}", **options)
    page.get_by_label("E-mail").fill(f"{name.lower()}@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    return page
